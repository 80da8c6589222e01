import { describe, expect, test } from 'vitest';
import { expandNumberPattern } from '../../../tariffs/numbering/number-pattern.ts';

describe('expandNumberPattern()', () => {
  test('expands digits, X and choices in ascending order', () => {
    expect(expandNumberPattern('33')).toEqual(['33']);
    expect(expandNumberPattern('31[0-2]')).toEqual(['310', '311', '312']);
    expect(expandNumberPattern('[91-27]')).toEqual(['1', '2', '7', '9']);
    expect(expandNumberPattern('1X')).toHaveLength(10);
    expect(expandNumberPattern('1[2-9]XX[01]')).toHaveLength(1600);
  });

  test.each(['', 'x', '1-2', '[]', '[3-1]', '[-1]', '[1-]', '1[2', '+33', 'XXXXX'])('refuses %j', (pattern) => {
    expect(expandNumberPattern(pattern)).toBeNull();
  });
});
