import type { CivilTime } from '../tariffs/index.ts';
import { judgeConversationalUse, judgeDistinctNumbers } from '../rules/index.ts';
import { CallFlag, EQUIPMENT_FLAGS, MOBILITY_FLAGS } from './call-flags.ts';
import type { Cdr } from './cdr.ts';
import type { CompiledOffer } from './compiled-offer.ts';
import { type CallRef, type Finding, compareCalls } from './finding.ts';
import { type MonthState, emptyMonthState, findingOf, withFinding } from './month-state.ts';
import { isFree } from './rate-call.ts';
import type { RatedCall } from './rated-call.ts';
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
  if (state.offer === null) state.offer = offer;
  else if (state.offer !== offer) state.hasTwoOffers = true;
  const shortMs = offer.conversationalUse?.settings.shortMs ?? 0;
  const isShort = call.durationMs <= shortMs;
  state.month.add(call.called, call.startedAt, call.durationMs, isShort, civilTime.hourOfDay(call.startedAt));
}

/** Takes a newly rated call into its month, and what it shows of itself into the month's findings. */
export function judgeCall(state: MonthState, rated: RatedCall, cdr: Cdr, civilTime: CivilTime): void {
  const call = judgedCall(rated);
  takeIn(state, call, civilTime);
  if (isCounted(call)) noteCrossing(state, rated);
  const shown = rated.flags & (MOBILITY_FLAGS | EQUIPMENT_FLAGS | CallFlag.excludedUsageClass);
  if (shown !== 0) noteFirstCalls(state, rated, cdr);
}

export function judgedCall(rated: RatedCall): JudgedCall {
  return {
    startedAt: rated.startedAt,
    durationMs: rated.durationMs,
    called: rated.called,
    flags: rated.flags,
    offer: rated.offer,
    isFree: isFree(rated.destination),
  };
}

/** Notes that the call which crossed the limit of distinct numbers may now be another one. */
function noteCrossing(state: MonthState, rated: RatedCall): void {
  const condition = rated.offer?.distinctNumbers;
  if (condition == null) return;
  const standing = findingOf(state.findings, 'distinct-numbers');
  if (standing === undefined) state.crossingMayMove ||= state.month.numbers.size > condition.settings.maxNumbers;
  else state.crossingMayMove ||= rated.startedAt <= standing.breachFrom;
}

/** Conditions that a single call shows: the first such call, by order of calls, is the evidence. */
function noteFirstCalls(state: MonthState, rated: RatedCall, cdr: Cdr): void {
  for (const finding of findingsShownBy(rated, cdr)) {
    const standing = findingOf(state.findings, finding.condition);
    if (standing !== undefined && compareCalls(finding.firstCall, standing.firstCall) >= 0) continue;
    state.findings = withFinding(state.findings, finding.condition, finding);
    state.findingsChanged = true;
  }
}

/**
 * Judges behaviour from the month's measures and notes a change. Everything but the crossing call of distinct numbers,
 * and months under two offers, is judged without the ledger.
 */
export function judgeMeasures(state: MonthState): void {
  const condition = state.offer?.conversationalUse;
  if (condition == null || state.hasTwoOffers) return;
  const standing = findingOf(state.findings, 'conversational-use');
  if (standing === undefined && state.month.calls < condition.settings.minCalls) return;
  const measures = judgeConversationalUse(state.month.measures(), condition.settings);
  const breachFrom = state.month.firstStart;
  const isSame = JSON.stringify(measures) === JSON.stringify(standing?.measures ?? null);
  if (isSame && (standing === undefined || standing.breachFrom === breachFrom)) return;
  const finding: Finding | null =
    measures === null ? null : { condition: 'conversational-use', breachFrom, measures };
  state.findings = withFinding(state.findings, 'conversational-use', finding);
  state.findingsChanged = true;
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
  if (state.hasTwoOffers) judgeMeasuresUnderTwoOffers(state, ordered, civilTime);
  else judgeMeasures(state);
  state.findings = withFinding(state.findings, 'distinct-numbers', distinctNumbersFinding(ordered));
  state.crossingMayMove = false;
}

function distinctNumbersFinding(ordered: readonly RecordedCall[]): Finding | null {
  const counted = ordered
    .filter(({ rated }) => isCounted(judgedCall(rated)) && rated.offer?.distinctNumbers != null)
    .map((call) => ({ ...callRef(call.cdr), called: call.rated.called, offer: call.rated.offer! }));
  const evidence = judgeDistinctNumbers(counted, (call) => call.offer.distinctNumbers!.settings);
  if (evidence === null) return null;
  const { maxNumbers, crossing, firstCalls } = evidence;
  const breachFrom = crossing.startedAt;
  return {
    condition: 'distinct-numbers',
    breachFrom,
    maxNumbers,
    crossing: numberedCallRef(crossing),
    numbers: firstCalls.map(numberedCallRef),
  };
}

/**
 * Behaviour in a period under two offers: over the calls whose offer has the condition, by the settings of the last of
 * them.
 */
function judgeMeasuresUnderTwoOffers(
  state: MonthState,
  ordered: readonly RecordedCall[],
  civilTime: CivilTime,
): void {
  const counted = ordered.map(({ rated }) => judgedCall(rated)).filter(isJudgedForBehaviour);
  const offer = counted.at(-1)?.offer ?? null;
  const under = emptyMonthState(state.period, state.month.periodStart);
  for (const call of counted) takeIn(under, { ...call, offer }, civilTime);
  judgeMeasures(under);
  state.findings = withFinding(
    state.findings,
    'conversational-use',
    findingOf(under.findings, 'conversational-use') ?? null,
  );
}

function isJudgedForBehaviour(call: JudgedCall): boolean {
  return isCounted(call) && call.offer?.conversationalUse != null;
}

function numberedCallRef(call: CallRef & { readonly called: number }): CallRef & { readonly called: number } {
  const { startedAt, switchId, callId, legId, called } = call;
  return { startedAt, switchId, callId, legId, called };
}
