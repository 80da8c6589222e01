import { type Found, type HowFar, type MeasuredCondition, type MonthMeasures, anyEffect } from './condition.ts';

export interface ConversationalUseSettings {
  /** Counted calls in the period from which behaviour is judged at all. */
  readonly minCalls: number;
  /** A call of at most this many ms is short. */
  readonly shortMs: number;
  readonly maxShortCallsPerMille: number;
  readonly maxConcurrentCalls: number;
  readonly maxSequentialNumbers: number;
  readonly maxHoursOfDay: number;
  readonly maxNumbersInRange: number;
}

/** The measures of behaviour over a line's counted calls of a period. */
export type BehaviourMeasures = Omit<MonthMeasures, 'distinctNumbers' | 'includedSeconds'>;

export interface Measure {
  readonly id: 'short-calls' | 'concurrent-calls' | 'sequential-numbers' | 'all-hours' | 'number-range';
  readonly value: number;
  readonly max: number;
}

export interface ConversationalUseFinding extends Found<'conversational-use'> {
  readonly measures: readonly Measure[];
}

/**
 * Article 7: "usage conversationnel et personnel"; no fraudulent or "non raisonnable" use. Judged on the whole period's
 * calls as known so far, from `minCalls` calls on; breached when any measure is above its maximum.
 *
 * @returns every measure with its value and maximum when one breaks, else `null`
 */
export function judgeConversationalUse(
  measures: BehaviourMeasures,
  settings: ConversationalUseSettings,
): readonly Measure[] | null {
  if (!breaksConversationalUse(measures, settings)) return null;
  return [
    { id: 'short-calls', value: shortPerMille(measures), max: settings.maxShortCallsPerMille },
    { id: 'concurrent-calls', value: measures.concurrentCalls, max: settings.maxConcurrentCalls },
    { id: 'sequential-numbers', value: measures.sequentialNumbers, max: settings.maxSequentialNumbers },
    { id: 'all-hours', value: measures.hoursOfDay, max: settings.maxHoursOfDay },
    { id: 'number-range', value: measures.numbersInRange, max: settings.maxNumbersInRange },
  ];
}

/** Whether any measure breaks: asked after nearly every call, so that nothing is made. */
export function breaksConversationalUse(measures: BehaviourMeasures, settings: ConversationalUseSettings): boolean {
  if (measures.calls < settings.minCalls || measures.calls === 0) return false;
  return (
    shortPerMille(measures) > settings.maxShortCallsPerMille ||
    measures.concurrentCalls > settings.maxConcurrentCalls ||
    measures.sequentialNumbers > settings.maxSequentialNumbers ||
    measures.hoursOfDay > settings.maxHoursOfDay ||
    measures.numbersInRange > settings.maxNumbersInRange
  );
}

function shortPerMille({ shortCalls, calls }: BehaviourMeasures): number {
  return Math.floor((shortCalls * 1000) / calls);
}

export const conversationalUse: MeasuredCondition<
  'conversational-use',
  ConversationalUseSettings,
  ConversationalUseFinding
> = {
  id: 'conversational-use',
  kind: 'measured',
  flags: 0,
  breaks: breaksConversationalUse,
  judge: (measures, settings, periodStart) => {
    const broken = judgeConversationalUse(measures, settings);
    // Behaviour is of the whole period: the breach begins where it begins.
    return broken === null ? null : { condition: 'conversational-use', breachFrom: periodStart, measures: broken };
  },
  inWords: ({ measures }) => `use that is no conversation: ${measures.filter(isBroken).map(measureText).join('; ')}`,
  howFar: ({ measures }) => furthest(measures),
  effectFault: anyEffect,
};

const UNITS: Readonly<Record<Measure['id'], HowFar['measure']>> = {
  'short-calls': 'per-mille',
  'concurrent-calls': 'calls',
  'sequential-numbers': 'numbers',
  'all-hours': 'hours',
  'number-range': 'numbers',
};

/** Of what is measured, that which is furthest over what is allowed, by share of it. */
function furthest(measures: readonly Measure[]): HowFar {
  const [{ id, value, max }] = measures.toSorted((a, b) => b.value / b.max - a.value / a.max) as [Measure];
  return { measure: UNITS[id], value, most: max };
}

function isBroken({ value, max }: Measure): boolean {
  return value > max;
}

function measureText({ id, value, max }: Measure): string {
  switch (id) {
    case 'short-calls':
      return `${value / 10} % of calls are short (at most ${max / 10} %)`;
    case 'concurrent-calls':
      return `${value} calls at once (at most ${max})`;
    case 'sequential-numbers':
      return `${value} consecutive numbers (at most ${max})`;
    case 'all-hours':
      return `calls in ${value} hours of the day (at most ${max})`;
    case 'number-range':
      return `${value} numbers in one block of 1,000 (at most ${max})`;
    default:
      return id satisfies never;
  }
}
