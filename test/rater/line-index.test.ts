import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineIndex } from '../../rater/line-index.ts';
import type { LineState } from '../../rater/line-state.ts';
import { line, lineState } from './rating-for-test.ts';

test('LineIndex finds every line that was put in and not taken out, by its text and by its bytes, and no other', () => {
  const id = fc.oneof(
    fc.stringMatching(/^[\w.+-]{1,12}$/),
    fc.constantFrom('', 'L1', 'L2', 'Lé', 'x'.repeat(27), 'x'.repeat(28)),
  );
  const change = fc.record({ id, isPut: fc.boolean() });
  fc.assert(
    fc.property(fc.array(id, { maxLength: 200 }), fc.array(change, { maxLength: 100 }), (first, changes) => {
      const index = new LineIndex();
      const expected = new Map<string, LineState>();
      for (const { id: given, isPut } of [...first.map((one) => ({ id: one, isPut: true })), ...changes]) {
        const state = lineState(line(given));
        if (isPut) index.put(state);
        else index.remove(given);
        if (isPut) expected.set(given, state);
        else expected.delete(given);
      }
      expect(new Set(index)).toEqual(new Set(expected.values()));
      for (const asked of [...first, ...changes.map((one) => one.id)]) {
        expect(index.get(asked)).toBe(expected.get(asked));
        if (/[^ -~]/.test(asked) || asked === '' || asked.length > 27) continue;
        const bytes = Buffer.from(`(${asked})`);
        expect(index.find(bytes, 1, 1 + asked.length)).toBe(expected.get(asked) ?? null);
      }
    }),
  );
});

test('LineIndex finds all of many lines', () => {
  const index = new LineIndex();
  const states = Array.from({ length: 1000 }, (_, n) => lineState(line(`L${n * 7}`)));
  for (const state of states) index.put(state);
  expect(states.every((state) => index.get(state.id) === state)).toBe(true);
  expect([...index]).toHaveLength(1000);
});
