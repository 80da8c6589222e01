import type { Decision, Line } from '../../../rater/line/line.ts';
import { type ConditionId, CONDITION_IDS } from '../../../rules/conditions.ts';
import type { Effect } from '../../../rules/effect.ts';
import type { Offer } from '../../../rules/offer.ts';
import { conditionOf, equipmentReason, excludedClassOf, mobilityReason } from './breaking-calls.ts';
import { periodEnd, periodStart } from './civil-month.ts';
import { evidenceOf } from './evidence.ts';
import { findCalls } from './find-calls.ts';
import type { FoundCall, OracleClose, OracleEvidence, OracleInput, OracleVerdict } from './oracle-types.ts';
import { compareCalls } from './record-content.ts';

/** What a condition in force does to calls: which it holds, and of which classes. */
export interface Hold {
  readonly line: string;
  readonly condition: ConditionId;
  readonly classes: readonly string[];
  readonly holds: (call: FoundCall) => boolean;
}

export interface JudgedMonths {
  readonly verdicts: readonly OracleVerdict[];
  readonly holds: readonly Hold[];
}

/**
 * The offer whose thresholds and effects bind a condition for a line's month: the first offer in force in that month
 * that has the condition. It is a matter of provisioning alone, so that neither a call nor an offer of later in the
 * month changes the terms. `null` when no offer of the month has it.
 */
function termsOf(input: OracleInput, line: Line, period: number, condition: ConditionId): Offer | null {
  for (const span of line.spans.toSorted((a, b) => a.from - b.from)) {
    const offer = input.offers.find(({ id }) => id === span.offer);
    if (offer === undefined || conditionOf(offer, condition) === null) continue;
    if (span.from < periodEnd(offer.timeZone, period) && periodStart(offer.timeZone, period) < span.to) return offer;
  }
  return null;
}

/** The decisions on one line, period and condition, in the order in which they were taken. */
function decisionsOn(input: OracleInput, line: Line, period: number, condition: ConditionId): Decision[] {
  return input.decisions
    .filter((one) => one.line === line.id && one.period === period && one.condition === condition)
    .toSorted((a, b) => a.sequence - b.sequence);
}

/**
 * Where a breach begins: the call that crossed or broke first; behaviour is of the whole period and has no such call.
 */
function breachStart(evidence: OracleEvidence | null, confirmed: Decision | null, start: number): number {
  if (evidence === null) return confirmed?.breachFrom ?? start;
  if (evidence.kind === 'conversational-use') return start;
  return 'crossing' in evidence ? evidence.crossing.startedAt : evidence.first.startedAt;
}

/**
 * Until when a hold of `period` runs that began at `from`. Every reinstatement of the line for that condition counts,
 * on whatever month it was decided, if the hold began before it takes effect. One on the very breach may also take
 * effect just as the hold begins: then it runs from its start to its start.
 */
function holdEnd(
  effect: Effect,
  input: OracleInput,
  { line, period, condition }: { line: string; period: number; condition: ConditionId },
  from: number,
  end: number,
): number {
  if (effect.suspension === 'none') return end;
  const ends = [effect.suspension === 'period' ? end : Infinity];
  for (const decision of input.decisions) {
    if (decision.kind !== 'reinstate' || decision.line !== line || decision.condition !== condition) continue;
    if (from < decision.effectiveAt) ends.push(decision.effectiveAt);
    if (from === decision.effectiveAt && decision.period === period) ends.push(from);
  }
  return Math.min(...ends);
}

/** Whether a call is by itself one that breaks a condition, for effects that meter exactly those. */
function breaksAlone(condition: ConditionId, call: FoundCall): boolean {
  switch (condition) {
    case 'sip-mobility':
      return mobilityReason(call) !== null;
    case 'equipment':
      return equipmentReason(call) !== null;
    case 'usage-class':
      return excludedClassOf(call) !== null;
    case 'forwarding':
    case 'call-length':
      return false; // Metered before any hold is asked.
    case 'distinct-numbers':
    case 'monthly-minutes':
    case 'conversational-use':
      throw new Error(`Cannot re-rate by "call" for "${condition}": no call breaks it alone`);
    default:
      return condition satisfies never;
  }
}

