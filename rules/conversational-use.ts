import type { ConversationalUseSettings } from './offer.ts';

/** The measures of behaviour over a line's counted calls of a period. */
export interface BehaviourMeasures {
  readonly calls: number;
  readonly shortCalls: number;
  /** Most calls in progress at one instant. */
  readonly concurrentCalls: number;
  /** Longest run n, n + 1, n + 2, … among the numbers called. */
  readonly sequentialNumbers: number;
  /** Distinct hours of the day, civil time, in which a call started. */
  readonly hoursOfDay: number;
  /** Most distinct numbers called within one block of 1,000. */
  readonly numbersInRange: number;
}

export interface Measure {
  readonly id: 'short-calls' | 'concurrent-calls' | 'sequential-numbers' | 'all-hours' | 'number-range';
  readonly value: number;
  readonly max: number;
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
  if (measures.calls < settings.minCalls) return false;
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
