import { CallFlag } from './call-flag.ts';
import type { CallTo, CrossingCondition, Found, MonthCall } from './condition.ts';

export interface MonthlyMinutesSettings {
  /** Minutes that a line may call in a period before calls are metered: exactly so many are included. */
  readonly maxMinutes: number;
  /** What is metered of the call that crosses: see docs/decisions/0032-what-a-long-call-costs.md. */
  readonly crossingCall: 'whole-call';
}

/** The line called for more minutes than are included. */
export interface MonthlyMinutesFinding extends Found<'monthly-minutes'> {
  readonly maxMinutes: number;
  readonly crossing: CallTo;
  /** Seconds called with the crossing call: more than `maxMinutes` minutes. */
  readonly seconds: number;
}

/**
 * A condition of other offers than Full Illimité: included minutes beyond so many a month are metered. What counts is
 * talk time of the line's calls that the offer includes as far as each call alone tells, whatever holds them, in order
 * of start, then identity; each is rounded up to seconds once, and no increment of a deck applies.
 *
 * @param calls the line's calls that use minutes, in that order
 */
export function judgeMonthlyMinutes(
  calls: readonly MonthCall[],
  { maxMinutes }: MonthlyMinutesSettings,
): MonthlyMinutesFinding | null {
  let seconds = 0;
  for (const { switchId, callId, legId, startedAt, called, durationMs } of calls) {
    seconds += wholeSeconds(durationMs);
    if (seconds <= maxMinutes * 60) continue;
    const crossing = { startedAt, switchId, callId, legId, called };
    return { condition: 'monthly-minutes', breachFrom: startedAt, maxMinutes, crossing, seconds };
  }
  return null;
}

/** Talk time as minutes are counted. */
export function wholeSeconds(durationMs: number): number {
  return Math.ceil(durationMs / 1000);
}

export const monthlyMinutes: CrossingCondition<'monthly-minutes', MonthlyMinutesSettings, MonthlyMinutesFinding> = {
  id: 'monthly-minutes',
  kind: 'crossing',
  flags: CallFlag.usesMinutes,
  goesBy: 'included-calls',
  measure: 'includedSeconds',
  most: ({ maxMinutes }) => maxMinutes * 60,
  judge: judgeMonthlyMinutes,
  inWords: ({ maxMinutes, crossing, seconds }, { call }) =>
    `more than ${maxMinutes} included minutes called in the month: ` +
    `${Math.floor(seconds / 60)} min ${seconds % 60} s with the call on ${call(crossing)}`,
  howFar: ({ maxMinutes, seconds }) => ({ measure: 'minutes', value: Math.ceil(seconds / 60), most: maxMinutes }),
  effectFault: ({ rerate, suspension }) => {
    if (rerate.scope !== 'from-breach') {
      return {
        path: ['rerate', 'scope'],
        problem: `must be 'from-breach': what was called within the included minutes stays included`,
      };
    }
    return suspension === 'until-reinstated'
      ? { path: ['suspension'], problem: `must be 'none' or 'period': minutes are included anew each month` }
      : null;
  },
};
