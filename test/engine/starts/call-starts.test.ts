import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallStarts } from '../../../engine/starts/call-starts.ts';
import { at } from '../../rater/rating-for-test.ts';

const QUARTER_MS = 900_000;
const NOON = at('2026-11-15 12:00');

function startsOf(...instants: readonly number[]): CallStarts {
  const starts = new CallStarts();
  for (const instant of instants) starts.note(instant);
  return starts;
}

describe('CallStarts', () => {
  it('counts calls by the quarter of an hour that they start in', () => {
    const starts = startsOf(NOON - 1, NOON, NOON + QUARTER_MS - 1, NOON + QUARTER_MS);
    expect([...starts.byQuarterHour]).toEqual([
      [NOON - QUARTER_MS, 1],
      [NOON, 2],
      [NOON + QUARTER_MS, 1],
    ]);
  });

  it('counts the same in any order, however often it is asked', () => {
    const instant = fc.integer({ min: -4, max: 4 }).map((quarters) => NOON + quarters * (QUARTER_MS / 2));
    fc.assert(
      fc.property(fc.array(fc.tuple(instant, fc.boolean())), (calls) => {
        const starts = new CallStarts();
        const expected = new Map<number, number>();
        for (const [startedAt, isAsked] of calls) {
          starts.note(startedAt);
          const quarter = startedAt - (startedAt % QUARTER_MS);
          expected.set(quarter, (expected.get(quarter) ?? 0) + 1);
          expect(isAsked ? starts.byQuarterHour : expected).toEqual(expected);
        }
        expect(starts.byQuarterHour).toEqual(expected);
      }),
    );
  });

  it('counts calls around 1970 too', () => {
    expect([...startsOf(-1, -QUARTER_MS, 0).byQuarterHour]).toEqual([
      [-QUARTER_MS, 2],
      [0, 1],
    ]);
  });

  it('begins anew once cleared, also in the quarter of the last call', () => {
    const starts = startsOf(NOON, NOON);
    starts.clear();
    expect(starts.byQuarterHour).toEqual(new Map());
    starts.note(NOON);
    expect([...starts.byQuarterHour]).toEqual([[NOON, 1]]);
  });

  it('forgets what it counted when it is cleared after it was asked', () => {
    const starts = startsOf(NOON, NOON);
    expect(starts.byQuarterHour.size).toBe(1);
    starts.clear();
    expect(starts.byQuarterHour).toEqual(new Map());
  });
});
