import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonBytes, dateJson, periodJson, piece, viewOf } from '../../../services/billing/json-bytes.ts';
import { formatMicros, micros } from '../../../tariffs/index.ts';

/** What is written after something else, into a buffer that is used again. */
function written(write: (out: JsonBytes) => void): string {
  const out = new JsonBytes(4);
  out.reserve(64);
  out.piece(piece('before'));
  out.clear();
  out.reserve(64);
  write(out);
  return out.written.toString();
}

describe('JsonBytes writes', () => {
  it('whole numbers as String does', () => {
    const numbers = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(0, 9, 10, 2 ** 31 - 1, 2 ** 31, 10 ** 15 - 1));
    fc.assert(
      fc.property(numbers, (value) => {
        expect(written((out) => out.whole(value))).toBe(String(value));
      }),
    );
  });

  it('money as formatMicros does', () => {
    const amounts = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -2_000_000, max: 2_000_000 }));
    fc.assert(
      fc.property(amounts, (amount) => {
        expect(written((out) => out.money(amount))).toBe(`"${formatMicros(micros(amount))}"`);
      }),
    );
  });

  it('instants as toISOString does: their day, then their time', () => {
    const instants = fc.date({ min: new Date(-1e12), max: new Date(4e12), noInvalidDate: true });
    fc.assert(
      fc.property(instants, (date) => {
        const day = Math.floor(date.getTime() / 86_400_000);
        const text = written((out) => {
          out.piece(piece(dateJson(day)));
          out.time(date.getTime() - day * 86_400_000);
        });
        expect(text).toBe(JSON.stringify(date));
      }),
    );
  });

  it('64 bits as 16 hex digits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const high = Number(BigInt.asIntN(32, value >> 32n));
        const low = Number(BigInt.asIntN(32, value));
        const expected = BigInt.asUintN(64, value).toString(16).padStart(16, '0');
        expect(written((out) => out.hex(high, low))).toBe(expected);
      }),
    );
  });

  it('months with a dash', () => {
    expect([periodJson(202_611), periodJson(202_701)]).toEqual(['"2026-11"', '"2027-01"']);
  });

  it('pieces of any text as they are, whether they end within a word of eight bytes or with it', () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 80 }), { maxLength: 9 });
    fc.assert(
      fc.property(texts, (all) => {
        const pieces = all.map((text) => piece(JSON.stringify(text)));
        const expected = all.map((text) => JSON.stringify(text)).join('');
        const text = written((out) => {
          out.reserve(9 * 700);
          for (const each of pieces) out.piece(each);
        });
        expect(text).toBe(expected);
        const padded = Buffer.concat([Buffer.from(expected), Buffer.alloc(8)]);
        const length = Buffer.byteLength(expected);
        const inWords = written((out) => {
          out.reserve(length);
          out.words(viewOf(padded), 0, length);
        });
        expect(inWords).toBe(expected);
      }),
    );
  });

  it('short and long pieces as they are, more than it had room for', () => {
    const long = 'é'.repeat(500);
    const text = written((out) => {
      out.piece(piece('short'));
      out.reserve(2_000);
      out.piece(piece(long));
      out.raw(Buffer.from(`(${long})`), 1, 1_001);
    });
    expect(text).toBe(`short${long}${long}`);
  });
});
