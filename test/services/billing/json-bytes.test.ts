import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonBytes, piece } from '../../../services/billing/json-bytes.ts';
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

  it('instants as toISOString does, also one after another of the same day', () => {
    const instants = fc.date({ min: new Date(-1e12), max: new Date(4e12), noInvalidDate: true });
    fc.assert(
      fc.property(instants, fc.nat({ max: 86_399_999 }), (date, later) => {
        const times = [date.getTime(), date.getTime() + later];
        const expected = times.map((time) => JSON.stringify(new Date(time))).join('');
        expect(written((out) => times.forEach((time) => out.instant(time)))).toBe(expected);
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

  it('months with a dash, short and long pieces as they are, more than it had room for', () => {
    expect(written((out) => out.period(202_611))).toBe('"2026-11"');
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
