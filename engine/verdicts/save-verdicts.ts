import type { Finding, LineState, MonthState } from '../../rater/index.ts';
import { type BreachRow, type CaseRow, type Transaction, saveBreaches, saveCases } from '../../ledger/index.ts';
import type { Batch } from '../tasks/batch.ts';
import type { JudgedMonth } from './touched-month.ts';
import { caseRow } from './case-state.ts';
import { addVerdictEvents } from '../events/add-verdict-events.ts';
import { keepStakes } from './save-stakes.ts';

/**
 * Writes the verdicts that changed, the state of their cases, and what other systems are told of both; returns the
 * buckets of which verdicts changed.
 */
export async function saveVerdicts(tx: Transaction, batch: Batch): Promise<number[]> {
  const breaches: BreachRow[] = [];
  const cases: CaseRow[] = [];
  const inForce = batch.judged.filter((judged) => isInForce(batch, judged));
  for (const { line, state, findings } of inForce) {
    const changed = changedBreaches(line, state, findings);
    breaches.push(...changed);
    if (changed.length === 0 && !batch.hasDecisions) continue;
    const row = caseRow(line, state, findings, batch.closes);
    if (row !== null) cases.push(row);
  }
  batch.judged = inForce;
  await saveBreaches(tx, breaches);
  const changed = await saveCases(tx, cases);
  await keepStakes(tx, batch, changed);
  await addVerdictEvents(tx, batch, changed);
  return [...new Set(breaches.map(({ bucket }) => bucket))];
}

/**
 * What memory found no longer counts once the line was judged from the ledger; nor does what was judged again since.
 */
function isInForce({ reconciled }: Batch, { line, state, isFromLedger }: JudgedMonth): boolean {
  if (isFromLedger === true) return line.months.get(state.period) === state;
  return state.period < (reconciled.get(line) ?? Number.POSITIVE_INFINITY);
}

function changedBreaches(
  { bucket, no }: LineState,
  { period, savedFindings }: MonthState,
  findings: readonly Finding[],
): BreachRow[] {
  if (findings === savedFindings) return [];
  const rows: BreachRow[] = [];
  for (const finding of findings) {
    const saved = savedFindings.find(({ condition }) => condition === finding.condition);
    if (saved !== finding && JSON.stringify(saved) !== JSON.stringify(finding)) {
      rows.push({ bucket, line: no, period, condition: finding.condition, finding });
    }
  }
  for (const { condition } of savedFindings) {
    if (!findings.some((finding) => finding.condition === condition)) {
      rows.push({ bucket, line: no, period, condition, finding: null });
    }
  }
  return rows;
}
