import { readFileSync } from 'node:fs';
import { countQuarantine, monthTotals, readSourceCounts } from '../ledger/index.ts';
import type { Finding } from '../rater/index.ts';
import {
  conversationalUse,
  distinctNumbers,
  equipment,
  monthlyMinutes,
  sipMobility,
  usageClass,
} from '../rules/index.ts';
import { isFinding, type Report } from '../services/index.ts';
import type { Expected, ExpectedBreach, ExpectedCall, ExpectedLine } from '../traffic/index.ts';
import type { Ledger } from './ledger.ts';

/** Reads the `expected.json` of a generated month. */
export function readExpected(file: string): Expected {
  const document: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!isExpected(document)) throw new Error(`Cannot read '${file}': it is no expectation of version 1`);
  return document;
}

function isExpected(document: unknown): document is Expected {
  return (
    typeof document === 'object' && document !== null && 'v' in document && document.v === 1 && 'lines' in document
  );
}

/**
 * Compares a ledger that has taken in one generated month, and nothing else, with what was planned when it was made:
 * what became of the records, calls by period, and each line's breaches with their evidence. One line a difference;
 * none when all is as expected.
 */
export async function compareWithExpected(
  { db }: Pick<Ledger, 'db'>,
  report: Report,
  expected: Expected,
): Promise<string[]> {
  const { records } = expected;
  const counts = await readSourceCounts(db);
  const countOf = (outcome: string, reason?: string): number =>
    counts
      .filter((count) => count.outcome === outcome && (reason === undefined || count.reason === reason))
      .reduce((sum, count) => sum + count.records, 0);
  const quarantine = new Map<string, number>();
  for (const { reason, state, records: count } of await countQuarantine(db)) {
    if (state !== 'rated') quarantine.set(reason, (quarantine.get(reason) ?? 0) + count);
  }
  const differences = [
    ...difference('records', countOf('received'), records.total),
    ...difference('duplicates', countOf('duplicate'), records.duplicates),
    ...Object.entries(records.notACall).flatMap(([reason, count]) =>
      difference(`records that are no call (${reason})`, countOf('not-a-call', reason), count ?? 0),
    ),
    ...[...new Set([...quarantine.keys(), ...Object.keys(records.quarantined)])].flatMap((reason) =>
      difference(`records in quarantine (${reason})`, quarantine.get(reason) ?? 0, records.quarantined[reason] ?? 0),
    ),
  ];
  for (const [period, calls] of Object.entries(expected.callsByPeriod)) {
    const { destinations } = await monthTotals(db, Number(period));
    differences.push(
      ...difference(
        `calls of ${period}`,
        destinations.reduce((sum, total) => sum + total.calls, 0),
        calls,
      ),
    );
  }
  return [...differences, ...lineDifferences(report, expected.lines)];
}

function lineDifferences({ lines }: Report, expected: readonly ExpectedLine[]): string[] {
  const found = new Map(lines.map(({ line, breaches }) => [line, breaches.map(({ evidence }) => evidence)]));
  const planned = new Set(expected.map(({ line }) => line));
  return [
    ...lines
      .filter(({ line }) => !planned.has(line))
      .map(({ line }) => `line ${line}: not planned, yet found in breach`),
    ...expected.flatMap(({ line, breaches }) => {
      const shown = (found.get(line) ?? []).filter(isFinding).map(findingText).toSorted();
      const wanted = breaches.map(breachText).toSorted();
      return shown.join('; ') === wanted.join('; ')
        ? []
        : [`line ${line}: found ${shown.join('; ') || 'nothing'}, expected ${wanted.join('; ') || 'nothing'}`];
    }),
  ];
}

/** A verdict with its evidence in one form for both sides. */
function findingText(finding: Finding): string {
  switch (finding.condition) {
    case distinctNumbers.id:
      return `${distinctNumbers.id} by ${callText(finding.crossing)}`;
    case conversationalUse.id:
      return `${conversationalUse.id} by ${measuresText(
        finding.measures.filter(({ value, max }) => value > max).map(({ id, value }) => [id, value]),
      )}`;
    case usageClass.id:
      return `${usageClass.id} '${finding.usageClass}' by ${callText(finding.firstCall)}`;
    case sipMobility.id:
    case equipment.id:
      return `${finding.condition} (${finding.why}) by ${callText(finding.firstCall)}`;
    case monthlyMinutes.id:
      return `${finding.condition} by ${callText(finding.crossing)}`;
    default:
      return finding satisfies never;
  }
}

function breachText(breach: ExpectedBreach): string {
  switch (breach.condition) {
    case distinctNumbers.id:
      return `${distinctNumbers.id} by ${plannedCallText(breach.crossing)}`;
    case conversationalUse.id:
      return `${conversationalUse.id} by ${measuresText(Object.entries(breach.broken))}`;
    case usageClass.id:
      return `${usageClass.id} '${breach.usageClass}' by ${plannedCallText(breach.firstCall)}`;
    case sipMobility.id:
    case equipment.id:
      return `${breach.condition} (${breach.why}) by ${plannedCallText(breach.firstCall)}`;
    default:
      return breach satisfies never;
  }
}

function callText(call: { readonly switchId: string; readonly callId: string; readonly legId: string }): string {
  return [call.switchId, call.callId, call.legId].join('/');
}

function plannedCallText(call: ExpectedCall): string {
  return [call.switch, call.call, call.leg].join('/');
}

function measuresText(measures: readonly (readonly [string, number | undefined])[]): string {
  return measures
    .map(([id, value]) => `${id} ${value ?? 0}`)
    .toSorted()
    .join(', ');
}

function difference(what: string, found: number, wanted: number): string[] {
  return found === wanted ? [] : [`${what}: ${found} instead of ${wanted}`];
}
