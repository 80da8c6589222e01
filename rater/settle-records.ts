import type { Cdr } from './cdr.ts';

/** A record of some identity, with the hash of its content (canonical encoding). */
export interface IdentifiedRecord {
  readonly cdr: Cdr;
  readonly content: string;
}

/** What becomes of a record that is not the one billed. */
export type LosingReason = 'conflict' | 'superseded';

/**
 * The record to bill of several of one identity: the highest revision that a switch gave; among those, the least
 * billable duration, then the smallest hash of content. So it does not hang on which came first (domain page, "Records
 * that are not simply new calls").
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
  return b.cdr.revision - a.cdr.revision || a.cdr.durationMs - b.cdr.durationMs || (a.content < b.content ? -1 : 1);
}
