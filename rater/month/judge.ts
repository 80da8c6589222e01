import type { CivilTime } from '../../tariffs/index.ts';
import {
  type Measure,
  breaksConversationalUse,
  judgeConversationalUse,
  judgeDistinctNumbers,
} from '../../rules/index.ts';
import { CallFlag, EQUIPMENT_FLAGS, MOBILITY_FLAGS } from '../call/call-flags.ts';
import type { Cdr } from '../call/cdr.ts';
import type { CompiledOffer } from '../rate/compiled-offer.ts';
import { type Finding, compareCalls } from './finding.ts';
import { MonthState, findingOf, termsOf, withFinding } from './month-state.ts';
import type { RatedCall } from '../rate/rated-call.ts';
import { callRef, findingsShownBy } from './shown-findings.ts';

/** What of a rated call a month remembers; enough to take it in again from the ledger. */
export interface JudgedCall {
  readonly startedAt: number;
  readonly durationMs: number;
  readonly called: number;
  readonly flags: number;
  readonly offer: CompiledOffer | null;
  readonly isFree: boolean;
}

/**
 * Whether the conditions count the call: the user placed it (no forwarded leg), it lasted, it was no emergency or
 * toll-free call, and it was made under an offer (domain page, "Distinct numbers").
 */
function isCounted(call: JudgedCall): boolean {
  return call.durationMs > 0 && call.offer !== null && !call.isFree && (call.flags & CallFlag.forwarded) === 0;
}

/** Takes a call into its month's measures. */
export function takeIn(state: MonthState, call: JudgedCall, civilTime: CivilTime): void {
  const { offer } = call;
  if (offer === null || !isCounted(call)) return;
  const isShort = call.durationMs <= offer.shortMs;
  state.month.add(call.called, call.startedAt, call.durationMs, isShort, civilTime.hourOfDay(call.startedAt));
}

/** Takes a newly rated call into its month, and what it shows of itself into the month's findings. */
export function judgeCall(state: MonthState, rated: RatedCall, cdr: Cdr, civilTime: CivilTime): void {
  takeIn(state, rated, civilTime);
  if (isCounted(rated) && rated.offer !== null) noteCrossing(state, rated.offer, rated.startedAt);
  const shown = rated.flags & (MOBILITY_FLAGS | EQUIPMENT_FLAGS | CallFlag.excludedUsageClass);
  if (shown !== 0) noteFirstCalls(state, rated, cdr);
}

/** Notes that the call which crossed the limit of distinct numbers may now be another one. */
export function noteCrossing(
  state: MonthState,
  { distinctNumbers, maxNumbers }: CompiledOffer,
  startedAt: number,
): void {
  if (distinctNumbers === null) return;
  // Nearly every call of nearly every line ends here.
  if (state.findings.length === 0 && state.month.numberCount <= maxNumbers) return;
  const standing = findingOf(state.findings, 'distinct-numbers');
  if (standing === undefined) state.crossingMayMove ||= state.month.numberCount > maxNumbers;
  else state.crossingMayMove ||= startedAt <= standing.breachFrom;
}

/** Conditions that a single call shows: the first such call, by order of calls, is the evidence. */
function noteFirstCalls(state: MonthState, rated: RatedCall, cdr: Cdr): void {
  for (const finding of findingsShownBy(rated, cdr)) {
    const standing = findingOf(state.findings, finding.condition);
    if (standing !== undefined && compareCalls(finding.firstCall, standing.firstCall) >= 0) continue;
    state.findings = withFinding(state.findings, finding.condition, finding);
  }
}

/**
 * Whether memory alone can judge a month: under two offers each condition has calls of its own, and the ledger is
 * asked.
 */
export function hasOneOffer({ offers }: MonthState): boolean {
  return offers.length < 2;
}

/**
 * Whether judging the month may say anything new. Asked at each call, while the month is at hand: tens of thousands of
 * months that a batch touches are not looked at a second time, when memory has to bring each of them again.
 */
