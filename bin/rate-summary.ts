import type { TakenFile } from '../ingest/index.ts';
import { countQuarantine } from '../ledger/index.ts';
import { describePlace } from './config.ts';
import { ledgerCivilTime, readReport, type Report } from '../services/index.ts';
import type { Ledger } from './ledger.ts';
import { PROGRAM } from './program-name.ts';
import { reasonInWords } from './quarantine-reasons.ts';
import { coverageTable } from './report-text.ts';
import { plural, showCount, showMoney, showPeriod } from './show-values.ts';

type Taken = Extract<TakenFile, { kind: 'taken' }>;

/** Months shown after a run; a run over years says those with most of its calls. */
const SHOWN_PERIODS = 3;

/** What a run of `rate` leaves behind, for someone who has just started it. */
export async function rateSummary(ledger: Ledger, taken: readonly Taken[]): Promise<string[]> {
  const { db, option } = ledger;
  const { periods, busiest } = await periodsOf(ledger, taken);
  const reports: Report[] = [];
  for (const period of periods) reports.push(await readReport(ledger, period));
  return [
    ...notACallLines(taken),
    ...reports.flatMap((report) => periodLines(report)),
    ...quarantineLines(await countQuarantine(db), option),
    '',
    `The ledger is in ${describePlace(ledger.place)}`,
    ...(busiest === null
      ? []
      : [
          `  ${PROGRAM} report ${showPeriod(busiest)}${option}`.padEnd(60) + '  the whole month',
          `  ${PROGRAM} explain CALL-ID${option}`.padEnd(60) + '  how a call came to its charge',
        ]),
  ];
}

/** One period: coverage, and the lines over their conditions. */
export function periodLines(report: Report): string[] {
  const { lines, currency } = report;
  const atStake = lines.reduce((sum, line) => sum + line.atStake, 0);
  const charged = lines.reduce((sum, line) => sum + line.meteredCharge, 0);
  const open = lines.filter(({ caseState }) => caseState === 'open').length;
  return [
    '',
    `${showPeriod(report.period)} (${currency}, excluding tax)`,
    ...coverageTable(report.totals),
    lines.length === 0
      ? '  No line is over its conditions'
      : `  ${plural(lines.length, 'line')} over their conditions (${plural(open, 'open case')}): ` +
        `${showMoney(charged)} ${currency} charged for it, ${showMoney(atStake)} ${currency} more at stake`,
  ];
}

/** The months with most calls of the files, in order of time, and the one of them with most. */
async function periodsOf(
  { db }: Ledger,
  taken: readonly Taken[],
): Promise<{ readonly periods: readonly number[]; readonly busiest: number | null }> {
  const civilTime = await ledgerCivilTime(db);
  const calls = new Map<number, number>();
  for (const { callsByQuarterHour } of taken) {
    for (const [begin, count] of callsByQuarterHour) {
      if (!civilTime.covers(begin)) continue;
      const period = civilTime.periodOf(begin);
      calls.set(period, (calls.get(period) ?? 0) + count);
    }
  }
  const byCalls = [...calls].toSorted(([a, m], [b, n]) => n - m || b - a).map(([period]) => period);
  return { periods: byCalls.slice(0, SHOWN_PERIODS).toSorted((a, b) => a - b), busiest: byCalls[0] ?? null };
}

function notACallLines(taken: readonly Taken[]): string[] {
  const reasons = new Map<string, number>();
  for (const { counts } of taken) {
    for (const [key, count] of counts) {
      const [outcome, reason = ''] = key.split('\t');
      if (outcome === 'not-a-call') reasons.set(reason, (reasons.get(reason) ?? 0) + count);
    }
  }
  const found = [...reasons].filter(([, count]) => count > 0);
  if (found.length === 0) return [];
  return [`Records that are no call: ${found.map(([reason, count]) => `${showCount(count)} ${reason}`).join(', ')}`];
}

function quarantineLines(counts: Awaited<ReturnType<typeof countQuarantine>>, option: string): string[] {
  const waiting = counts.filter(({ state }) => state === 'waiting');
  if (waiting.length === 0) return ['', 'Nothing waits in quarantine'];
  const total = waiting.reduce((sum, { records }) => sum + records, 0);
  return [
    '',
    `In quarantine: ${plural(total, 'record')} (${PROGRAM} quarantine${option})`,
    ...waiting.map(({ reason, records }) => `  ${showCount(records)} ${reason}: ${reasonInWords(reason)}`),
  ];
}
