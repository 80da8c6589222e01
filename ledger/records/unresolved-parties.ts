import type { Transaction } from '../database/database.ts';

/** A line with a call that names a party which is none of ours. */
export interface UnresolvedParty {
  /** One of the party's `partyKeys`. */
  readonly party: string;
  readonly bucket: number;
  /** The ledger's number of the line. */
  readonly line: number;
}

/** Keeps which lines' calls hang on a party that is none of ours. */
export async function addUnresolvedParties(tx: Transaction, parties: readonly UnresolvedParty[]): Promise<void> {
  if (parties.length === 0) return;
  // Sorted, since two workers may name the same party; each writes only rows of buckets that it has locked.
  await tx.query(
    `insert into unresolved_party (party, bucket, line)
     select distinct * from unnest($1::text[], $2::smallint[], $3::int[]) as g (party, bucket, line)
     order by 1, 2, 3 on conflict do nothing`,
    [parties.map(({ party }) => party), parties.map(({ bucket }) => bucket), parties.map(({ line }) => line)],
  );
}

/** Says that lines whose calls hang on any of these parties must be judged again. Facts must be locked. */
export async function markLinesOfPartiesStale(tx: Transaction, keys: readonly string[]): Promise<void> {
  await tx.query(
    `insert into stale_line (bucket, line) select distinct bucket, line from unresolved_party
     where party = any($1::text[]) on conflict do nothing`,
    [keys],
  );
}
