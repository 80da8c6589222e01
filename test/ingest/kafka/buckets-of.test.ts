import { describe, expect, it } from 'vitest';
import { bucketsOf, unevenTopics } from '../../../ingest/kafka/buckets-of.ts';

describe('bucketsOf()', () => {
  it('is every bucket whose number modulo the partition count is a partition assigned', () => {
    expect(bucketsOf(new Map([['cdr', [1]]]), new Map([['cdr', 16]]))).toEqual(new Set([1, 17, 33, 49]));
    expect(bucketsOf(new Map([['cdr', [0, 1]]]), new Map([['cdr', 2]]))?.size).toBe(64);
    expect(bucketsOf(new Map([['cdr', [63]]]), new Map([['cdr', 64]]))).toEqual(new Set([63]));
  });

  it('is the buckets of all topics together', () => {
    const assignment = new Map([
      ['a', [3]],
      ['b', [1]],
    ]);
    const counts = new Map([
      ['a', 64],
      ['b', 32],
    ]);
    expect(bucketsOf(assignment, counts)).toEqual(new Set([3, 1, 33]));
  });

  it('is none when nothing is assigned', () => {
    expect(bucketsOf(new Map(), new Map())).toEqual(new Set());
  });

  it('can not be said when a partition count does not divide 64', () => {
    const counts = new Map([
      ['a', 8],
      ['b', 12],
    ]);
    expect(unevenTopics(counts)).toEqual(['b']);
    expect(bucketsOf(new Map([['a', [0]]]), counts)).toBeNull();
  });
});
