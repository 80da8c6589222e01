import { isNoCall } from '../../rater/index.ts';
import type { Batch } from './batch.ts';
import { detailOf } from '../settling/kept-record.ts';
import type { PossibleDuplicate } from '../settling/possible-duplicate.ts';
import type { RecordOutcome } from './record-outcomes.ts';
import type { Known, Settlement } from '../settling/settlement.ts';

/** As whoever delivered a record is told of it that is not billed; a conflict, with the other: `noteConflict`. */
export function outcomeOf({ cdr, provenance }: PossibleDuplicate, reason: string): RecordOutcome {
  if (isNoCall(cdr)) return { status: 'not-a-call', reason: cdr.noCallReason };
  if (reason === 'superseded') return { status: 'superseded' };
  return { status: 'quarantined', reason, detail: detailOf(reason, cdr, provenance.receipt) };
}

/** Tells whoever delivered one of two records that contradict one another of both. */
export function noteConflict({ batch: { outcomes }, repeats }: Settlement, billed: Known, other: Known): void {
  if (outcomes === null) return;
  for (const [record, isBilled] of [
    [billed, true],
    [other, false],
  ] as const) {
    const text = record.text;
    const outcome: RecordOutcome = {
      status: 'conflict',
      isBilled,
      own: text,
      other: isBilled ? other.text : billed.text,
    };
    const duplicate = record.from === 'quarantine' ? undefined : record.duplicate;
    if (duplicate === undefined) outcomes.noteText(text, outcome);
    else if (duplicate.wasCounted !== true) outcomes.note(duplicate.provenance.position, outcome);
    if (isBilled) continue;
    for (const { provenance } of repeats.get(record) ?? []) {
      outcomes.note(provenance.position, { ...outcome, isRepeat: true });
    }
  }
}

/** Keeps which records of the delivery say what another says, until that one is settled; where somebody is told. */
export function keepRepeats({ batch, repeats }: Settlement, first: Known, equal: readonly Known[]): void {
  if (batch.outcomes === null) return;
  const delivered = equal.flatMap((record) => {
    if (record === first || record.from === 'quarantine' || record.duplicate?.wasCounted === true) return [];
    return record.duplicate ?? [];
  });
  if (delivered.length > 0) repeats.set(first, delivered);
}

/** Tells whoever delivered what a record says once more that it waits, and why: an answer of before may be lost. */
export function noteWaiting({ batch: { outcomes }, repeats }: Settlement, record: Known, reason: string): void {
  for (const duplicate of repeats.get(record) ?? []) {
    if (isNoCall(duplicate.cdr)) continue;
    const isAsKept = record.from === 'quarantine' && record.kept.reason === reason;
    const detail = isAsKept ? record.kept.detail : detailOf(reason, duplicate.cdr, duplicate.provenance.receipt);
    outcomes?.note(duplicate.provenance.position, { status: 'quarantined', reason, detail, isRepeat: true });
  }
}

/**
 * Counts a record where it is one that its source has.
 *
 * @param outcome as whoever delivered it is told; `null`: that is said elsewhere, or it is rated as most are
 */
export function countOnce(
  batch: Batch,
  { wasCounted, provenance }: PossibleDuplicate,
  key: string,
  outcome: RecordOutcome | null,
): void {
  if (wasCounted === true) return;
  batch.count(key);
  if (outcome !== null) batch.outcomes?.note(provenance.position, outcome);
}
