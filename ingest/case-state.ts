import { type Finding, type LineState, effectOf, epochAt } from '../rater/index.ts';
import type { CaseRow, CaseState } from '../ledger/index.ts';

/**
 * The case of a line in a period, as its findings and decisions leave it; `null` when nothing calls for one. It is open
 * while a breach stands that opens a case and that nobody has decided on.
 */
export function caseRow(line: LineState, period: number, findings: readonly Finding[], hadFindings: boolean): CaseRow | null {
  const standing = findings.filter((finding) => opensCase(line, finding));
  if (standing.length === 0 && !hadFindings) return null;
  return { bucket: line.bucket, line: line.no, period, state: caseState(line, period, standing) };
}

function caseState({ decisions }: LineState, period: number, standing: readonly Finding[]): CaseState {
  const decided = new Set(
    decisions.filter((decision) => decision.period === period && decision.kind !== 'reinstate').map((d) => d.condition),
  );
  if (standing.some(({ condition }) => !decided.has(condition))) return 'open';
  return decided.size > 0 ? 'decided' : 'withdrawn';
}

function opensCase(line: LineState, { condition, breachFrom }: Finding): boolean {
  const offer = epochAt(line, breachFrom)?.offer ?? null;
  return offer !== null && (effectOf(offer, condition)?.opensCase ?? false);
}
