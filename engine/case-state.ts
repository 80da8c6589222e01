import {
  type Decision,
  type Finding,
  type LineState,
  type MonthState,
  effectOf,
  termsOf,
  verdictOf,
} from '../rater/index.ts';
import type { CaseRow, CaseState } from '../ledger/index.ts';

/**
 * The case of a line in a period, as its findings and decisions leave it; `null` when nothing calls for one. It is open
 * while a breach stands that opens a case and that nobody has decided on.
 */
export function caseRow(line: LineState, month: MonthState, findings: readonly Finding[]): CaseRow | null {
  const { period, savedFindings } = month;
  const standing = findings.filter((finding) => opensCase(month, finding));
  if (standing.length === 0 && savedFindings.length === 0) return null;
  const verdicts = line.decisions.filter((decision) => decision.period === period && verdictOf(decision.kind) !== null);
  const lastVerdict = verdicts.reduce<number | null>((last, { sequence }) => Math.max(last ?? 0, sequence), null);
  return { bucket: line.bucket, line: line.no, period, state: caseState(verdicts, standing), lastVerdict };
}

function caseState(verdicts: readonly Decision[], standing: readonly Finding[]): CaseState {
  const decided = new Set(verdicts.map(({ condition }) => condition));
  if (standing.some(({ condition }) => !decided.has(condition))) return 'open';
  return decided.size > 0 ? 'decided' : 'withdrawn';
}

/** Whether a finding calls for an analyst, as the offer of its month has it. */
export function opensCase({ offers }: MonthState, { condition }: Finding): boolean {
  const terms = termsOf(offers, condition);
  return terms !== null && (effectOf(terms, condition)?.opensCase ?? false);
}
