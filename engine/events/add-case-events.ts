import type { Closes, Finding, LineState } from '../../rater/index.ts';
import {
  type CaseRow,
  type DecisionOnLine,
  type IncludedCalls,
  type NewEvent,
  type Transaction,
  includedCallsOf,
} from '../../ledger/index.ts';
import { formatMicros, micros } from '../../tariffs/index.ts';
import type { Batch } from '../tasks/batch.ts';
import type { JudgedMonth } from '../verdicts/touched-month.ts';
import { opensCase } from '../verdicts/case-state.ts';
import type { StoredCaseData } from './event-data.ts';
import { breachData, decisionData } from './event-text.ts';

const TYPE_OF = { open: 'case.opened', decided: 'case.decided', withdrawn: 'case.withdrawn' } as const;

/** The events of cases whose state changed. What they have at stake is what the batch leaves behind. */
export async function addCaseEvents(
  tx: Transaction,
  { state, judged, catalogue, closes }: Batch,
  cases: readonly CaseRow[],
  decisions: ReadonlyMap<number, readonly DecisionOnLine[]>,
): Promise<NewEvent[]> {
  const months = cases.map(({ bucket, line, period }) => ({
    bucket,
    account: state.lineOf(line).account,
    line,
    period,
  }));
  const included = await includedCallsOf(tx, months);
  return cases.map((row, index): NewEvent => {
    const line = state.lineOf(row.line);
    const month = judgedMonthOf(judged, line, row.period);
    const own = (decisions.get(line.no) ?? []).filter(({ period }) => period === row.period);
    const data = caseDataOf(row, month, own, included[index]!, { currency: catalogue.currency, closes });
    return { type: TYPE_OF[row.state], bucket: row.bucket, line: row.line, period: row.period, data };
  });
}

function judgedMonthOf(judged: readonly JudgedMonth[], line: LineState, period: number): JudgedMonth {
  const month = judged.find((one) => one.line === line && one.state.period === period);
  if (month === undefined) throw new Error(`Cannot tell the case of line '${line.id}': its month was not judged`);
  return month;
}

function caseDataOf(
  { state }: CaseRow,
  { line, state: month, findings }: JudgedMonth,
  decisions: readonly DecisionOnLine[],
  { calls, price }: IncludedCalls,
  { currency, closes }: { readonly currency: string; readonly closes: Closes },
): StoredCaseData {
  const told: readonly Finding[] = state === 'withdrawn' ? month.savedFindings : findings;
  return {
    breaches: told.filter((finding) => opensCase(line, month, finding, closes)).map(breachData),
    decisions: decisions.map(decisionData),
    includedCalls: calls,
    includedPrice: formatMicros(micros(price)),
    currency,
  };
}
