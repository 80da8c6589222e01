import { describe, expect, it } from 'vitest';
import { unlocated } from '../../../ingest/kafka/owned-partition.ts';
import { give, located, locateAgain, tookIn } from '../../../ingest/kafka/partition-state.ts';
import { standsStill } from '../../../ingest/kafka/partition-stillness.ts';

const AT_5 = { canBeRead: true, position: 5, moves: 0, topicId: null };

describe('standsStill()', () => {
  it('is so a minute after a partition that is read was first seen at one place before its log ends, once a minute', () => {
    const owned = unlocated('cdr', 0);
    owned.state = located(owned.state, AT_5);
    const seen = (seconds: number, end = 9) => standsStill(owned, end, seconds * 1_000);
    expect([0, 30, 59, 60, 61, 119, 120].filter((seconds) => seen(seconds))).toEqual([60, 120]);
    // It moves.
    const given = give(owned.state, 5, 7, 0);
    owned.state = given!;
    expect(seen(240)).toBe(false);
    owned.state = tookIn(owned.state, 5);
    expect([241, 300, 301].filter((seconds) => seen(seconds))).toEqual([301]);
    // The end of its log is no place to wonder about, nor is one that is being located.
    expect([seen(400, 7), seen(500, 9), seen(559, 9)]).toEqual([false, false, false]);
    owned.state = locateAgain(owned.state);
    expect(seen(900)).toBe(false);
  });
});
