import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FramedRecord, MessageFrame, unframeMessage } from '../../kafka/frame-message.ts';

const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 });
const framedRecord: fc.Arbitrary<FramedRecord> = fc.record({
  position: fc.maxSafeNat(),
  item: fc.integer({ min: 0, max: 0xffff_ffff }),
  record: bytes,
  canonical: fc.option(bytes),
});

function frame(records: readonly FramedRecord[]): Buffer {
  const message = new MessageFrame();
  for (const record of records) message.add(record);
  return message.take();
}

/** The records of a message's value, as they were put in; a record that is canonical itself has no second form. */
function unframe(value: Buffer): FramedRecord[] | null {
  const found = unframeMessage(value);
  if (found === null) return null;
  const { buffer, count, positions, items, records, canonical } = found;
  return Array.from({ length: count }, (_, index) => {
    const of = (pairs: Uint32Array) => Uint8Array.from(buffer.subarray(pairs[2 * index], pairs[2 * index + 1]));
    const isCanonical = canonical[2 * index] === records[2 * index];
    return {
      position: positions[index]!,
      item: items[index]!,
      record: of(records),
      canonical: isCanonical ? null : of(canonical),
    };
  });
}

describe('the framing of re-keyed messages', () => {
  it('gives back every record with its place, as it was put in', () => {
    fc.assert(
      fc.property(fc.array(framedRecord, { minLength: 1, maxLength: 30 }), (records) => {
        expect(unframe(frame(records))).toEqual(records);
      }),
    );
  });

  it('knows a value that was cut off or damaged, wherever that was', () => {
    fc.assert(
      fc.property(fc.array(framedRecord, { minLength: 1, maxLength: 4 }), fc.nat(), (records, at) => {
        const whole = frame(records);
        const place = at % whole.length;
        expect(unframe(whole.subarray(0, place))).toBeNull();
        whole[place] = (whole[place] ?? 0) ^ 0xff;
        expect(unframe(whole)).toBeNull();
      }),
    );
  });

  it('takes no other value for one of its own', () => {
    expect(unframeMessage(Buffer.alloc(0))).toBeNull();
    expect(unframeMessage(Buffer.from('{"v":1}'))).toBeNull();
  });

  it('begins a message anew after one was taken', () => {
    const message = new MessageFrame();
    const record = { position: 7, item: 0, record: Uint8Array.of(1, 2), canonical: null };
    message.add(record);
    const first = message.take();
    expect(message.bytes).toBe(0);
    message.add({ ...record, position: 8 });
    expect(unframe(first)).toEqual([record]);
    expect(unframe(message.take())).toEqual([{ ...record, position: 8 }]);
  });
});
