import type { Queryable, Transaction } from '../database/database.ts';

/** Keeps, for good, that a person accepted the starts of records; they need not wait for that any more. */
export async function addStartAcceptances(
  tx: Transaction,
  records: readonly number[],
  { acceptedBy, note }: { readonly acceptedBy: string; readonly note: string },
): Promise<void> {
  await tx.query(
    'insert into start_acceptance (quarantine, accepted_by, note) select no, $2, $3 from unnest($1::bigint[]) as g (no)',
    [records, acceptedBy, note],
  );
}

/** Who accepted the start of a record, and why. */
export interface StartAcceptance {
  readonly acceptedBy: string;
  readonly note: string;
  /** ms since the epoch. */
  readonly acceptedAt: number;
}

/** Who accepted the start of a record in quarantine, in the order in which they did. */
export async function startAcceptances(q: Queryable, record: number): Promise<StartAcceptance[]> {
  return q.query(
    `select accepted_by as "acceptedBy", note, accepted_at as "acceptedAt" from start_acceptance
     where quarantine = $1 order by no`,
    [record],
  );
}
