import { type CallTo, type CrossingCondition, type Found, type MonthCall, anyEffect } from './condition.ts';

export interface DistinctNumbersSettings {
  /** Most distinct numbers a line may call in a period: exactly this many is allowed. */
  readonly maxNumbers: number;
  /** Over which calls numbers are counted: each line's own. Absent: the same. */
  readonly scope?: 'line' | undefined;
}

export interface DistinctNumbersFinding extends Found<'distinct-numbers'> {
  readonly maxNumbers: number;
  readonly crossing: CallTo;
  /** The first call to each of the first max + 1 numbers, in order. */
  readonly numbers: readonly CallTo[];
}

/** A counted call, as this condition sees it. */
export interface CountedCall {
  readonly called: number;
}

/** The calls that prove a breach: the first to each of the first max + 1 numbers, the last of which crossed. */
export interface DistinctNumbersEvidence<Call extends CountedCall> {
  readonly maxNumbers: number;
  readonly firstCalls: readonly Call[];
  readonly crossing: Call;
}

/**
 * Article 7: "l'utilisateur n'appelle pas au cours du mois plus de 150 numéros différents." Breached by the first call
 * to the (max + 1)th distinct number; exactly max numbers are allowed.
 *
 * @param calls the line's counted calls of the period, in order of start, then identity
 */
export function judgeDistinctNumbers<Call extends CountedCall>(
  calls: readonly Call[],
  { maxNumbers }: DistinctNumbersSettings,
): DistinctNumbersEvidence<Call> | null {
  const seen = new Set<number>();
  const firstCalls: Call[] = [];
  for (const call of calls) {
    if (seen.has(call.called)) continue;
    seen.add(call.called);
    firstCalls.push(call);
    if (seen.size > maxNumbers) return { maxNumbers, firstCalls, crossing: call };
  }
  return null;
}

export const distinctNumbers: CrossingCondition<'distinct-numbers', DistinctNumbersSettings, DistinctNumbersFinding> = {
  id: 'distinct-numbers',
  kind: 'crossing',
  flags: 0,
  goesBy: 'counted-calls',
  measure: 'distinctNumbers',
  most: ({ maxNumbers }) => maxNumbers,
  judge: (calls, settings) => {
    const evidence = judgeDistinctNumbers(calls, settings);
    if (evidence === null) return null;
    const { maxNumbers, crossing, firstCalls } = evidence;
    return {
      condition: 'distinct-numbers',
      breachFrom: crossing.startedAt,
      maxNumbers,
      crossing: callTo(crossing),
      numbers: firstCalls.map(callTo),
    };
  },
  inWords: ({ maxNumbers, numbers, crossing }, { call, number, numbersInMonth }) =>
    `more than ${maxNumbers} different numbers called in the month: number ${numbers.length}` +
    `${numbersInMonth === undefined ? '' : ` of ${numbersInMonth}`}, ` +
    `${number(crossing.called)}, on ${call(crossing)}`,
  howFar: ({ maxNumbers }, numbersInMonth = maxNumbers + 1) => ({
    measure: 'numbers',
    value: numbersInMonth,
    most: maxNumbers,
  }),
  effectFault: anyEffect,
};

function callTo({ startedAt, switchId, callId, legId, called }: MonthCall): CallTo {
  return { startedAt, switchId, callId, legId, called };
}
