import { type LineState, hasOneOffer, judgeMeasures, sameHolds } from '../../rater/index.ts';
import type { Batch } from '../tasks/batch.ts';
import { type HoldTerms, holdsOfLine } from './line-holds.ts';

/**
 * Judges the months that the batch may have changed the verdicts of, those that stand in its list from `from` on and
 * before `to`; those that memory alone can't judge are left to the ledger.
 */
export function judgeTouched(batch: Batch, from: number, to = batch.unsettled.length): void {
  for (let index = from; index < to; index++) {
    const { line, state } = batch.unsettled[index]!;
    judgeMeasures(state);
    const isChanged = state.findings !== state.savedFindings;
    const needsLedger = state.crossingMayMove || !hasOneOffer(state);
    if (needsLedger || (isChanged && holdsMoved(line, batch.state.holdTerms))) batch.markStale(line, state.period);
    else if (isChanged) batch.judged.push({ line, state, findings: state.findings });
  }
}

/**
 * Whether the ledger judges so many of the batch's lines that the next is better not rated meanwhile: lines that it has
 * calls of would have to be judged so once more with it, and with the one after it, as long as calls of them come.
 */
export function judgesManyLines({ stale, reconciled }: Batch): boolean {
  return stale.size + reconciled.size > 16;
}

function holdsMoved(line: LineState, terms: HoldTerms): boolean {
  return !sameHolds(line.holds, holdsOfLine(line, terms));
}

/** Findings that are in the ledger now; months that were read from it for them alone are not kept in memory. */
export function keepFindings({ state, judged }: Batch): void {
  for (const { line, state: month, findings, isFromLedger } of judged) {
    state.verdicts.keep(line, month, findings);
    if (isFromLedger === true && !state.months.has(line.bucket, month.period)) state.releaseMonth(line, month.period);
  }
}
