import type { CivilTime } from '../../tariffs/index.ts';
import type { ConditionId, MonthMeasures } from '../../rules/index.ts';
import { type CompiledOffer, effectOf } from '../rate/compiled-offer.ts';
import type { FactSpan } from '../line/fact-span.ts';
import type { Finding, FindingCondition } from './finding.ts';
import { LineMonth } from './line-month.ts';
import { IS_QUIET, monthRecords } from './month-records.ts';

/** The cached judgement of one line in one period. */
export class MonthState {
  readonly period: number;
  readonly month: LineMonth;
  #offers: readonly CompiledOffer[];
  #findings: readonly Finding[] = NO_FINDINGS;
  #savedFindings: readonly Finding[] = NO_FINDINGS;
  #crossingMayMove = false;
  /** Whole seconds of the calls that use included minutes; 0 under offers that do not ask. */
  includedSeconds = 0;

  /** @param periodStart ms since the epoch */
  constructor(period: number, periodStart: number, offers: readonly CompiledOffer[]) {
    this.period = period;
    this.month = new LineMonth(period, periodStart);
    this.#offers = offers;
    this.#noteWhetherQuiet();
  }

  /** The offers in force in the period, first come first, each once: a matter of provisioning alone. */
  get offers(): readonly CompiledOffer[] {
    return this.#offers;
  }

  set offers(offers: readonly CompiledOffer[]) {
    this.#offers = offers;
    this.#noteWhetherQuiet();
  }

  get findings(): readonly Finding[] {
    return this.#findings;
  }

  set findings(findings: readonly Finding[]) {
    this.#findings = findings;
    this.#noteWhetherQuiet();
  }

  /** The findings as the ledger has them. */
  get savedFindings(): readonly Finding[] {
    return this.#savedFindings;
  }

  set savedFindings(findings: readonly Finding[]) {
    this.#savedFindings = findings;
    this.#noteWhetherQuiet();
  }

  /** What the month's calls come to. */
  measures(): MonthMeasures {
    return this.month.measures(this.includedSeconds);
  }

  /** A call came that may be before the one that crossed a limit, or be it. */
  get crossingMayMove(): boolean {
    return this.#crossingMayMove;
  }

  set crossingMayMove(mayMove: boolean) {
    this.#crossingMayMove = mayMove;
    this.#noteWhetherQuiet();
  }

  /**
   * Under one offer, with nothing found and nothing to be asked: a call changes no verdict but by the month's counts.
   */
  get isQuiet(): boolean {
    return (
      this.#findings.length === 0 &&
      this.#findings === this.#savedFindings &&
      !this.#crossingMayMove &&
      this.#offers.length === 1
    );
  }

  #noteWhetherQuiet(): void {
    if (!this.month.isReleased) monthRecords[this.month.record + IS_QUIET] = this.isQuiet ? 1 : 0;
  }
}

/** A month without calls, of a line with these facts. */
export function emptyMonthState(factSpans: readonly FactSpan[], period: number, civilTime: CivilTime): MonthState {
  const start = civilTime.periodStart(period);
  return new MonthState(period, start, offersBetween(factSpans, start, civilTime.periodEnd(period)));
}

const NO_FINDINGS: readonly Finding[] = [];

/** The offers in force at some time in `[start, end)`, in order of time, each once. */
export function offersBetween(factSpans: readonly FactSpan[], start: number, end: number): readonly CompiledOffer[] {
  const offers = factSpans.flatMap(({ from, to, offer }) =>
    offer !== null && from < end && to > start ? [offer] : [],
  );
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
