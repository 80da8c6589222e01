import { describe, expect, it } from 'vitest';
import { explore, type Freedom, type Mutation } from './explore-partition.ts';

const FAILURES: Freedom = { log: 'mmm', sliceRecords: 1, failures: 1, assignments: 1 };
const NO_NEW: Freedom = { ...FAILURES, assignments: 0 };

/** Larger ones are in `test/hostile/positions.test.ts`. */
describe('every order of events of a partition, two workers and the ledger', () => {
  it.each<[string, Freedom]>([
    ['failures and commits of unknown outcome', { ...NO_NEW, failures: 2 }],
    ['a worker that dies, and one that takes over', { ...FAILURES, log: 'mm' }],
    ['slices that are taken in halves', { ...NO_NEW, sliceRecords: 2 }],
    ['control records', { ...NO_NEW, log: 'cmc' }],
    ['a log that begins later', { ...FAILURES, logStart: 1 }],
    ['kafkajs going on elsewhere', { ...NO_NEW, log: 'mcm', failures: 0, wanderings: 1 }],
    ['a person moving the position', { ...NO_NEW, log: 'mm', moves: 1 }],
    ['a topic made anew', { ...NO_NEW, log: 'mm', failures: 0, moves: 1, remakes: 1 }],
    ['a log that loses its beginning', { ...NO_NEW, log: 'mm', deletions: 1 }],
  ])('with %s: nothing is skipped, nothing taken twice, and it never gets stuck', (_, freedom) => {
    const { states, loss, stuck } = explore(freedom);
    expect(loss).toBeNull();
    expect(stuck).toBeNull();
    expect(states).toBeGreaterThan(500);
  });

  it.each<[Mutation, Freedom, RegExp]>([
    ['begins-anywhere', FAILURES, /passes message 0, which is not in the ledger/],
    ['trusts-kafkajs', { ...FAILURES, wanderings: 1 }, /passes message|takes a message twice/],
    ['ignores-moves', { ...FAILURES, log: 'mm', moves: 1, remakes: 1 }, /is of another topic/],
    ['ignores-topic', { ...FAILURES, log: 'mm', remakes: 1 }, /is of another topic/],
  ])('finds what goes wrong with the mistake %s', (mutation, freedom, what) => {
    const { loss } = explore(freedom, mutation);
    expect(loss?.what).toMatch(what);
    expect(loss?.events.length).toBeGreaterThan(3);
  });
});
