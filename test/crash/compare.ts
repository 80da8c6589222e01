import type { Database } from '../../ledger/index.ts';
import type { OracleResult } from '../support/oracle/oracle-types.ts';
import { evidenceOf, standingVerdicts } from '../support/oracle-view.ts';
import { billedCalls, quarantined, standingFindings } from '../support/posted-ledger.ts';
import { SWITCH_OF_LEGS } from './make-calls-of-legs.ts';

/** What is not as it should be, by what it is of; each in a sentence. */
export interface Difference {
  readonly of:
    'calls' | 'verdicts' | 'quarantine' | 'positions' | 'counts' | 'feed' | 'proof' | 'told' | 'read' | 'processes';
  readonly text: string;
}

/**
 * Coverage and net charge of each call, verdicts with their evidence, and what waits: against the oracle's, to the
 * last digit.
 */
export async function compareWithOracle(db: Database, expected: OracleResult): Promise<Difference[]> {
  const calls = Object.fromEntries(await billedCalls(db));
  const waiting = await quarantined(db);
  const expectedToWait = [...expected.quarantine, ...expected.superseded, ...expected.noCalls];
  const findings = (await standingFindings(db)).map(({ line, period, finding }) => ({
    line,
    period,
    evidence: evidenceOf(finding),
  }));
  return [
    ...mapDifferences(calls, Object.fromEntries(expected.calls)),
    ...setDifferences('verdicts', findings, standingVerdicts(expected)),
    ...setDifferences('quarantine', waiting.filter(isOfOneRecord), expectedToWait.filter(isOfOneRecord)),
  ];
}

/** What waits of calls of several records is compared apart: readings that others replaced are kept, too. */
function isOfOneRecord({ identity }: { readonly identity: string }): boolean {
  return !identity.startsWith(`["${SWITCH_OF_LEGS}",`);
}

function mapDifferences(
  found: Readonly<Record<string, object>>,
  expected: Readonly<Record<string, object>>,
): Difference[] {
  return [...new Set([...Object.keys(found), ...Object.keys(expected)])].flatMap((key) => {
    const texts = [found[key], expected[key]].map((call) => (call === undefined ? 'none' : textOf(call)));
    return texts[0] === texts[1] ? [] : [{ of: 'calls', text: `${key}: ${texts[0]} instead of ${texts[1]}` } as const];
  });
}

/** What one side has more often than the other. */
export function setDifferences(
  of: Difference['of'],
  found: readonly object[],
  expected: readonly object[],
): Difference[] {
  const surplus = new Map<string, number>();
  for (const one of found) surplus.set(textOf(one), (surplus.get(textOf(one)) ?? 0) + 1);
  for (const one of expected) surplus.set(textOf(one), (surplus.get(textOf(one)) ?? 0) - 1);
  return [...surplus].flatMap(([text, count]): Difference[] => {
    if (count === 0) return [];
    return [{ of, text: `${count > 0 ? `${count} too many` : `${-count} missing`}: ${text}` }];
  });
}

/** The same text for equal values, whatever the order of keys. */
function textOf(value: object): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
