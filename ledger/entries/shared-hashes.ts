import { randomBytes } from 'node:crypto';
import type { Queryable, Transaction } from '../database/database.ts';
import { bytesText } from '../database/sql-values.ts';

/** What the ledger has of a hash of identities, so that nothing is asked for that is not there. */
export interface SeenHashes {
  /** Hashes of records in quarantine, in whatever state. */
  readonly quarantined: ReadonlySet<bigint>;
  /** Hashes that several calls have. */
  readonly shared: ReadonlySet<bigint>;
}

/**
 * Which of these hashes are those of records in quarantine, or of calls that share them. One look-up each, however
 * many calls have one.
 */
export async function findSeenHashes(q: Queryable, hashes: readonly bigint[]): Promise<SeenHashes> {
  if (hashes.length === 0) return { quarantined: new Set(), shared: new Set() };
  const rows = await q.query<{ hash: bigint; quarantined: boolean; shared: boolean }>(
    `select * from (
       select h.hash, exists (select from quarantine where identity = h.hash) as quarantined,
              exists (select from shared_hash s where s.hash = h.hash) as shared
       from unnest($1::bigint[]) as h (hash)
     ) as seen where quarantined or shared`,
    [hashes],
  );
  const which = (has: (row: (typeof rows)[number]) => boolean): Set<bigint> =>
    new Set(rows.filter(has).map(({ hash }) => hash));
  return { quarantined: which((row) => row.quarantined), shared: which((row) => row.shared) };
}

/** A call that shares its hash, and is posted under a number of its own: its key, and the hash. */
export interface SharingCall {
  /** SHA-256 of the call's switch, id and leg. */
  readonly callKey: Uint8Array;
  readonly hash: bigint;
}

/** The own numbers of calls that have one, by their key in hex. */
export async function findOwnNumbers(q: Queryable, callKeys: readonly Uint8Array[]): Promise<Map<string, bigint>> {
  if (callKeys.length === 0) return new Map();
  const rows = await q.query<{ key: string; identity: bigint }>(
    `select encode(call_key, 'hex') as key, identity from shared_hash where call_key = any($1::bytea[])`,
    [callKeys.map(bytesText)],
  );
  return new Map(rows.map(({ key, identity }) => [key, identity]));
}

/**
 * Gives calls a number of their own each, in place of the hash that another call has; one that has a number keeps it.
 * Returns them by key in hex. Numbers are random, so that nobody can make an identity whose hash is one that will be
 * given.
 */
export async function giveOwnNumbers(tx: Transaction, calls: readonly SharingCall[]): Promise<Map<string, bigint>> {
  if (calls.length === 0) return new Map();
  // Sorted, since two workers may give numbers to the same calls: each then waits for the other at the first of them.
  await tx.query(
    `insert into shared_hash (identity, hash, call_key)
     select * from unnest($1::bigint[], $2::bigint[], $3::bytea[]) as g (identity, hash, call_key) order by call_key
     on conflict (call_key) do nothing`,
    [
      calls.map(() => randomBytes(8).readBigInt64BE()),
      calls.map(({ hash }) => hash),
      calls.map(({ callKey }) => bytesText(callKey)),
    ],
  );
  return findOwnNumbers(
    tx,
    calls.map(({ callKey }) => callKey),
  );
}

/** A hash that no writer of the bucket may take for that of a new call. */
export interface WatchedHash {
  readonly bucket: number;
  readonly hash: bigint;
}

/**
 * Has hashes watched in buckets whose heads are locked; returns the buckets in which one was not yet. Whoever caches
 * those learns of it by their count of changed facts, which the caller raises.
 */
export async function watchHashes(tx: Transaction, watched: readonly WatchedHash[]): Promise<number[]> {
  if (watched.length === 0) return [];
  const rows = await tx.query<{ bucket: number }>(
    `insert into watched_hash (bucket, hash)
     select distinct * from unnest($1::smallint[], $2::bigint[]) as g (bucket, hash) order by 1, 2
     on conflict do nothing returning bucket`,
    [watched.map(({ bucket }) => bucket), watched.map(({ hash }) => hash)],
  );
  return [...new Set(rows.map(({ bucket }) => bucket))];
}

/** The hashes that are watched in some buckets, or in all. */
export async function watchedHashes(q: Queryable, buckets?: readonly number[]): Promise<bigint[]> {
  const rows = await q.query<{ hash: bigint }>(
    'select distinct hash from watched_hash where $1::smallint[] is null or bucket = any($1)',
    [buckets ?? null],
  );
  return rows.map(({ hash }) => hash);
}
