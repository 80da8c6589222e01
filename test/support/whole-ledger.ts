import type { Database } from '../../ledger/index.ts';
import type { Decision } from '../../rater/index.ts';
import { type History, oracleInputOf } from './oracle/history.ts';
import { judgeEverything } from './oracle/oracle.ts';
import { classify, evidenceOf, sorted, standingVerdicts } from './oracle-view.ts';
import { billedCalls, feedGaps, quarantined, standingFindings } from './posted-ledger.ts';

/** All that invariant 1 determines of a ledger, in one order: to be equal to `oracleLedger` of the same history. */
export async function wholeLedger(db: Database): Promise<unknown> {
  const findings = await standingFindings(db);
  return {
    feedGaps: await feedGaps(db),
    calls: Object.fromEntries(await billedCalls(db)),
    quarantine: sorted(await quarantined(db)),
    verdicts: sorted(findings.map(({ line, period, finding }) => ({ line, period, evidence: evidenceOf(finding) }))),
  };
}

/** The same as the oracle has it, which sees all of a history, and the decisions that were kept, at once. */
export function oracleLedger(history: History, decisions: readonly Decision[]): unknown {
  const expected = judgeEverything(oracleInputOf(history, classify, decisions));
  return {
    feedGaps: [],
    calls: Object.fromEntries(expected.calls),
    quarantine: sorted([...expected.quarantine, ...expected.superseded, ...expected.noCalls]),
    verdicts: sorted(standingVerdicts(expected)),
  };
}
