import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineMonth } from '../../../rater/month/line-month.ts';
import {
  IS_QUIET,
  PERIOD,
  isFirstTouch,
  isListedUnsettled,
  listUnsettled,
  monthRecordCount,
  monthRecords,
} from '../../../rater/month/month-records.ts';

const PERIOD_START = Date.UTC(2026, 10, 1);
const RECORD_WORDS = 16;

function newMonths(count: number): LineMonth[] {
  return Array.from({ length: count }, (_, month) => new LineMonth(202601 + (month % 12), PERIOD_START));
}

describe('monthRecordCount()', () => {
  it('counts the months in memory, and is what it was once they are released', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 10 }), (counts) => {
        const before = monthRecordCount();
        const batches = counts.map((count) => {
          const months = newMonths(count);
          for (const month of months) month.add(33_140_000_001, PERIOD_START, 1, false, 0);
          return months;
        });
        expect(monthRecordCount()).toBe(before + counts.reduce((sum, count) => sum + count, 0));
        for (const month of batches.flat()) month.release();
        expect(monthRecordCount()).toBe(before);
      }),
    );
  });
});

describe('LineMonth.release()', () => {
  it('throws the second time, and gives nothing back then', () => {
    const [month, other] = newMonths(2);
    month!.release();
    const before = monthRecordCount();
    expect(() => month!.release()).toThrow('Cannot release a month twice');
    expect(monthRecordCount()).toBe(before);
    other!.release();
  });

  it('leaves an empty record, which the next month has as its own', () => {
    const [month] = newMonths(1);
    const { record } = month!;
    month!.add(33_140_000_001, PERIOD_START + 1, 1, true, 5);
    isFirstTouch(record, 7);
    listUnsettled(record, 7);
    month!.release();
    expect([...monthRecords.subarray(record, record + RECORD_WORDS)]).toEqual(Array.from({ length: 16 }, () => 0));
    const next = new LineMonth(202612, PERIOD_START);
    expect(next.record).toBe(record);
    expect([next.callCount, next.numberCount, next.periodStart]).toEqual([0, 0, PERIOD_START]);
    next.release();
  });
});

describe('monthRecords', () => {
  it('keep months apart, and what they hold, while there come more than there was room for', () => {
    const room = monthRecords.length / RECORD_WORDS;
    const months = newMonths(room + 1);
    expect(monthRecords.length / RECORD_WORDS).toBeGreaterThan(room);
    expect(new Set(months.map(({ record }) => record)).size).toBe(months.length);
    expect(months.every(({ record }) => record % RECORD_WORDS === 0)).toBe(true);
    expect(months.map(({ record }) => monthRecords[record + PERIOD])).toEqual(months.map((_, n) => 202601 + (n % 12)));
    for (const month of months) month.release();
  });

  it('are not quiet before somebody says so', () => {
    const [month] = newMonths(1);
    expect(monthRecords[month!.record + IS_QUIET]).toBe(0);
    month!.release();
  });
});

describe('isFirstTouch() and isListedUnsettled()', () => {
  it('tell the first touch of a batch from those that follow, and each batch from others', () => {
    const [month, other] = newMonths(2).map(({ record }) => record);
    expect([1, 1, 2, 2].map((batch) => isFirstTouch(month!, batch))).toEqual([true, false, true, false]);
    expect(isFirstTouch(other!, 2)).toBe(true);
  });

  it('know the batch that listed a month last, and no other', () => {
    const [month, other] = newMonths(2).map(({ record }) => record);
    expect(isListedUnsettled(month!, 1)).toBe(false);
    listUnsettled(month!, 1);
    expect([month, other].map((record) => isListedUnsettled(record!, 1))).toEqual([true, false]);
    expect(isListedUnsettled(month!, 2)).toBe(false);
  });
});
