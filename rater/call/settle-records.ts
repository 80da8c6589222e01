import { canonicalText } from './canonical-text.ts';
import { type Cdr, type NoCall, isNoCall } from './cdr.ts';

/**
 * A record of some identity, with the hash of its content (canonical encoding), which is asked for where it decides.
 */
export interface IdentifiedRecord {
  readonly cdr: Cdr | NoCall;
  readonly content: string;
}

/** What becomes of a record that is not the one billed. */
export type LosingReason = 'conflict' | 'superseded';

/**
 * The record that counts of several of one identity: the highest revision that a switch gave, whatever it says; among
 * those, the least billable duration (none at all, where there was no call), then the smallest hash of content, and
 * of two contents with one hash the smaller text. So it does not hang on which came first (domain page, "Records that
 * are not simply new calls").
 *
 * @param records at least one
 */
export function recordToBill<R extends IdentifiedRecord>(records: readonly R[]): R {
  const [first, ...others] = records;
  if (first === undefined) throw new RangeError('Cannot choose a record to bill: there is none');
  return others.reduce((best, record) => (compareRecords(record, best) < 0 ? record : best), first);
}

/** A lower revision was superseded by the switch itself; others of the same revision conflict, for a person to see. */
export function losingReason(loser: IdentifiedRecord, billed: IdentifiedRecord): LosingReason {
  return loser.cdr.revision < billed.cdr.revision ? 'superseded' : 'conflict';
}

function compareRecords(a: IdentifiedRecord, b: IdentifiedRecord): number {
  if (a.cdr.revision !== b.cdr.revision) return b.cdr.revision - a.cdr.revision;
  const durations = billableMs(a.cdr) - billableMs(b.cdr);
  if (durations !== 0) return durations;
  if (a.content !== b.content) return a.content < b.content ? -1 : 1;
  return canonicalText(a.cdr) < canonicalText(b.cdr) ? -1 : 1;
}

/** Less than any call for what says that there was none: 0 ms is a call. */
function billableMs(record: Cdr | NoCall): number {
  return isNoCall(record) ? -1 : record.durationMs;
}