export function needsJudging(state: MonthState): boolean {
  if (!state.isQuiet) return true;
  const condition = state.offers[0]?.conversationalUse ?? null;
  return condition !== null && breaksConversationalUse(state.month.measures(), condition.settings);
}

/**
 * Judges behaviour from the month's measures and notes a change. Everything but the crossing call of distinct numbers,
 * and months under two offers, is judged without the ledger.
 */
export function judgeMeasures(state: MonthState): void {
  const condition = state.offers[0]?.conversationalUse ?? null;
  if (condition === null || !hasOneOffer(state)) return;
  const standing = findingOf(state.findings, 'conversational-use');
  if (standing === undefined && state.month.callCount < condition.settings.minCalls) return;
  const measures =
    state.month.callCount === 0 ? null : judgeConversationalUse(state.month.measures(), condition.settings);
  if (measures === null && standing === undefined) return;
  if (JSON.stringify(measures) === JSON.stringify(standing?.measures)) return;
  const finding = measures === null ? null : behaviourFinding(state, measures);
  state.findings = withFinding(state.findings, 'conversational-use', finding);
}

/** Behaviour is of the whole period: the breach begins where it begins. */
function behaviourFinding({ month }: MonthState, measures: readonly Measure[]): Finding {
  return { condition: 'conversational-use', breachFrom: month.periodStart, measures };
}

/** A call with its record, as a month is judged from the ledger. */
export interface RecordedCall {
  readonly rated: RatedCall;
  readonly cdr: Cdr;
}

/**
 * Judges a line's period from all its calls at once, in any order: every finding, from nothing but the calls.
 * `state` is empty and takes the calls in.
 */
export function judgePeriod(state: MonthState, calls: readonly RecordedCall[], civilTime: CivilTime): void {
  const ordered = calls.toSorted((a, b) => compareCalls(callRef(a.cdr), callRef(b.cdr)));
  for (const { rated, cdr } of ordered) judgeCall(state, rated, cdr, civilTime);
  if (hasOneOffer(state)) judgeMeasures(state);
  else judgeMeasuresUnderTwoOffers(state, ordered, civilTime);
  state.findings = withFinding(state.findings, 'distinct-numbers', distinctNumbersFinding(state, ordered));
  state.crossingMayMove = false;
}

function distinctNumbersFinding({ offers }: MonthState, ordered: readonly RecordedCall[]): Finding | null {
  const settings = termsOf(offers, 'distinct-numbers')?.distinctNumbers?.settings ?? null;
  if (settings === null) return null;
  const counted = ordered
    .filter(({ rated }) => isCounted(rated) && (rated.offer?.distinctNumbers ?? null) !== null)
    .map(({ cdr, rated }) => ({ ...callRef(cdr), called: rated.called }));
  const evidence = judgeDistinctNumbers(counted, settings);
  if (evidence === null) return null;
  const { maxNumbers, crossing, firstCalls } = evidence;
  return {
    condition: 'distinct-numbers',
    breachFrom: crossing.startedAt,
    maxNumbers,
    crossing,
    numbers: firstCalls,
  };
}

/** Behaviour in a period under two offers: over the calls whose offer has the condition, by the terms of the month. */
function judgeMeasuresUnderTwoOffers(state: MonthState, ordered: readonly RecordedCall[], civilTime: CivilTime): void {
  const terms = termsOf(state.offers, 'conversational-use');
  if (terms === null) return;
  const under = new MonthState(state.period, state.month.periodStart, [terms]);
  for (const { rated } of ordered) {
    if (isJudgedForBehaviour(rated)) takeIn(under, { ...rated, offer: terms }, civilTime);
  }
  judgeMeasures(under);
  under.month.release();
  const finding = findingOf(under.findings, 'conversational-use') ?? null;
  state.findings = withFinding(state.findings, 'conversational-use', finding);
}

function isJudgedForBehaviour(call: JudgedCall): boolean {
  return isCounted(call) && (call.offer?.conversationalUse ?? null) !== null;
}
