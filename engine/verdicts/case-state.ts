import {
  bindingVerdict,
  type Closes,
  type Decision,
  type Finding,
  type LineState,
  type MonthState,
  effectOf,
  isFoundAfterClose,
  takesBack,
  termsOf,
} from '../../rater/index.ts';
import type { CaseRow, CaseState } from '../../ledger/index.ts';

/**
 * The case of a line in a period, as its findings and decisions leave it; `null` when nothing calls for one. It is open
 * while a breach stands that opens a case and that nobody has decided on.
 */
export function caseRow(
  line: LineState,
  month: MonthState,
  findings: readonly Finding[],
  closes: Closes,
): CaseRow | null {
  const { period, savedFindings } = month;
  const standing = findings.filter((finding) => opensCase(line, month, finding, closes));
  const own = line.decisions.filter((decision) => decision.period === period);
  // A case that was decided on what is found no more is closed by nothing else once its verdict is taken back.
  const isReopened = own.some(({ kind }) => takesBack(kind));
  if (standing.length === 0 && savedFindings.length === 0 && !isReopened) return null;
  const byCondition = Map.groupBy(own, ({ condition }) => condition);
  const verdicts = [...byCondition.values()].flatMap((decisions) => bindingVerdict(decisions) ?? []);
  const lastVerdict = verdicts.reduce<number | null>((last, { sequence }) => Math.max(last ?? 0, sequence), null);
  return { bucket: line.bucket, line: line.no, period, state: caseState(verdicts, standing), lastVerdict };
}

function caseState(verdicts: readonly Decision[], standing: readonly Finding[]): CaseState {
  const decided = new Set(verdicts.map(({ condition }) => condition));
  if (standing.some(({ condition }) => !decided.has(condition))) return 'open';
  return decided.size > 0 ? 'decided' : 'withdrawn';
}

/** Whether a finding calls for an analyst: as the offer of its month has it, and always once the month was closed. */
export function opensCase(
  { no: line }: LineState,
  { period, offers }: MonthState,
  { condition }: Finding,
  closes: Closes,
): boolean {
  const terms = termsOf(offers, condition);
  const effect = terms === null ? null : effectOf(terms, condition);
  return effect !== null && (effect.opensCase || isFoundAfterClose(closes, { line, period, condition }));
}
