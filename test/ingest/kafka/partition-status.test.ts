import { describe, expect, it } from 'vitest';
import { partitionStatusOf } from '../../../ingest/kafka/partition-status.ts';

const bounds = { start: 10, end: 20 };

function known(position: number, topicId: string | null = 'a') {
  return { position, topicId, moves: 0, isUntouched: false, hole: 0 };
}

describe('partitionStatusOf()', () => {
  it.each([
    [9, 'position-before-start'],
    [10, 'ready'],
    [15, 'ready'],
    [20, 'ready'],
    [21, 'position-beyond-end'],
  ])('position %i in a log from 10 to 20: %s', (position, expected) => {
    const status = partitionStatusOf(known(position), bounds, 'a');
    expect(status.kind === 'stopped' ? status.reason : status.kind).toBe(expected);
    expect(status.position).toBe(position);
  });

  it('begins at the start of a log that the ledger has never seen', () => {
    expect(partitionStatusOf(null, bounds, 'a')).toEqual({
      kind: 'ready',
      position: 10,
      bounds,
      topicId: 'a',
      known: null,
    });
  });

  it.each([
    ['the same topic', 'a', 'a', 'ready'],
    ['another one, wherever its log ends', 'a', 'b', 'topic-made-anew'],
    ['one that was not known', null, 'b', 'ready'],
    ['one whose id brokers do not tell', 'a', null, 'ready'],
  ])('%s', (_, before, now, expected) => {
    const status = partitionStatusOf(known(15, before), bounds, now);
    expect(status.kind === 'stopped' ? status.reason : status.kind).toBe(expected);
  });
});
