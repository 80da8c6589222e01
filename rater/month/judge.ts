import type { CivilTime } from '../../tariffs/index.ts';
import { CONDITIONS, CallFlag, type Finding, wholeSeconds } from '../../rules/index.ts';
import type { Cdr } from '../call/cdr.ts';
import type { CompiledOffer, LimitedCondition, SetCondition } from '../rate/compiled-offer.ts';
import { compareCalls } from './finding.ts';
import { MonthState, findingOf, termsOf, withFinding } from './month-state.ts';
import type { RatedCall } from '../rate/rated-call.ts';
import { SHOWN_FLAGS, callRef, findingsShownBy } from './shown-findings.ts';

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
  if ((call.flags & CallFlag.usesMinutes) !== 0) state.includedSeconds += wholeSeconds(call.durationMs);
  if (offer === null || !isCounted(call)) return;
  const isShort = call.durationMs <= offer.shortMs;
  state.month.add(call.called, call.startedAt, call.durationMs, isShort, civilTime.hourOfDay(call.startedAt));
}

/** Takes a newly rated call into its month, and what it shows of itself into the month's findings. */
export function judgeCall(state: MonthState, rated: RatedCall, cdr: Cdr, civilTime: CivilTime): void {
  takeIn(state, rated, civilTime);
  if (rated.offer !== null) {
    const isCountedCall = isCounted(rated);
    for (const set of rated.offer.crossing) {
      if (set.condition.goesBy === 'counted-calls' ? isCountedCall : (rated.flags & set.condition.flags) !== 0) {
        noteCrossingOf(state, set, rated.startedAt);
      }
    }
  }
  if ((rated.flags & SHOWN_FLAGS) !== 0) noteFirstCalls(state, rated, cdr);
}

/**
 * Notes that the call which crossed the limit of distinct numbers may now be another one, after a call of the fast
 * lane, which asks of no other limit.
 */
export function noteCrossing(state: MonthState, { crossing }: CompiledOffer, startedAt: number): void {
  for (const set of crossing) noteCrossingOf(state, set, startedAt);
}

/** Notes that the call which crossed a condition's limit may now be another one. */
function noteCrossingOf(state: MonthState, { condition, most }: LimitedCondition, startedAt: number): void {
  // Nearly every call of nearly every line ends here.
  if (state.findings.length === 0 && measureOf(state, condition.measure) <= most) return;
  const standing = findingOf(state.findings, condition.id);
  if (standing === undefined) state.crossingMayMove ||= measureOf(state, condition.measure) > most;
  else state.crossingMayMove ||= startedAt <= standing.breachFrom;
}

/** One of `MonthState.measures`, and no object made for those that are asked after each call. */
function measureOf(state: MonthState, measure: SetCondition<'crossing'>['condition']['measure']): number {
  if (measure === 'distinctNumbers') return state.month.numberCount;
  return measure === 'includedSeconds' ? state.includedSeconds : state.measures()[measure];
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
  const measured = state.offers[0]!.measured;
  if (measured.length === 0) return false;
  const measures = state.measures();
  for (const { condition, settings } of measured) if (condition.breaks(measures, settings)) return true;
  return false;
}

/**
 * Judges behaviour from the month's measures and notes a change. Everything but the calls that cross limits, and months
 * under two offers, is judged without the ledger.
 */
export function judgeMeasures(state: MonthState): void {
  if (hasOneOffer(state)) for (const set of state.offers[0]?.measured ?? []) judgeMeasured(state, set);
}

function judgeMeasured(state: MonthState, { condition, settings }: SetCondition<'measured'>): void {
  const standing = findingOf(state.findings, condition.id);
  const measures = state.measures();
  if (standing === undefined && !condition.breaks(measures, settings)) return;
  const finding = condition.judge(measures, settings, state.month.periodStart);
  if (JSON.stringify(finding) === JSON.stringify(standing ?? null)) return;
  state.findings = withFinding(state.findings, condition.id, finding);
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
  for (const condition of CROSSING) {
    state.findings = withFinding(state.findings, condition.id, crossingFinding(state, condition.id, ordered));
  }
  state.crossingMayMove = false;
}

const CROSSING = CONDITIONS.filter((condition) => condition.kind === 'crossing');
const MEASURED = CONDITIONS.filter((condition) => condition.kind === 'measured');

/** What a condition finds that one call crosses: over the calls whose offer has it, by the terms of the month. */
function crossingFinding(
  { offers }: MonthState,
  id: (typeof CROSSING)[number]['id'],
  ordered: readonly RecordedCall[],
): Finding | null {
  const terms = termsOf(offers, id)?.crossing.find(({ condition }) => condition.id === id);
  if (terms === undefined) return null;
  const { condition, settings } = terms;
  const calls = ordered
    .filter(({ rated }) => goesBy(condition, rated))
    .map(({ cdr, rated }) => ({ ...callRef(cdr), called: rated.called, durationMs: rated.durationMs }));
  return condition.judge(calls, settings);
}

/** Whether a condition that one call crosses goes by this call, which was made under an offer that has it. */
function goesBy({ id, goesBy: which, flags }: SetCondition<'crossing'>['condition'], call: JudgedCall): boolean {
  if (which === 'included-calls') return (call.flags & flags) !== 0;
  return isCounted(call) && call.offer?.crossing.some(({ condition }) => condition.id === id) === true;
}

/** Behaviour in a period under two offers: over the calls whose offer has the condition, by the terms of the month. */
function judgeMeasuresUnderTwoOffers(state: MonthState, ordered: readonly RecordedCall[], civilTime: CivilTime): void {
  for (const { id } of MEASURED) {
    const terms = termsOf(state.offers, id);
    if (terms === null) continue;
    const under = new MonthState(state.period, state.month.periodStart, [terms]);
    for (const { rated } of ordered) {
      if (rated.offer?.measured.some(({ condition }) => condition.id === id) === true) {
        takeIn(under, { ...rated, offer: terms }, civilTime);
      }
    }
    judgeMeasures(under);
    under.month.release();
    state.findings = withFinding(state.findings, id, findingOf(under.findings, id) ?? null);
  }
}
