import {
  type CaseState,
  type CoverageTotal,
  type DestinationTotal,
  type LineInBreach,
  type QuarantineCount,
  type SourceCount,
  countQuarantine,
  destinationTotals,
  linesInBreach,
  loadOffers,
  loadRateDecks,
  postedCharge,
  readSourceCounts,
} from '../ledger/index.ts';
import type { Coverage, Finding } from '../rater/index.ts';
import { type CivilTime, compileCivilTime } from '../tariffs/index.ts';
import { evidenceText, isFinding, standingText } from './evidence-text.ts';
import { ledgerTimeZone } from './ledger-civil-time.ts';
import type { Ledger } from './open-ledger.ts';
import { plainMoney, showPeriod } from './show-values.ts';

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

/** A line over its conditions, by money: what it still has at stake, and what its breaches charge. */
export interface ReportedLine extends Omit<LineInBreach, 'breaches'> {
  /** Calls that are metered because of its breaches, re-rated ones among them, and what they cost (micros). */
  readonly meteredCalls: number;
  readonly meteredCharge: number;
  readonly breaches: readonly ReportedBreach[];
}

export interface ReportedBreach {
  readonly condition: Finding['condition'];
  /** ms since the epoch. */
  readonly breachFrom: number;
  readonly decision: 'confirm' | 'dismiss' | null;
  /** `in force`, `waits for a decision`, `confirmed`, `dismissed`. */
  readonly standing: string;
  readonly words: string;
  readonly evidence: unknown;
  readonly meteredCalls: number;
  readonly meteredCharge: number;
}

/** Reads all that the report of a period says. */
export async function readReport({ db }: Pick<Ledger, 'db'>, period: number): Promise<Report> {
  const timeZone = await ledgerTimeZone(db);
  const civilTime = compileCivilTime(timeZone);
  const destinations = await destinationTotals(db, period);
  const automatic = await automaticConditions(db);
  const lines = await linesInBreach(db, period);
  return {
    period,
    timeZone,
    currency: (await loadRateDecks(db)).at(-1)?.currency ?? 'EUR',
    totals: totalsOf(destinations),
    postedCharge: await postedCharge(db, period),
    destinations,
    lines: lines.map((line) => reportedLine(line, automatic, civilTime)).toSorted(byMoney),
    quarantine: await countQuarantine(db),
    sources: await readSourceCounts(db),
  };
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

/** Conditions that take effect without a person, by the offers in use. */
async function automaticConditions(db: Ledger['db']): Promise<ReadonlySet<string>> {
  const offers = await loadOffers(db);
  const inUse = new Map(offers.map(({ id, offer }) => [id, offer]));
  const conditions = [...inUse.values()].flatMap((offer) => offer.conditions);
  return new Set(conditions.filter(({ effect }) => effect.mode === 'automatic').map(({ id }) => id));
}

function reportedLine(line: LineInBreach, automatic: ReadonlySet<string>, civilTime: CivilTime): ReportedLine {
  return {
    ...line,
    meteredCalls: line.breaches.reduce((sum, { meteredCalls }) => sum + meteredCalls, 0),
    meteredCharge: line.breaches.reduce((sum, { meteredCharge }) => sum + meteredCharge, 0),
    breaches: line.breaches.map((breach) => reported(breach, automatic, civilTime)),
  };
}

function byMoney(a: ReportedLine, b: ReportedLine): number {
  return b.atStake + b.meteredCharge - (a.atStake + a.meteredCharge) || (a.line < b.line ? -1 : 1);
}

function reported(
  breach: LineInBreach['breaches'][number],
  automatic: ReadonlySet<string>,
  civilTime: CivilTime,
): ReportedBreach {
  const { condition, evidence, decision } = breach;
  return {
    ...breach,
    standing: standingText(decision, automatic.has(condition)),
    words: isFinding(evidence) ? evidenceText(evidence, civilTime) : '',
  };
}

/** The report as data: `docs/reference/report-json.md`. */
export function reportJson(report: Report): unknown {
  return {
    v: 1,
    period: showPeriod(report.period),
    timeZone: report.timeZone,
    currency: report.currency,
    charge: plainMoney(report.postedCharge),
    coverage: Object.fromEntries(report.totals.map(({ coverage, ...total }) => [coverage, totalJson(total)])),
    destinations: report.destinations.map(({ destination, coverage, ...total }) => ({
      destination,
      coverage,
      ...totalJson(total),
    })),
    lines: report.lines.map(lineJson),
    quarantine: report.quarantine,
    sources: report.sources,
  };
}

function totalJson({ calls, billedSeconds, charge, meteredPrice }: Omit<CoverageTotal, 'coverage'>) {
  return { calls, billedSeconds, charge: plainMoney(charge), meteredPrice: plainMoney(meteredPrice) };
}

function lineJson(line: ReportedLine): unknown {
  const caseState: CaseState | null = line.caseState;
  return {
    line: line.line,
    account: line.account,
    accountName: line.accountName,
    case: caseState,
    includedCalls: line.includedCalls,
    atStake: plainMoney(line.atStake),
    meteredCalls: line.meteredCalls,
    meteredCharge: plainMoney(line.meteredCharge),
    reratedCalls: line.reratedCalls,
    reratedCharge: plainMoney(line.reratedCharge),
    breaches: line.breaches.map((breach) => ({
      condition: breach.condition,
      since: new Date(breach.breachFrom).toISOString(),
      decision: breach.decision,
      standing: breach.standing,
      words: breach.words,
      meteredCalls: breach.meteredCalls,
      meteredCharge: plainMoney(breach.meteredCharge),
      evidence: breach.evidence,
    })),
  };
}
