import type { CivilTime } from '../tariffs/index.ts';
import type { ConditionId } from '../rules/index.ts';
import { type CompiledOffer, effectOf } from './compiled-offer.ts';
import type { FactEpoch } from './fact-epoch.ts';
import type { Finding, FindingCondition } from './finding.ts';
import { LineMonth } from './line-month.ts';

/** The cached judgement of one line in one period, and what the running batch did to it. */
export interface MonthState {
  readonly period: number;
  readonly month: LineMonth;
  /** The offers in force in the period, first come first, each once: a matter of provisioning alone. */
  offers: readonly CompiledOffer[];
  findings: readonly Finding[];
  /** The findings as the ledger has them. */
  savedFindings: readonly Finding[];
  /** The batch that touched it last, so that it is listed once a batch. */
  touchedInBatch: number;
  /** The batch that listed it last as one to be judged, so that it is listed once a batch. */
  unsettledInBatch: number;
  /** A call came that may be before the one that crossed the limit of distinct numbers, or be it. */
  crossingMayMove: boolean;
}

/** A month without calls, of a line with these facts. */
export function emptyMonthState(epochs: readonly FactEpoch[], period: number, civilTime: CivilTime): MonthState {
  const start = civilTime.periodStart(period);
  return {
    period,
    month: new LineMonth(start),
    offers: offersBetween(epochs, start, civilTime.periodEnd(period)),
    findings: NO_FINDINGS,
    savedFindings: NO_FINDINGS,
    touchedInBatch: -1,
    unsettledInBatch: -1,
    crossingMayMove: false,
  };
}

const NO_FINDINGS: readonly Finding[] = [];

/** The offers in force at some time in `[start, end)`, in order of time, each once. */
export function offersBetween(epochs: readonly FactEpoch[], start: number, end: number): readonly CompiledOffer[] {
  const offers = epochs.flatMap(({ from, to, offer }) => (offer !== null && from < end && to > start ? [offer] : []));
  const first = offers[0];
  if (first === undefined) return NO_OFFERS;
  const distinct = [...new Set(offers)];
  return distinct.length === 1 ? listOf(first) : distinct;
}

const NO_OFFERS: readonly CompiledOffer[] = [];
const lists = new WeakMap<CompiledOffer, readonly CompiledOffer[]>();

/** The offer alone, as one list for all months that are under it: each call asks, and one list stays in the caches. */
function listOf(offer: CompiledOffer): readonly CompiledOffer[] {
  const list = lists.get(offer) ?? [offer];
  lists.set(offer, list);
  return list;
}

/**
 * The offer whose thresholds and effects bind a condition for the month: the first in force that has it, so that a
 * change of offer later in the month does not change the terms. `null` when none has it.
 */
export function termsOf(offers: readonly CompiledOffer[], condition: ConditionId): CompiledOffer | null {
  return offers.find((offer) => effectOf(offer, condition) !== null) ?? null;
}

export function findingOf<C extends FindingCondition>(
  findings: readonly Finding[],
  condition: C,
): Extract<Finding, { condition: C }> | undefined {
  return findings.find((finding): finding is Extract<Finding, { condition: C }> => finding.condition === condition);
}

/** The findings with that of `condition` replaced by `finding`, or taken out when it is `null`. */
export function withFinding(
  findings: readonly Finding[],
  condition: FindingCondition,
  finding: Finding | null,
): readonly Finding[] {
  const others = findings.filter((other) => other.condition !== condition);
  return finding === null ? others : [...others, finding];
}
