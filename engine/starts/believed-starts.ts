import { type Cdr, type RatingOutcome, rateCall } from '../../rater/index.ts';
import type { WaitingReason } from '../settling/kept-record.ts';
import type { Known, Settlement } from '../settling/settlement.ts';

/**
 * The record that stays of several equal ones: where one delivery of a record had a plausible start, its start is
 * plausible, whichever came first.
 */
export function believedOf(settlement: Settlement, first: Known, equal: readonly Known[]): Known {
  if (!isStartDoubted(settlement, first)) return first;
  const undoubted = equal.find((record) => !isStartDoubted(settlement, record));
  if (undoubted === undefined) return first;
  if (first.from !== 'quarantine') return undoubted;
  settlement.believed.add(first.kept.no);
  return first;
}

/** Whether a start was found implausible when its record came, and nobody has said otherwise since. */
function isStartDoubted({ believed }: Settlement, record: Known): boolean {
  if (record.from === 'delivery') return record.duplicate.isStartDoubted === true;
  return record.from === 'quarantine' && record.kept.reason === 'start-implausible' && !believed.has(record.kept.no);
}

/** A record as the call that it may be billed as, or why it can't be today. */
export async function rateKnown(
  settlement: Settlement,
  record: Known,
  cdr: Cdr,
): Promise<RatingOutcome | WaitingReason> {
  if (isStartDoubted(settlement, record)) return 'start-implausible';
  const { tx, batch } = settlement;
  const rated = rateCall(cdr, batch.state.context);
  if (typeof rated === 'string' || record.from === 'posted') return rated;
  return (await batch.state.isPrepared(tx, rated.period)) ? rated : 'month-not-prepared';
}
