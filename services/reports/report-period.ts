import { busiestPeriod, periodsWithEntries, repeatWhileCut } from '../../ledger/index.ts';
import type { LedgerReading } from '../ledger-access.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { parsePeriod } from '../value-text.ts';
import { type Report, readReport } from './read-report.ts';

export interface PeriodReport {
  readonly kind: 'report';
  readonly report: Report;
  /** Other months (yyyymm) that have calls, ascending. */
  readonly otherPeriods: readonly number[];
}

/** What is wrong with a period whatever the ledger holds; `null`: nothing. */
export function checkReport(period: string | undefined): Refused | null {
  if (period === undefined || parsePeriod(period) !== null) return null;
  return refused(refusal('period-unknown', { period }));
}

/** The month (yyyymm) that is asked for; the one with most calls where nothing is said. */
export async function chosenPeriod({ db }: Pick<LedgerReading, 'db'>, period?: string): Promise<number | Refused> {
  if (period !== undefined) return parsePeriod(period) ?? refused(refusal('period-unknown', { period }));
  return (await repeatWhileCut(() => busiestPeriod(db))) ?? refused(refusal('no-calls', {}));
}

/**
 * Reads the report of a month.
 *
 * @param period `2026-11`; the one with most calls where nothing is said
 */
export async function reportPeriod(
  ledger: LedgerReading,
  period?: string | undefined,
): Promise<PeriodReport | Refused> {
  const { db } = ledger;
  const chosen = await chosenPeriod(ledger, period);
  if (typeof chosen !== 'number') return chosen;
  const report = await readReport(ledger, chosen);
  const periods = await repeatWhileCut(() => periodsWithEntries(db));
  return { kind: 'report', report, otherPeriods: periods.filter((other) => other !== chosen) };
}
