import {
  type CoverageTotal,
  type DecisionOnLine,
  type DestinationTotal,
  type LineInBreach,
  type Queryable,
  type QuarantineCount,
  type SourceCount,
  countQuarantine,
  linesInBreach,
  ledgerUnits,
  monthTotals,
  readSourceCounts,
  repeatWhileCut,
} from '../../ledger/index.ts';
import type { Coverage } from '../../rater/index.ts';
import { type CivilTime, compileCivilTime } from '../../tariffs/index.ts';
import { type BreachStatus, breachStatusOf, evidenceText, isFinding } from '../cases/evidence-text.ts';
import { ledgerTimeZone } from '../ledger-civil-time.ts';
import type { LedgerReading } from '../ledger-access.ts';
import { type OwnHold, type PeriodHolds, holdsInPeriod, holdsOfLineInPeriod } from '../cases/held-in-period.ts';

/** A period as the report tells it. Money in micros of `currency`, excluding tax. */
export interface Report {
  readonly period: number;
  readonly timeZone: string;
  readonly currency: string;
  readonly totals: readonly CoverageTotal[];
  /** The sum of all entries, for comparison with the totals. */
  readonly postedCharge: number;
  readonly destinations: readonly DestinationTotal[];
  readonly lines: readonly ReportedLine[];
  readonly quarantine: readonly QuarantineCount[];
  readonly sources: readonly SourceCount[];
}

/** A line over its conditions, by money: what it has at stake, and what its breaches charge. */
export interface ReportedLine extends Omit<LineInBreach, 'breaches'> {
  /** Calls that are metered because of its breaches, re-rated ones among them, and what they cost (micros). */
  readonly meteredCalls: number;
  readonly meteredCharge: number;
  readonly breaches: readonly ReportedBreach[];
}

export type StandingBreach = LineInBreach['breaches'][number];

export interface ReportedBreach extends StandingBreach {
  readonly status: BreachStatus;
  /** What it holds, in terms of the start of calls (ms); `null` while it is not in force. */
  readonly inForce: { readonly from: number; readonly to: number } | null;
  /**
   * The decision that ended it, when that is why it is in force no more from some instant on; maybe on another month.
   */
  readonly reinstatement: DecisionOnLine | null;
  readonly words: string;
}

/** Reads all that the report of a period says; once more, when the connection breaks meanwhile. */
export function readReport(ledger: LedgerReading, period: number): Promise<Report> {
  return repeatWhileCut(() => readOnce(ledger, period));
}

async function readOnce(ledger: LedgerReading, period: number): Promise<Report> {
  const { db } = ledger;
  const timeZone = await ledgerTimeZone(db);
  const civilTime = compileCivilTime(timeZone);
  const { destinations, postedCharge } = await monthTotals(db, period);
  const holds = await holdsInPeriod(ledger, period);
  const lines = await linesInBreach(db, period, holds);
  return {
    period,
    timeZone,
    currency: await currencyOf(db),
    totals: totalsOf(destinations),
    postedCharge,
    destinations,
    lines: reportedLines(lines, holds, civilTime),
    quarantine: await countQuarantine(db),
    sources: await readSourceCounts(db),
  };
}

/** One line of a report, and what is needed to read it. */
export interface LineReport {
  readonly period: number;
  readonly timeZone: string;
  readonly currency: string;
  /** The line, where it is over its conditions in the period, or was and has a case that was withdrawn. */
  readonly lines: readonly ReportedLine[];
}

/** Reads what the report of a period says of one line; no other line and no total is read. */
export async function readLineReport(
  ledger: LedgerReading,
  period: number,
  line: { readonly id: string; readonly no: number },
): Promise<LineReport> {
  const { db } = ledger;
  const timeZone = await ledgerTimeZone(db);
  const holds = await holdsOfLineInPeriod(ledger, period, line.id);
  const lines = await linesInBreach(db, period, { held: holds.held, undecided: holds.undecided, line: line.no });
  return {
    period,
    timeZone,
    currency: await currencyOf(db),
    lines: reportedLines(lines, holds, compileCivilTime(timeZone)),
  };
}

/** The currency of the deck that prices calls. */
export async function currencyOf(q: Queryable): Promise<string> {
  return (await ledgerUnits(q)).currency ?? 'EUR';
}

function reportedLines(lines: readonly LineInBreach[], holds: PeriodHolds, civilTime: CivilTime): ReportedLine[] {
  return lines
    .filter(
      ({ breaches, heldByEarlierMonths, caseState }) =>
        breaches.length + heldByEarlierMonths.length > 0 || caseState === 'withdrawn',
    )
    .map((line) => reportedLine(line, holds, civilTime))
    .toSorted(byMoney);
}

const COVERAGES: readonly Coverage[] = ['included', 'metered', 'free'];

/** Totals by coverage, each present, from those by destination. */
function totalsOf(destinations: readonly DestinationTotal[]): CoverageTotal[] {
  return COVERAGES.map((coverage) => {
    const own = destinations.filter((total) => total.coverage === coverage);
    const sum = (of: (total: DestinationTotal) => number): number => own.reduce((total, each) => total + of(each), 0);
    return {
      coverage,
      calls: sum(({ calls }) => calls),
      billedSeconds: sum(({ billedSeconds }) => billedSeconds),
      charge: sum(({ charge }) => charge),
      meteredPrice: sum(({ meteredPrice }) => meteredPrice),
    };
  });
}

function reportedLine(line: LineInBreach, holds: PeriodHolds, civilTime: CivilTime): ReportedLine {
  const metered = [...line.breaches, ...line.heldByEarlierMonths];
  return {
    ...line,
    meteredCalls: metered.reduce((sum, { meteredCalls }) => sum + meteredCalls, 0),
    meteredCharge: metered.reduce((sum, { meteredCharge }) => sum + meteredCharge, 0),
    breaches: line.breaches.map((breach) =>
      reported(breach, holds.own(line.lineNo, breach.condition), line.distinctNumbers, civilTime),
    ),
  };
}

function byMoney(a: ReportedLine, b: ReportedLine): number {
  return b.atStake + b.meteredCharge - (a.atStake + a.meteredCharge) || (a.line < b.line ? -1 : 1);
}

function reported(
  breach: StandingBreach,
  own: OwnHold | null,
  distinctNumbers: number,
  civilTime: CivilTime,
): ReportedBreach {
  const { evidence } = breach;
  return {
    ...breach,
    status: breachStatusOf(breach.decision, own),
    inForce: own === null ? null : { from: own.hold.from, to: own.hold.to },
    reinstatement: own?.reinstatement ?? null,
    words: isFinding(evidence) ? evidenceText(evidence, civilTime, distinctNumbers) : '',
  };
}
