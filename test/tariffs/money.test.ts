import { Decimal } from 'decimal.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  divide,
  divideBig,
  divideDown,
  divideHalfUp,
  divideUp,
  formatMicros,
  formatNanos,
  micros,
  nanos,
  parseMicros,
  parseNanos,
} from '../../tariffs/money.ts';

const MODES = { 'half-up': Decimal.ROUND_HALF_UP, up: Decimal.ROUND_UP, down: Decimal.ROUND_DOWN } as const;
const Exact = Decimal.clone({ precision: 60 });

describe('micros()', () => {
  it('refuses what is no exact integer', () => {
    for (const count of [0.5, Number.NaN, Infinity, 2 ** 53]) expect(() => micros(count)).toThrow(RangeError);
  });
});

describe('parseMicros()', () => {
  it('reads plain decimals of at most 6 decimals, and refuses the rest', () => {
    const table: [string, number | null][] = [
      ['0', 0],
      ['-0', 0],
      ['1', 1_000_000],
      ['0.000001', 1],
      ['-0.125', -125_000],
      ['4.547000000', 4_547_000],
      ['9007199254.740991', Number.MAX_SAFE_INTEGER],
      ['9007199254.740992', null],
      ['0.0000001', null],
      ['1,5', null],
      ['1e3', null],
      ['.5', null],
      ['5.', null],
      ['+1', null],
      [' 1', null],
      ['', null],
    ];
    expect(table.map(([text]) => [text, parseMicros(text)])).toEqual(table);
  });

  it('reads back what formatMicros() writes', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (count) => {
        const amount = micros(count === 0 ? 0 : count);
        expect(parseMicros(formatMicros(amount))).toBe(amount);
        expect(formatMicros(amount)).toBe(new Exact(count).div(1e6).toFixed(6));
      }),
    );
  });
});

describe('parseNanos()', () => {
  it('reads prices of at most 9 decimals, never negative, and formatNanos() drops needless zeros', () => {
    expect(parseNanos('0.0125')).toBe(12_500_000);
    expect(parseNanos('0.000000001')).toBe(1);
    expect(parseNanos('0.0000000001')).toBeNull();
    expect(parseNanos('-1')).toBeNull();
    expect([0, 12_500_000, 1_000_000_000, 100_000_000_000].map((count) => formatNanos(nanos(count)))).toEqual([
      '0',
      '0.0125',
      '1',
      '100',
    ]);
  });
});

describe('divide()', () => {
  it('rounds a half up, anything up, anything down', () => {
    expect([14, 15, 16].map((dividend) => divideHalfUp(dividend, 10))).toEqual([1, 2, 2]);
    expect([10, 11, 19].map((dividend) => divideUp(dividend, 10))).toEqual([1, 2, 2]);
    expect([10, 11, 19].map((dividend) => divideDown(dividend, 10))).toEqual([1, 1, 1]);
    expect(divideHalfUp(4, 7)).toBe(1);
    expect(divideHalfUp(3, 7)).toBe(0);
  });

  it('equals decimal.js up to 2^53, and divideBig() beyond', () => {
    const dividends = fc.oneof(
      fc.maxSafeNat(),
      fc.integer({ min: 0, max: 100_000 }),
      fc.constant(Number.MAX_SAFE_INTEGER),
    );
    const divisors = fc.oneof(
      fc.integer({ min: 1, max: 100 }),
      fc.constantFrom(60_000, 60_000_000_000),
      fc.integer({ min: 1, max: 2 ** 31 }),
    );
    fc.assert(
      fc.property(dividends, divisors, fc.constantFrom('half-up', 'up', 'down' as const), (dividend, divisor, mode) => {
        const expected = new Exact(dividend).div(divisor).toDecimalPlaces(0, MODES[mode]).toNumber();
        expect(divide(dividend, divisor, mode)).toBe(expected);
        expect(divideBig(BigInt(dividend), BigInt(divisor), mode)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('is not misled by a floating quotient that was rounded up to the next integer', () => {
    const divisor = 3;
    const dividend = Number.MAX_SAFE_INTEGER - 2;
    expect(divideDown(dividend, divisor)).toBe(Number(BigInt(dividend) / 3n));
    for (let below = 1; below < 2000; below += 1) {
      const product = 2 ** 53 - 1 - below;
      expect(divideDown(product, 2 ** 20 + 1)).toBe(Number(BigInt(product) / (2n ** 20n + 1n)));
    }
  });
});
