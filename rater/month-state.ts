import type { CompiledOffer } from './compiled-offer.ts';
import type { Finding, FindingCondition } from './finding.ts';
import { LineMonth } from './line-month.ts';

/** The cached judgement of one line in one period, and what the running batch did to it. */
export interface MonthState {
  readonly period: number;
  readonly month: LineMonth;
  /** The offer of the counted calls so far; a month under two offers is judged from the ledger each time. */
  offer: CompiledOffer | null;
  hasTwoOffers: boolean;
  findings: readonly Finding[];
  /** The findings as the ledger has them. */
  savedFindings: readonly Finding[];
  /** It was built from the ledger, all its calls: a load of the whole period must not take them in again. */
  isFromLedger: boolean;
  /** The batch that touched it last, so that it is listed once a batch. */
  touchedInBatch: number;
  /** A call came that may be before the one that crossed the limit of distinct numbers, or be it. */
  crossingMayMove: boolean;
  findingsChanged: boolean;
}

export function emptyMonthState(period: number, periodStart: number): MonthState {
  return {
    period,
    month: new LineMonth(periodStart),
    offer: null,
    hasTwoOffers: false,
    findings: [],
    savedFindings: [],
    isFromLedger: false,
    touchedInBatch: -1,
    crossingMayMove: false,
    findingsChanged: false,
  };
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
