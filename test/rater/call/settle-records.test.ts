import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentHash, losingReason, recordToBill, type Cdr, type IdentifiedRecord } from '../../../rater/index.ts';
import { cdr } from '../rating-for-test.ts';

function record(given: Partial<Cdr>): IdentifiedRecord {
  const content = cdr(given);
  return { cdr: content, content: contentHash(content) };
}

describe('recordToBill()', () => {
  it('bills the highest revision, however long it lasts', () => {
    const records = [record({ durationMs: 10 }), record({ durationMs: 99, revision: 2 }), record({ revision: 1 })];
    expect(recordToBill(records)).toBe(records[1]);
  });

  it('bills the least duration among conflicting records of one revision', () => {
    const records = [record({ durationMs: 61_000 }), record({ durationMs: 59_999 }), record({ durationMs: 60_000 })];
    expect(recordToBill(records)).toBe(records[1]);
  });

  it('bills the smallest hash of content where durations are equal', () => {
    const records = [record({ dialled: '0612345678' }), record({ dialled: '0612345679' }), record({ dialled: '15' })];
    const smallest = records.toSorted((a, b) => (a.content < b.content ? -1 : 1))[0];
    expect(recordToBill(records)).toBe(smallest);
  });

  it('bills the same record in whatever order they came', () => {
    const content = fc.record({
      revision: fc.integer({ min: 0, max: 2 }),
      durationMs: fc.integer({ min: 0, max: 3 }),
      dialled: fc.constantFrom('15', '17', '18'),
    });
    const records = fc.uniqueArray(content, { minLength: 1, maxLength: 8, selector: JSON.stringify });
    const shuffled = records.chain((all) =>
      fc.tuple(fc.constant(all.map(record)), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([all, reordered]) => {
        expect(recordToBill(reordered.map(record)).content).toBe(recordToBill(all).content);
      }),
    );
  });

  it('refuses to choose from nothing', () => {
    expect(() => recordToBill([])).toThrow('Cannot choose a record to bill');
  });
});

describe('losingReason()', () => {
  it('is superseded for a lower revision, conflict for the same', () => {
    const billed = record({ revision: 1 });
    expect(losingReason(record({ revision: 0 }), billed)).toBe('superseded');
    expect(losingReason(record({ revision: 1, durationMs: 99_000 }), billed)).toBe('conflict');
  });
});
