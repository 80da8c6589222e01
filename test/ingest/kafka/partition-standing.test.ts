import { describe, expect, it } from 'vitest';
import { standingOf } from '../../../ingest/kafka/partition-standing.ts';

const bounds = { start: 10, end: 20 };

describe('standingOf()', () => {
  it.each([
    [9, 'position-before-start'],
    [10, 'ready'],
    [15, 'ready'],
    [20, 'ready'],
    [21, 'position-beyond-end'],
  ])('position %i in a log from 10 to 20: %s', (position, expected) => {
    const standing = standingOf(position, bounds);
    expect(standing.kind === 'stopped' ? standing.reason : standing.kind).toBe(expected);
    expect(standing.position).toBe(position);
  });

  it('begins at the start of a log of which nothing was taken in', () => {
    expect(standingOf(null, bounds)).toEqual({ kind: 'ready', position: 10, isNew: true, bounds });
  });
});
