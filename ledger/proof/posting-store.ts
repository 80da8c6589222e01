import { createHash } from 'node:crypto';
import type { Queryable, Transaction } from '../database/database.ts';
import { ENTRY_FORM } from '../entries/entry-columns.ts';

/** What a transaction posted to one bucket whose head it has locked. */
export interface NewPosting {
  readonly bucket: number;
  /** The feed position of its last entry. */
  readonly upTo: number;
  /** SHA-256 of its entries (`PostingDigests`). */
  readonly digest: Buffer;
}

/**
 * Moves locked heads on to the last positions of what was posted, and writes down what that was: when, what for, and a
 * digest, chained to the bucket's posting before. When: as the heads are locked and the entries are copied, by the
 * database's clock, and never before the bucket's posting before, so that the order of time is that of positions.
 */
export async function addPostings(tx: Transaction, cause: string, postings: readonly NewPosting[]): Promise<void> {
  if (postings.length === 0) return;
  await tx.query(
    `with clock as materialized (
       select clock_timestamp() as now
     ), timed as materialized (
       select g.*, h.position as after, h.chain as chain_before,
              greatest(now, (select max(p.posted_at) from posting p where p.bucket = g.bucket)) as posted_at
       from unnest($1::smallint[], $2::bigint[], $3::text[]) as g (bucket, up_to, hex) join head h using (bucket)
         cross join clock
     ), posted as (
       select bucket, after, up_to, chain_before, decode(hex, 'hex') as digest, posted_at,
              (extract(epoch from posted_at) * 1000000)::bigint as micros
       from timed
     ), chained as (
       select p.*, sha256(p.chain_before || convert_to(
         concat_ws('|', p.bucket, p.after, p.up_to, p.micros, $5::int, encode(p.digest, 'hex'), $4::text), 'UTF8')) as chain
       from posted p
     ), moved as (
       update head set position = c.up_to, chain = c.chain from chained c where head.bucket = c.bucket
     )
     insert into posting (bucket, after, up_to, posted_at, cause, form, digest, chain)
     select bucket, after, up_to, posted_at, $4, $5, digest, chain from chained`,
    [
      postings.map(({ bucket }) => bucket),
      postings.map(({ upTo }) => upTo),
      postings.map(({ digest }) => digest.toString('hex')),
      cause,
      ENTRY_FORM,
    ],
  );
}

/** A posting as it is kept. */
export interface Posting {
  readonly bucket: number;
  /** Its entries have the feed positions after `after`, up to `upTo`. */
  readonly after: number;
  readonly upTo: number;
  /** Microseconds since the epoch. */
  readonly postedAtMicros: bigint;
  readonly cause: string;
  /** Which columns the digest covers. */
  readonly form: number;
  readonly digest: Buffer;
  readonly chain: Buffer;
}

interface PostingRow {
  readonly after: bigint;
  readonly up_to: bigint;
  readonly micros: bigint;
  readonly cause: string;
  readonly form: number;
  readonly digest: string;
  readonly chain: string;
}

/** At most `limit` postings of a bucket after a feed position, in their order. */
export async function readPostings(q: Queryable, bucket: number, after: number, limit: number): Promise<Posting[]> {
  const rows = await q.query<PostingRow>(
    `select after, up_to, (extract(epoch from posted_at) * 1000000)::bigint as micros, cause, form,
            encode(digest, 'hex') as digest, encode(chain, 'hex') as chain
     from posting where bucket = $1 and up_to > $2 order by up_to limit $3`,
    [bucket, after, limit],
  );
  return rows.map((row) => ({
    bucket,
    after: Number(row.after),
    upTo: Number(row.up_to),
    postedAtMicros: BigInt(row.micros),
    cause: row.cause,
    form: row.form,
    digest: Buffer.from(row.digest, 'hex'),
    chain: Buffer.from(row.chain, 'hex'),
  }));
}

/** The chain after a posting, computed from the chain before it; `addPostings` computes the same in the database. */
export function chainAfter(chainBefore: Buffer, posting: Omit<Posting, 'chain'>): Buffer {
  const { bucket, after, upTo, postedAtMicros, form, digest, cause } = posting;
  const text = [bucket, after, upTo, postedAtMicros, form, digest.toString('hex'), cause].join('|');
  return createHash('sha256').update(chainBefore).update(text, 'utf8').digest();
}