function judgeCondition(
  input: OracleInput,
  line: Line,
  period: number,
  condition: ConditionId,
  calls: readonly FoundCall[],
): { readonly verdict: OracleVerdict; readonly hold: Hold | null } | null {
  const terms = termsOf(input, line, period, condition);
  const effect = conditionOf(terms, condition)?.effect ?? null;
  if (terms === null || effect === null) return null;
  const evidence = evidenceOf(condition, calls, terms);
  const decisions = decisionsOn(input, line, period, condition);
  let decided: (typeof decisions)[number] | null = null;
  for (const decision of decisions) {
    if (decision.kind === 'confirm' || decision.kind === 'dismiss') decided = decision;
    if (decision.kind === 'reopen') decided = null;
  }
  if (evidence === null && decided === null) return null;
  const waits = effect.mode === 'review' || isFoundLate(input, line, period, condition);
  const inForce = decided === null ? !waits && evidence !== null : decided.kind === 'confirm';
  const interval = inForce
    ? holdInterval(input, { line: line.id, period, condition }, effect, evidence, decided, terms)
    : null;
  return {
    verdict: {
      line: line.id,
      account: line.account,
      period,
      condition,
      stands: evidence !== null,
      evidence,
      decision: decided === null ? null : decided.kind === 'confirm' ? 'confirm' : 'dismiss',
      inForce,
      hold: interval,
    },
    hold: inForce ? holdOf(line, period, condition, effect, interval) : null,
  };
}

/** Invariant 5: whether the month had been closed when nothing showed the breach yet. Then a person decides first. */
function isFoundLate({ closes = [] }: OracleInput, line: Line, period: number, condition: ConditionId): boolean {
  const close = closes.find((one) => one.period >= period);
  if (close === undefined) return false;
  return !verdictsAt(close).some(
    (verdict) =>
      verdict.stands && verdict.line === line.id && verdict.period === period && verdict.condition === condition,
  );
}

const verdictsOfCloses = new WeakMap<OracleClose, readonly OracleVerdict[]>();

/** The verdicts with what was known at a close: they are asked for again and again. */
function verdictsAt(close: OracleClose): readonly OracleVerdict[] {
  const verdicts = verdictsOfCloses.get(close) ?? judgeMonths(close.known, findCalls(close.known).calls).verdicts;
  verdictsOfCloses.set(close, verdicts);
  return verdicts;
}

/** The interval that a condition in force holds; `null` for the scope `call`, which holds calls one by one. */
function holdInterval(
  input: OracleInput,
  breach: { readonly line: string; readonly period: number; readonly condition: ConditionId },
  effect: Effect,
  evidence: OracleEvidence | null,
  confirmed: Decision | null,
  terms: Offer,
): { readonly from: number; readonly to: number } | null {
  if (effect.rerate.scope === 'call') return null;
  const start = periodStart(terms.timeZone, breach.period);
  const from = effect.rerate.scope === 'period' ? start : breachStart(evidence, confirmed, start);
  return { from, to: holdEnd(effect, input, breach, from, periodEnd(terms.timeZone, breach.period)) };
}

function holdOf(
  line: Line,
  period: number,
  condition: ConditionId,
  effect: Effect,
  interval: { readonly from: number; readonly to: number } | null,
): Hold {
  const holds = (call: FoundCall): boolean =>
    interval === null
      ? call.period === period && breaksAlone(condition, call)
      : interval.from <= call.cdr.startedAt && call.cdr.startedAt < interval.to;
  return { line: line.id, condition, classes: effect.rerate.classes, holds };
}

/** Every condition of every line in every month that has calls or decisions, with what those in force hold. */
export function judgeMonths(input: OracleInput, calls: readonly FoundCall[]): JudgedMonths {
  const periods = new Set([...calls.map(({ period }) => period), ...input.decisions.map(({ period }) => period)]);
  const verdicts: OracleVerdict[] = [];
  const holds: Hold[] = [];
  const callsOf = Map.groupBy(calls, ({ line }) => line.id);
  for (const line of input.lines.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    for (const period of [...periods].toSorted((a, b) => a - b)) {
      const month = (callsOf.get(line.id) ?? [])
        .filter((call) => call.period === period)
        .toSorted((a, b) => compareCalls(a.cdr, b.cdr));
      for (const condition of CONDITION_IDS.toSorted()) {
        const judged = judgeCondition(input, line, period, condition, month);
        if (judged === null) continue;
        verdicts.push(judged.verdict);
        if (judged.hold !== null) holds.push(judged.hold);
      }
    }
  }
  return { verdicts, holds };
}
