import { describe, expect, it } from 'vitest';
import {
  judgeConversationalUse,
  type BehaviourMeasures,
  type ConversationalUseSettings,
  type Measure,
} from '../../rules/index.ts';
import { fullIllimite } from './full-illimite-for-test.ts';

const SETTINGS: ConversationalUseSettings = {
  minCalls: 100,
  shortMs: 6000,
  maxShortCallsPerMille: 400,
  maxConcurrentCalls: 4,
  maxSequentialNumbers: 9,
  maxHoursOfDay: 20,
  maxNumbersInRange: 25,
};

/** Every measure exactly at its maximum, which is allowed. */
const AT_MAX: BehaviourMeasures = {
  calls: 1000,
  shortCalls: 400,
  concurrentCalls: 4,
  sequentialNumbers: 9,
  hoursOfDay: 20,
  numbersInRange: 25,
};

function judge(given: Partial<BehaviourMeasures>) {
  return judgeConversationalUse({ ...AT_MAX, ...given }, SETTINGS);
}

/** The ids of the measures above their maximum. */
function broken(measures: readonly Measure[] | null): string[] {
  return (measures ?? []).filter(({ value, max }) => value > max).map(({ id }) => id);
}

describe('judgeConversationalUse(): article 7, conversational-use', () => {
  it('allows every measure exactly at its maximum', () => {
    expect(judge({})).toBeNull();
  });

  it.each([
    ['short-calls', { shortCalls: 401 }],
    ['concurrent-calls', { concurrentCalls: 5 }],
    ['sequential-numbers', { sequentialNumbers: 10 }],
    ['all-hours', { hoursOfDay: 21 }],
    ['number-range', { numbersInRange: 26 }],
  ] satisfies [string, Partial<BehaviourMeasures>][])(
    'is breached by %s one above its maximum, it alone',
    (id, given) => {
      expect(broken(judge(given))).toEqual([id]);
    },
  );

  it('shows every measure with its value and maximum when one breaks', () => {
    expect(judge({ concurrentCalls: 5 })).toEqual([
      { id: 'short-calls', value: 400, max: 400 },
      { id: 'concurrent-calls', value: 5, max: 4 },
      { id: 'sequential-numbers', value: 9, max: 9 },
      { id: 'all-hours', value: 20, max: 20 },
      { id: 'number-range', value: 25, max: 25 },
    ]);
  });

  it.each([
    [199, 79, null], // 396.98 per mille
    [199, 80, 402], // 402.01
    [2500, 1002, null], // 400.8: whole per mille, rounded down
    [2500, 1003, 401], // 401.2
  ])('of %i calls, %i short ones make a share of whole per mille: %s', (calls, shortCalls, value) => {
    expect(judge({ calls, shortCalls })?.[0]?.value ?? null).toBe(value);
  });

  it('judges from 100 calls on, not at 99', () => {
    const hectic = { shortCalls: 99, concurrentCalls: 50 };
    expect(judge({ ...hectic, calls: 99 })).toBeNull();
    expect(broken(judge({ ...hectic, calls: 100 }))).toEqual(['short-calls', 'concurrent-calls']);
  });

  it('has these thresholds in Full Illimité', () => {
    const condition = fullIllimite().conditions.find(({ id }) => id === 'conversational-use');
    expect(condition?.settings).toEqual(SETTINGS);
  });
});
