import { type Hold, type LineState, type MonthState, type RatedCall, sameHolds } from '../../rater/index.ts';
import { type HoldTerms, undecidedHolds } from './line-holds.ts';

/** Included calls of a line's month that confirming what waits for a decision would charge; what that is, in micros. */
export interface Stake {
  readonly calls: number;
  readonly money: number;
}

interface Basis {
  readonly findings: MonthState['findings'];
  readonly lineHolds: LineState['holds'];
  readonly decisions: LineState['decisions'];
  readonly factSpans: LineState['factSpans'];
}

/** What a batch knows of the stake of a line's month: all of it, or what its calls add. */
interface NotedStake {
  readonly line: LineState;
  readonly period: number;
  /** What waits for a decision would hold this: what is noted is true as long as that is so. */
  readonly holds: readonly Hold[];
  /** What `holds` was made of, by which it is known to be so still: these lists are replaced, never changed. */
  basis: Basis;
  calls: number;
  money: number;
  /** It was added up under several lists of holds: only the ledger can say. */
  isUnsure: boolean;
}

/**
 * The money at stake that a batch changes, of months in which something is found: every other month has none, and
 * costs nothing here. A month judged from the ledger is added up whole; a call that joins another adds its price.
 */
export class Stakes {
  readonly #terms: HoldTerms;
  readonly #added = new Map<MonthState, NotedStake>();
  readonly #whole = new Map<LineState, Map<number, Stake>>();

  constructor(terms: HoldTerms) {
    this.#terms = terms;
  }

  /** What calls added to the months that were not judged from the ledger. */
  get added(): Iterable<Readonly<NotedStake>> {
    return this.#added.values();
  }

  /** All lines that were judged from the ledger and have a month with a stake, or that may have had one. */
  get whole(): Iterable<readonly [LineState, ReadonlyMap<number, Stake>]> {
    return this.#whole;
  }

  /** Takes in a call that joins a month in which something is found. */
  add({ line, startedAt, coverage, reason, meteredPrice }: RatedCall, month: MonthState): void {
    const stake = this.#noted(line, month);
    if (coverage !== 'included' || !reach(stake.holds, startedAt, reason)) return;
    stake.calls++;
    stake.money += meteredPrice;
  }

  #noted(line: LineState, month: MonthState): NotedStake {
    const noted = this.#added.get(month);
    if (noted !== undefined && isBasis(noted.basis, line, month)) return noted;
    const { findings, period } = month;
    const holds = undecidedHolds(line, period, findings, this.#terms);
    const basis = { findings, lineHolds: line.holds, decisions: line.decisions, factSpans: line.factSpans };
    if (noted === undefined) {
      const stake = { line, period, holds, basis, calls: 0, money: 0, isUnsure: false };
      this.#added.set(month, stake);
      return stake;
    }
    if (sameHolds(noted.holds, holds)) noted.basis = basis;
    else noted.isUnsure = true;
    return noted;
  }

  /** Adds up a line's months, all calls of which are `rated`; a month without a call counts, too. */
  addUp(line: LineState, months: readonly MonthState[], rated: readonly RatedCall[]): void {
    const stakes = new Map<number, Stake>();
    for (const { period, findings, savedFindings } of months) {
      if (findings.length === 0 && savedFindings.length === 0) continue;
      const holds = undecidedHolds(line, period, findings, this.#terms);
      const own = rated.filter(
        (call) => call.period === period && call.coverage === 'included' && reach(holds, call.startedAt, call.reason),
      );
      const money = own.reduce((sum, { meteredPrice }) => sum + meteredPrice, 0);
      stakes.set(period, { calls: own.length, money });
    }
    const before = this.#whole.get(line);
    this.#whole.set(line, before === undefined ? stakes : new Map([...before, ...stakes]));
  }
}

function isBasis({ findings, lineHolds, decisions, factSpans }: Basis, line: LineState, month: MonthState): boolean {
  return (
    findings === month.findings &&
    lineHolds === line.holds &&
    decisions === line.decisions &&
    factSpans === line.factSpans
  );
}

/** Whether one of the holds would meter an included call, whose reason is the class of its destination. */
function reach(holds: readonly Hold[], startedAt: number, reason: string): boolean {
  return holds.some(
    ({ from, to, classes }) => startedAt >= from && startedAt < to && classes.some((included) => included === reason),
  );
}
