import type { ConditionId } from '../../../rules/conditions.ts';
import type { ConversationalUseSettings } from '../../../rules/conversational-use.ts';
import type { Offer } from '../../../rules/offer.ts';
import {
  conditionOf,
  equipmentReason,
  excludedClassOf,
  isCounted,
  mobilityReason,
  usesMinutes,
} from './breaking-calls.ts';
import { civilHour } from './civil-month.ts';
import type { CallReference, FoundCall, Measure, MeasureName, OracleEvidence } from './oracle-types.ts';

/** The first number that is no French short code. */
const FIRST_E164 = 1_000_000;

function reference(call: FoundCall): CallReference {
  return { identity: call.identity, startedAt: call.cdr.startedAt };
}

function firstWith<T>(
  calls: readonly FoundCall[],
  ask: (call: FoundCall) => T | null,
): { first: FoundCall; answer: T } | null {
  for (const first of calls) {
    const answer = ask(first);
    if (answer !== null) return { first, answer };
  }
  return null;
}

/** Article 7, different numbers: the first call of each of the max + 1 numbers; the last of them crossed. */
function distinctNumbers(calls: readonly FoundCall[], max: number): OracleEvidence | null {
  const numbers: { called: number; first: CallReference }[] = [];
  for (const call of calls.filter((one) => isCounted(one, 'distinct-numbers'))) {
    if (numbers.some(({ called }) => called === call.called)) continue;
    numbers.push({ called: call.called, first: reference(call) });
    if (numbers.length > max) return { kind: 'distinct-numbers', max, crossing: reference(call), numbers };
  }
  return null;
}

/** Minutes of a month: talk time, each call in whole seconds begun, one after the other until there are too many. */
function monthlyMinutes(calls: readonly FoundCall[], max: number): OracleEvidence | null {
  let seconds = 0;
  for (const call of calls.filter(usesMinutes)) {
    seconds += Math.floor((call.cdr.durationMs + 999) / 1_000);
    if (seconds / 60 > max) return { kind: 'monthly-minutes', max, crossing: reference(call), seconds };
  }
  return null;
}

/** The most calls in progress at one instant: it is reached when one of them starts. */
function mostConcurrent(calls: readonly FoundCall[]): number {
  const inProgressAt = (at: number): number =>
    calls.filter(({ cdr }) => cdr.startedAt <= at && at < cdr.startedAt + cdr.durationMs).length;
  return Math.max(0, ...calls.map(({ cdr }) => inProgressAt(cdr.startedAt)));
}

/** The longest run n, n + 1, n + 2 … among the numbers called. */
function longestRun(numbers: readonly number[]): number {
  const runFrom = (start: number): number => {
    let length = 1;
    while (numbers.includes(start + length)) length += 1;
    return length;
  };
  return Math.max(0, ...numbers.map(runFrom));
}

/** The most distinct numbers in one block of 1,000. */
function mostInBlock(numbers: readonly number[]): number {
  const inBlockOf = (one: number): number =>
    numbers.filter((other) => Math.floor(other / 1000) === Math.floor(one / 1000)).length;
  return Math.max(0, ...numbers.map(inBlockOf));
}

function measured(measure: MeasureName, value: number, max: number): Measure {
  return { measure, value, max, broke: value > max };
}

/** Article 7, conversational use: every measure, once there are enough calls to judge; evidence only when one broke. */
function conversationalUse(
  calls: readonly FoundCall[],
  settings: ConversationalUseSettings,
  timeZone: string,
): OracleEvidence | null {
  const counted = calls.filter((call) => isCounted(call, 'conversational-use'));
  if (counted.length === 0 || counted.length < settings.minCalls) return null;
  const numbers = [...new Set(counted.map(({ called }) => called))].filter((called) => called >= FIRST_E164);
  const short = counted.filter(({ cdr }) => cdr.durationMs <= settings.shortMs).length;
  const hours = new Set(counted.map(({ cdr }) => civilHour(timeZone, cdr.startedAt)));
  const measures = [
    measured('short-calls', Math.floor((short * 1000) / counted.length), settings.maxShortCallsPerMille),
    measured('concurrent-calls', mostConcurrent(counted), settings.maxConcurrentCalls),
    measured('sequential-numbers', longestRun(numbers), settings.maxSequentialNumbers),
    measured('all-hours', hours.size, settings.maxHoursOfDay),
    measured('number-range', mostInBlock(numbers), settings.maxNumbersInRange),
  ];
  if (!measures.some(({ broke }) => broke)) return null;
  return { kind: 'conversational-use', countedCalls: counted.length, measures };
}

/**
 * The evidence that a line broke a condition in a period, from all its calls of that period in the order of calls;
 * `null` when it did not. `terms` is the offer whose thresholds bind the month; what a single call is asked, it is
 * asked under its own offer.
 */
export function evidenceOf(condition: ConditionId, calls: readonly FoundCall[], terms: Offer): OracleEvidence | null {
  switch (condition) {
    case 'distinct-numbers': {
      const settings = conditionOf(terms, condition)?.settings;
      return settings === undefined ? null : distinctNumbers(calls, settings.maxNumbers);
    }
    case 'forwarding':
      return null; // Each forwarded leg is metered by itself: there is nothing to judge in the month.
    case 'sip-mobility': {
      const found = firstWith(calls, mobilityReason);
      return found === null ? null : { kind: condition, first: reference(found.first), why: found.answer };
    }
    case 'equipment': {
      const found = firstWith(calls, equipmentReason);
      return found === null ? null : { kind: condition, first: reference(found.first), why: found.answer };
    }
    case 'usage-class': {
      const found = firstWith(calls, excludedClassOf);
      return found === null ? null : { kind: condition, first: reference(found.first), usageClass: found.answer };
    }
    case 'conversational-use': {
      const settings = conditionOf(terms, condition)?.settings;
      return settings === undefined ? null : conversationalUse(calls, settings, terms.timeZone);
    }
    case 'call-length':
      return null; // Each long call is metered by itself.
    case 'monthly-minutes': {
      const settings = conditionOf(terms, condition)?.settings;
      return settings === undefined ? null : monthlyMinutes(calls, settings.maxMinutes);
    }
    default:
      return condition satisfies never;
  }
}
