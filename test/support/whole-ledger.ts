import type { Database } from '../../ledger/index.ts';
import type { Decision } from '../../rater/index.ts';
import { type BilledCharge, billedCharges as expectedCharges } from './oracle/bills.ts';
import { type History, oracleInputWithCloses, type PlayedClose } from './oracle/history.ts';
import type { OracleRegistration } from './oracle/oracle-types.ts';
import { judgeEverything } from './oracle/oracle.ts';
import { classify, evidenceOf, sorted, standingVerdicts } from './oracle-view.ts';
import { billedCalls, billedCharges, feedGaps, quarantined, standingFindings } from './posted-ledger.ts';

/** All that invariant 1 determines of a ledger, in one order: to be equal to `oracleLedger` of the same history. */
export async function wholeLedger(db: Database): Promise<unknown> {
  const findings = await standingFindings(db);
  return {
    feedGaps: await feedGaps(db),
    calls: Object.fromEntries(await billedCalls(db)),
    bills: billTexts(await billedCharges(db)),
    quarantine: sorted(await quarantined(db)),
    verdicts: sorted(findings.map(({ line, period, finding }) => ({ line, period, evidence: evidenceOf(finding) }))),
  };
}

/** The same as the oracle has it, which sees all of a history, and the decisions that were kept, at once. */
export function oracleLedger(
  history: History,
  decisions: readonly Decision[],
  closes: readonly PlayedClose[] = [],
  registrations: readonly OracleRegistration[] = [],
): unknown {
  const input = { ...oracleInputWithCloses(history, classify, decisions, closes), registrations };
  const expected = judgeEverything(input);
  return {
    feedGaps: [],
    calls: Object.fromEntries(expected.calls),
    bills: billTexts(expectedCharges(input)),
    quarantine: sorted([...expected.quarantine, ...expected.superseded, ...expected.noCalls]),
    verdicts: sorted(standingVerdicts(expected)),
  };
}

function billTexts(charges: readonly BilledCharge[]): string[] {
  return charges
    .map(({ identity, account, period, billedPeriod, charge }) =>
      [identity, account, period, billedPeriod, charge].join(' '),
    )
    .toSorted();
}
