import { describe, expect, test } from 'vitest';
import { admitsLength, parseNsnLengths } from '../../../tariffs/numbering/nsn-lengths.ts';

function lengthsIn(cell: string): readonly number[] {
  const mask = parseNsnLengths(cell) ?? 0;
  return Array.from({ length: 16 }, (_, length) => length).filter((length) => admitsLength(mask, length));
}

describe('parseNsnLengths()', () => {
  test('reads single lengths, spans and lists', () => {
    expect(lengthsIn('9')).toEqual([9]);
    expect(lengthsIn('7-9')).toEqual([7, 8, 9]);
    expect(lengthsIn('5-6 9 12-14')).toEqual([5, 6, 9, 12, 13, 14]);
  });

  test.each(['', '0', '15', '9-7', '9,10', '9  10', ' 9', '9-', 'x'])('refuses %j', (cell) => {
    expect(parseNsnLengths(cell)).toBeNull();
  });
});

describe('admitsLength()', () => {
  test('takes the empty set for any length', () => expect(admitsLength(0, 9)).toBe(true));
});
