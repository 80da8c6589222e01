import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineMonth } from '../../../rater/month/line-month.ts';

const PERIOD_START = Date.UTC(2026, 10, 1);

function add(month: LineMonth, called: number, startMs = 0, durationMs = 1): void {
  month.add(called, PERIOD_START + startMs, durationMs, false, 0);
}

function numbersOf(month: LineMonth): number[] {
  return Array.from({ length: month.numberCount }, (_, index) => month.numberAt(index));
}

function callsOf(month: LineMonth): (readonly [number, number])[] {
  return Array.from({ length: month.callCount }, (_, index) => [month.callStart(index), month.callDuration(index)]);
}

describe('MonthSlots', () => {
  it('holds numbers of fifteen digits exactly, each once', () => {
    const month = new LineMonth(202611, PERIOD_START);
    for (const called of [999_999_999_999_999, 999_999_999_999_998, 999_999_999_999_999]) add(month, called);
    expect(numbersOf(month)).toEqual([999_999_999_999_998, 999_999_999_999_999]);
  });

  it('is a Set of numbers, sorted, and a list of calls, sorted by start and stable, whatever the order of adds', () => {
    const call = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.nat({ max: 50 }), fc.nat({ max: 2 ** 31 }));
    fc.assert(
      fc.property(fc.array(call, { maxLength: 400 }), (calls) => {
        const month = new LineMonth(202611, PERIOD_START);
        for (const [called, startMs, durationMs] of calls) add(month, called, startMs, durationMs);
        expect(numbersOf(month)).toEqual([...new Set(calls.map(([called]) => called))].toSorted((a, b) => a - b));
        expect(callsOf(month)).toEqual(calls.map(([, start, ms]) => [start, ms]).toSorted((a, b) => a[0]! - b[0]!));
      }),
    );
  });

  it('keeps the months of lines apart while they grow in turns, are given up and begin anew', () => {
    const turns = fc.array(fc.record({ which: fc.nat({ max: 4 }), release: fc.nat({ max: 30 }) }), { maxLength: 400 });
    fc.assert(
      fc.property(turns, (order) => {
        const owners = Array.from({ length: 5 }, () => ({
          month: new LineMonth(202611, PERIOD_START),
          held: [] as number[],
        }));
        for (const { which, release } of order) {
          const owner = owners[which];
          if (owner === undefined) continue;
          if (release === 0) {
            owner.month.release();
            owner.month = new LineMonth(202611, PERIOD_START);
            owner.held = [];
          }
          const called = which * 1000 + owner.held.length;
          owner.held.push(called);
          add(owner.month, called, called, which);
        }
        for (const [which, { month, held }] of owners.entries()) {
          expect(numbersOf(month)).toEqual(held);
          expect(callsOf(month)).toEqual(held.map((called) => [called, which]));
        }
      }),
    );
  });

  it('grows past the size of a page', () => {
    const month = new LineMonth(202611, PERIOD_START);
    for (let called = 0; called < 100_000; called++) add(month, called, called * 2);
    expect([month.numberCount, month.numberAt(0), month.numberAt(99_999)]).toEqual([100_000, 0, 99_999]);
    expect([month.callCount, month.callStart(0), month.callStart(99_999)]).toEqual([100_000, 0, 199_998]);
  });
});
