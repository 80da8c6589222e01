import type { Difference } from './compare.ts';
import type { FaultTally } from './faults.ts';

/** What a run did, and what it found. */
export interface CrashReport {
  readonly seed: string;
  readonly faults: FaultTally;
  /** How often a process of ours was started. */
  readonly starts: number;
  /** Messages of all topics that are taken in, those of the re-keying topic too. */
  readonly messages: number;
  /** Records in the switch topics. */
  readonly records: number;
  readonly calls: number;
  readonly entries: number;
  readonly verdicts: number;
  /** From the first record sent to the last one taken in. */
  readonly tookMs: number;
  readonly differences: readonly Difference[];
}

const SHOWN = 10;

/** Processes that were killed: they had no time to write or to say anything. */
export function killsOf({ faults }: Pick<CrashReport, 'faults'>): number {
  return [...faults].reduce((sum, [what, count]) => sum + (/ killed(,|$)/.test(what) ? count : 0), 0);
}

/** The report as a small table, then the first differences of each kind. */
export function reportText(report: CrashReport): string {
  const { differences } = report;
  const kinds = Map.groupBy(differences, ({ of }) => of);
  const rows: (readonly [string, string | number])[] = [
    ['seed', report.seed],
    ['kills (SIGKILL)', killsOf(report)],
    ...[...report.faults].toSorted().map(([what, count]) => [`  ${what}`, count] as const),
    ['starts of fairtally processes', report.starts],
    ['records in the switch topics', report.records],
    ['messages taken in', report.messages],
    ['calls', report.calls],
    ['entries', report.entries],
    ['verdicts', report.verdicts],
    ['time', `${(report.tookMs / 1000).toFixed(0)} s`],
    ['differences', differences.length],
    ...[...kinds].map(([of, found]) => [`  ${of}`, found.length] as const),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  const shown = [...kinds.values()].flatMap((found) => found.slice(0, SHOWN).map(({ of, text }) => `${of}: ${text}`));
  return [...table, ...shown].join('\n');
}
