import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineMonth } from '../../../rater/month/line-month.ts';
import type { MonthMeasures } from '../../../rules/index.ts';
import { at, civilTime } from '../rating-for-test.ts';

interface CountedCall {
  readonly called: number;
  readonly startedAt: number;
  readonly durationMs: number;
}

const PERIOD_START = at('2026-10-01');
const SHORT_MS = 6000;

function monthOf(calls: readonly CountedCall[]): LineMonth {
  const month = new LineMonth(202611, PERIOD_START);
  for (const { called, startedAt, durationMs } of calls) {
    month.add(called, startedAt, durationMs, durationMs <= SHORT_MS, civilTime.hourOfDay(startedAt));
  }
  return month;
}

function callsTo(...numbers: number[]): CountedCall[] {
  return numbers.map((called, index) => ({ called, startedAt: PERIOD_START + index * 60_000, durationMs: 10_000 }));
}

/** Every measure by its definition, with sets and double loops. */
function naiveMeasures(calls: readonly CountedCall[]): MonthMeasures {
  const numbers = [...new Set(calls.map(({ called }) => called))].filter((called) => called >= 1_000_000);
  const runFrom = (called: number): number => (numbers.includes(called) ? 1 + runFrom(called + 1) : 0);
  const inBlockOf = (called: number) =>
    numbers.filter((other) => Math.floor(other / 1000) === Math.floor(called / 1000)).length;
  const inProgress = (instant: number) =>
    calls.filter(({ startedAt, durationMs }) => startedAt <= instant && instant < startedAt + durationMs).length;
  return {
    calls: calls.length,
    shortCalls: calls.filter(({ durationMs }) => durationMs <= SHORT_MS).length,
    concurrentCalls: Math.max(0, ...calls.map(({ startedAt }) => inProgress(startedAt))),
    sequentialNumbers: Math.max(0, ...numbers.map(runFrom)),
    hoursOfDay: new Set(calls.map(({ startedAt }) => civilTime.hourOfDay(startedAt))).size,
    numbersInRange: Math.max(0, ...numbers.map(inBlockOf)),
    distinctNumbers: new Set(calls.map(({ called }) => called)).size,
    includedSeconds: 0,
  };
}

const callArbitrary: fc.Arbitrary<CountedCall> = fc.record({
  called: fc.oneof(
    fc.integer({ min: 33_140_000_990, max: 33_140_001_010 }),
    fc.integer({ min: 999_998, max: 1_000_001 }),
    fc.constantFrom(3949, 3950, 118_218, 118_219),
  ),
  startedAt: fc.integer({ min: PERIOD_START, max: PERIOD_START + 40_000 }).chain((start) =>
    // Days apart, so that all hours and the 25 hours of 25 October come up.
    fc.integer({ min: 0, max: 30 * 24 }).map((hours) => start + hours * 3_600_000),
  ),
  durationMs: fc.constantFrom(1, 5999, 6000, 6001, 30_000, 7_200_000),
});

describe('LineMonth.measures()', () => {
  it('are all zero of an empty month', () => {
    expect(monthOf([]).measures()).toEqual(naiveMeasures([]));
  });

  it('count a run of numbers across the end of a block of 1,000, and each block by itself', () => {
    const measures = monthOf(callsTo(33_140_001_001, 33_140_000_999, 33_140_001_000, 33_140_000_998)).measures();
    expect(measures.sequentialNumbers).toBe(4);
    expect(measures.numbersInRange).toBe(2);
  });

  it('leave short codes out of sequence and range', () => {
    const measures = monthOf(callsTo(3000, 3001, 3002, 118_217, 118_218)).measures();
    expect(measures).toMatchObject({ sequentialNumbers: 0, numbersInRange: 0, calls: 5 });
  });

  it('count the hour of the clock that comes twice on 25 October once', () => {
    const first = at('2026-10-25 02:30');
    const calls = [first, first + 3_600_000].map((startedAt) => ({ called: 1_000_000, startedAt, durationMs: 1 }));
    expect(monthOf(calls).measures().hoursOfDay).toBe(1);
  });

  it('measure numbers again after more were added', () => {
    const month = monthOf(callsTo(33_140_000_001, 33_140_000_003));
    expect(month.measures().sequentialNumbers).toBe(1);
    month.add(33_140_000_002, PERIOD_START, 1, true, 0);
    expect(month.measures().sequentialNumbers).toBe(3);
  });

  it('are those of the definitions', () => {
    fc.assert(
      fc.property(fc.array(callArbitrary, { maxLength: 40 }), (calls) => {
        expect(monthOf(calls).measures()).toEqual(naiveMeasures(calls));
      }),
    );
  });

  it('are the same in any order of calls', () => {
    const shuffled = fc
      .array(callArbitrary, { maxLength: 30 })
      .chain((calls) => fc.tuple(fc.constant(calls), fc.shuffledSubarray(calls, { minLength: calls.length })));
    fc.assert(
      fc.property(shuffled, ([calls, reordered]) => {
        expect(monthOf(reordered).measures()).toEqual(monthOf(calls).measures());
      }),
    );
  });
});

type Stretch = readonly [start: number, duration: number];

function peakOf(calls: readonly Stretch[]): number {
  const month = new LineMonth(202611, PERIOD_START);
  for (const [start, duration] of calls) month.add(15, PERIOD_START + start, duration, false, 0);
  return month.measures().concurrentCalls;
}

/** Counts at each start the calls in progress, `[start, start + duration)`. */
function naivePeak(calls: readonly Stretch[]): number {
  const inProgress = (instant: number) =>
    calls.filter(([start, duration]) => start <= instant && instant < start + duration).length;
  return Math.max(0, ...calls.map(([start]) => inProgress(start)));
}

describe('LineMonth.measures().concurrentCalls', () => {
  it.each([
    ['no call', [], 0],
    ['one call', [[0, 1]], 1],
    [
      'a call that starts in the last ms of another',
      [
        [0, 1000],
        [999, 1000],
      ],
      2,
    ],
    [
      'a call that starts as another ends',
      [
        [0, 1000],
        [1000, 1000],
      ],
      1,
    ],
    [
      'three calls in the same ms',
      [
        [5, 1],
        [5, 1],
        [5, 1],
      ],
      3,
    ],
    [
      'a long call over two short ones that do not meet',
      [
        [0, 10_000],
        [10, 5],
        [20, 5],
      ],
      2,
    ],
    [
      'short calls in front of one that a long call reaches',
      [
        [0, 10_000],
        [10, 1],
        [20, 1],
        [30, 1],
        [40, 2],
        [41, 1],
      ],
      3,
    ],
    [
      'a call at the end of a month of 31 days',
      [
        [2_678_399_999, 86_400_000],
        [2_678_399_999, 1],
      ],
      2,
    ],
  ] satisfies [string, Stretch[], number][])('of %s', (_, calls, peak) => {
    expect(peakOf(calls)).toBe(peak);
    expect(peakOf(calls.toReversed())).toBe(peak);
  });

  it('is that of a sweep over all calls, after every call, in any order of starts', () => {
    const stretch = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 30 }));
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 40 }), (calls) => {
        const month = new LineMonth(202611, PERIOD_START);
        for (const [index, [start, duration]] of calls.entries()) {
          month.add(15, PERIOD_START + start, duration, false, 0);
          expect(month.measures().concurrentCalls).toBe(naivePeak(calls.slice(0, index + 1)));
        }
      }),
    );
  });
});
