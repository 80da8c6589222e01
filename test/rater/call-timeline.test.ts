import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallTimeline } from '../../rater/call-timeline.ts';

type Stretch = readonly [start: number, duration: number];

function peakOf(calls: readonly Stretch[]): number {
  const timeline = new CallTimeline();
  for (const [start, duration] of calls) timeline.add(start, duration);
  return timeline.peak;
}

/** Counts at each start the calls in progress, `[start, start + duration)`. */
function naivePeak(calls: readonly Stretch[]): number {
  const inProgress = (at: number) => calls.filter(([start, duration]) => start <= at && at < start + duration).length;
  return Math.max(0, ...calls.map(([start]) => inProgress(start)));
}

describe('CallTimeline.peak', () => {
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
        const timeline = new CallTimeline();
        for (const [index, [start, duration]] of calls.entries()) {
          timeline.add(start, duration);
          expect(timeline.peak).toBe(naivePeak(calls.slice(0, index + 1)));
        }
      }),
    );
  });
});
