import { type LineState, hasOneOffer, judgeMeasures, sameHolds } from '../rater/index.ts';
import type { Batch, JudgedMonth } from './batch.ts';
import type { Catalogue } from './catalogue.ts';
import { holdsOfLine } from './rating-state.ts';

/** Judges the months that the batch touched; those that memory alone can't judge are left to the ledger. */
export function judgeTouched(batch: Batch): void {
  const judged: JudgedMonth[] = [];
  for (const { line, state } of batch.touched) {
    judgeMeasures(state);
    const isChanged = state.findings !== state.savedFindings;
    const needsLedger = state.crossingMayMove || !hasOneOffer(state);
    if (needsLedger || (isChanged && holdsMoved(line, batch.catalogue))) batch.markStale(line, state.period);
    else if (isChanged) judged.push({ line, state, findings: state.findings });
  }
  batch.judged = judged;
}

function holdsMoved(line: LineState, { civilTime }: Catalogue): boolean {
  return !sameHolds(line.holds, holdsOfLine(line, civilTime));
}
