import type { Queryable, Transaction } from '../database/database.ts';

/** The state of a bucket for its writers: the last feed position given, and a count of changes that are no entries. */
export interface Head {
  readonly bucket: number;
  readonly position: number;
  readonly facts: number;
}

interface HeadRow {
  readonly bucket: number;
  readonly position: bigint;
  readonly facts: bigint;
}

/** All heads, without locking them. */
export async function readHeads(q: Queryable): Promise<Head[]> {
  return (await q.query<HeadRow>('select bucket, position, facts from head order by bucket')).map(fromRow);
}

/** Locks buckets for the rest of the transaction, in ascending order as every writer does. */
export async function lockHeads(tx: Transaction, buckets: readonly number[]): Promise<Head[]> {
  const rows = await tx.query<HeadRow>(
    'select bucket, position, facts from head where bucket = any($1::smallint[]) order by bucket for update',
    [buckets],
  );
  return rows.map(fromRow);
}

/**
 * Any number that nothing else locks: facts that several buckets' calls are rated by are changed by one who has it
 * alone.
 */
export const FACTS_LOCK = 7_260_117;

/**
 * Waits for every batch that was rated with the facts as they are, and keeps others out until the transaction ends:
 * to be called, with the heads locked, before lines, offers, decks or the numbering plan are changed. Whatever
 * batches left behind that the new facts repair is committed by then, and can be marked.
 */
export async function lockFacts(tx: Transaction): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1)', [FACTS_LOCK]);
}

/** Says that facts or decisions of locked buckets changed, so that whoever caches their months builds them again. */
export async function countFactChange(tx: Transaction, buckets: readonly number[]): Promise<void> {
  await tx.query('update head set facts = facts + 1 where bucket = any($1::smallint[])', [buckets]);
}

function fromRow({ bucket, position, facts }: HeadRow): Head {
  return { bucket, position: Number(position), facts: Number(facts) };
}

/** The feed position of a bucket: that of its last entry. */
export async function headPosition(q: Queryable, bucket: number): Promise<number> {
  const [row] = await q.query<{ position: bigint }>('select position from head where bucket = $1', [bucket]);
  return Number(row?.position ?? 0n);
}
