import type { Database, Queryable, Transaction } from '../database/database.ts';
import { FACTS_LOCK, lockHeads, readHeads } from '../entries/head-store.ts';

/** A database: whatever way a copy was restored, it is another, or on another timeline. */
export interface LedgerHome {
  /** Identifier that the cluster was given when it was made. */
  readonly cluster: string;
  /** Of the cluster's log: a recovery to a point, and a replica that takes over, begin another. */
  readonly timeline: number;
  /** The database's number in the cluster. */
  readonly database: number;
}

// The first eight of a log file's digits are its timeline.
const HERE = `select (select system_identifier::text from pg_control_system()) as cluster,
  ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int as timeline,
  (select oid::bigint from pg_database where datname = current_database()) as database`;

/** Where the database is now. */
export async function currentHome(q: Queryable): Promise<LedgerHome> {
  const [row] = await q.query<LedgerHome>(
    `select cluster, timeline, database::float8 as database from (${HERE}) as here`,
  );
  if (row === undefined) throw new Error('Cannot tell which database this is: it did not say');
  return row;
}

/** Where the ledger is known to be; `null` when nobody has said so yet. */
export async function knownHome(q: Queryable): Promise<LedgerHome | null> {
  const [row] = await q.query<LedgerHome>('select cluster, timeline, database::float8 as database from ledger_home');
  return row ?? null;
}

/** Says that the ledger is at home where the database is now; who says so and why is kept. */
export async function settleHome(q: Queryable, by: string, note: string): Promise<void> {
  const { cluster, timeline, database } = await currentHome(q);
  await q.query(
    `insert into ledger_home (cluster, timeline, database, settled_at, settled_by, note)
     values ($1, $2, $3, clock_timestamp(), $4, $5)
     on conflict (only_row) do update set cluster = excluded.cluster, timeline = excluded.timeline,
       database = excluded.database, settled_at = clock_timestamp(), settlements = ledger_home.settlements + 1,
       settled_by = excluded.settled_by, note = excluded.note`,
    [cluster, timeline, database, by, note],
  );
}

/** Whether the ledger is a copy that nobody has yet said to be the ledger from now on. */
export async function isStrangeCopy(q: Queryable): Promise<boolean> {
  const known = await knownHome(q);
  if (known === null) return false;
  const { cluster, timeline, database } = await currentHome(q);
  return known.cluster !== cluster || known.timeline !== timeline || known.database !== database;
}

/** Settles the home of a ledger that has none: a new one, or one of before homes were kept. */
export async function settleFirstHome(q: Queryable): Promise<void> {
  if ((await knownHome(q)) === null) await settleHome(q, 'fairtally setup', 'first seen here');
}

/**
 * Keeps facts as they are until the transaction ends: what `readHeads` says of them after this holds at the commit.
 * Taken after the heads, as by those who change facts. Says, in the same message, whether entries may be posted: the
 * ledger is at home, or it is a copy that keeps where its own postings begin (`beginCopy`).
 */
export async function shareFacts(tx: Transaction): Promise<boolean> {
  const [row] = await tx.query<{ may: boolean }>(
    `select pg_advisory_xact_lock_shared($1),
            not exists (select from ledger_home)
            or (select (cluster, timeline, database) in (
                 select cluster, timeline, database from ledger_home
                 union all select cluster, timeline, database from copy_start) from (${HERE}) as here) as may`,
    [FACTS_LOCK],
  );
  return row?.may === true;
}

/** SQL: the number of the last event of bucket `h.bucket` in the outbox; 0 where it has none. */
export const LAST_EVENT = 'coalesce((select max(o.no) from outbox o where o.bucket = h.bucket), 0)';

/** Keeps where a copy stands, before anything is posted to it: once, whoever does it first. */
export async function beginCopy(db: Database): Promise<void> {
  await db.transaction(async (tx) => {
    await lockHeads(
      tx,
      (await readHeads(tx)).map(({ bucket }) => bucket),
    );
    if (!(await isStrangeCopy(tx))) return;
    const { cluster, timeline, database } = await currentHome(tx);
    await tx.query(
      `insert into copy_start (cluster, timeline, database, bucket, position, event, settlements)
       select $1, $2, $3, h.bucket, h.position, ${LAST_EVENT},
              (select settlements from ledger_home)
       from head h on conflict do nothing`,
      [cluster, timeline, database],
    );
  });
}
