import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberSet } from '../../rater/number-set.ts';

function valuesOf(set: NumberSet): number[] {
  return Array.from({ length: set.count }, (_, index) => set.at(index));
}

describe('NumberSet', () => {
  it('says of each number whether it is new, and keeps them in ascending order', () => {
    const set = new NumberSet();
    expect([33_600_000_002, 15, 33_600_000_002, 33_600_000_001, 15].map((value) => set.add(value))).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
    expect(valuesOf(set)).toEqual([15, 33_600_000_001, 33_600_000_002]);
  });

  it('holds numbers of fifteen digits exactly', () => {
    const set = new NumberSet();
    set.add(999_999_999_999_999);
    expect(set.add(999_999_999_999_998)).toBe(true);
    expect(valuesOf(set)).toEqual([999_999_999_999_998, 999_999_999_999_999]);
  });

  it('is a Set, sorted, whatever the order of adds', () => {
    const numbers = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 400 });
    fc.assert(
      fc.property(numbers, (values) => {
        const set = new NumberSet();
        const naive = new Set<number>();
        for (const value of values) {
          expect(set.add(value)).toBe(!naive.has(value));
          naive.add(value);
        }
        expect(valuesOf(set)).toEqual([...naive].toSorted((a, b) => a - b));
      }),
    );
  });
});
