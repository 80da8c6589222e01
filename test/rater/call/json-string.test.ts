import { array, assert, constantFrom, nat, oneof, property } from 'fast-check';
import { expect, it } from 'vitest';
import { jsonString } from '../../../rater/index.ts';

it('writes any text as JSON.stringify does, escapes and halves of characters included', () => {
  const unit = oneof(nat({ max: 0xff }), nat({ max: 0xff_ff }), constantFrom(0xd8_3d, 0xde_00, 0x20_28));
  assert(
    property(array(unit, { maxLength: 12 }), (units) => {
      const text = String.fromCharCode(...units);
      expect(jsonString(text)).toBe(JSON.stringify(text));
    }),
    { numRuns: 2_000 },
  );
});
