import { describe, expect, test } from 'vitest';
import { formatNumber, isShortCode } from '../../../tariffs/index.ts';

describe('formatNumber()', () => {
  test('writes E.164 with a plus and short codes without', () => {
    expect(formatNumber(33612345678)).toBe('+33612345678');
    expect(formatNumber(337000012345678)).toBe('+337000012345678');
    expect(formatNumber(118218)).toBe('118218');
    expect(formatNumber(15)).toBe('15');
  });

  test('draws the line at a million', () => {
    expect(isShortCode(999_999)).toBe(true);
    expect(isShortCode(1_000_000)).toBe(false);
  });
});
