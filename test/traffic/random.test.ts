import { describe, expect, it } from 'vitest';
import { Random } from '../../traffic/random.ts';

function draw(seed: string, stream: string): number[] {
  const random = new Random(seed, stream);
  return Array.from({ length: 8 }, () => random.bits());
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

describe('Random', () => {
  it('repeats itself for the same seed and stream, and for no other', () => {
    expect(draw('1', 'line 1')).toEqual(draw('1', 'line 1'));
    const others = [draw('2', 'line 1'), draw('1', 'line 2'), draw('1/line', ' 1'), draw('', '')];
    for (const other of others) expect(other).not.toEqual(draw('1', 'line 1'));
  });

  it('draws evenly, between bounds that are both possible', () => {
    const random = new Random('even', '');
    const counts = new Map<number, number>();
    for (let round = 0; round < 60_000; round++) {
      const number = random.between(1, 6);
      counts.set(number, (counts.get(number) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('draws normal and exponential numbers of the right mean and spread', () => {
    const random = new Random('shape', '');
    const normals = Array.from({ length: 50_000 }, () => random.normal());
    expect(mean(normals)).toBeCloseTo(0, 1);
    expect(mean(normals.map((number) => number * number))).toBeCloseTo(1, 1);
    const exponentials = Array.from({ length: 50_000 }, () => random.exponential(10));
    expect(mean(exponentials) / 10).toBeCloseTo(1, 1);
  });

  it('shuffles without losing anything', () => {
    const items = Array.from({ length: 100 }, (_, index) => index);
    const shuffled = new Random('shuffle', '').shuffled(items);
    expect(shuffled).not.toEqual(items);
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(items);
  });
});
