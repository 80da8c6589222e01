import { describe, expect, it } from 'vitest';
import { standingOf } from '../../../ingest/kafka/partition-standing.ts';

const bounds = { start: 10, end: 20 };

function known(position: number, topicId: string | null = 'a') {
  return { position, topicId, moves: 0, isUntouched: false, hole: 0 };
}

describe('standingOf()', () => {
  it.each([
    [9, 'position-before-start'],
    [10, 'ready'],
    [15, 'ready'],
    [20, 'ready'],
    [21, 'position-beyond-end'],
  ])('position %i in a log from 10 to 20: %s', (position, expected) => {
    const standing = standingOf(known(position), bounds, 'a');
    expect(standing.kind === 'stopped' ? standing.reason : standing.kind).toBe(expected);
    expect(standing.position).toBe(position);
  });

  it('begins at the start of a log that the ledger has never seen', () => {
    expect(standingOf(null, bounds, 'a')).toEqual({ kind: 'ready', position: 10, bounds, topicId: 'a', known: null });
  });

  it.each([
    ['the same topic', 'a', 'a', 'ready'],
    ['another one, wherever its log ends', 'a', 'b', 'topic-made-anew'],
    ['one that was not known', null, 'b', 'ready'],
    ['one whose id brokers do not tell', 'a', null, 'ready'],
  ])('%s', (_, before, now, expected) => {
    const standing = standingOf(known(15, before), bounds, now);
    expect(standing.kind === 'stopped' ? standing.reason : standing.kind).toBe(expected);
  });
});
