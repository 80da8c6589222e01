import { describe, expect, it } from 'vitest';
import { isoText } from '../../traffic/iso-text.ts';
import { Random } from '../../traffic/random.ts';

describe('isoText()', () => {
  it('writes instants as Date does', () => {
    const random = new Random('iso', '');
    const instants = Array.from({ length: 10_000 }, () => random.between(0, 2_840_140_799_999));
    const edges = ['2024-02-29T23:59:59.999Z', '2026-10-25T01:00:00.000Z', '2001-01-01T00:00:00.001Z'].map(Date.parse);
    for (const instant of [...instants, ...edges]) expect(isoText(instant)).toBe(new Date(instant).toISOString());
  });
});
