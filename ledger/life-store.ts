import type { Queryable, Transaction } from './database.ts';

/**
 * A life of the ledger: from its beginning, or from the restore of a copy, to the next restore. What readers outside
 * were told of a bucket after the place where the next life begins is not in the ledger.
 */
export interface LedgerLife {
  readonly no: number;
  readonly id: string;
  /** ms since the epoch. */
  readonly begunAt: number;
  readonly begunBy: string;
  readonly note: string;
  /** By bucket, the last feed position and the last event that are of lives before it. Buckets at 0 may be absent. */
  readonly starts: ReadonlyMap<number, LifeStart>;
}

/** Where a life begins in a bucket. */
export interface LifeStart {
  readonly position: number;
  readonly event: number;
}

/** All lives, the first first. */
export async function readLives(q: Queryable): Promise<LedgerLife[]> {
  const lives = await q.query<Omit<LedgerLife, 'starts'>>(
    'select no, id::text as id, begun_at as "begunAt", begun_by as "begunBy", note from ledger_life order by no',
  );
  const starts = await q.query<{ life: number; bucket: number; position: number; event: number }>(
    'select life, bucket, position::float8 as position, event::float8 as event from ledger_life_start',
  );
  const byLife = Map.groupBy(starts, ({ life }) => life);
  return lives.map((life) => ({
    ...life,
    starts: new Map((byLife.get(life.no) ?? []).map(({ bucket, position, event }) => [bucket, { position, event }])),
  }));
}

/** The number of the life that the ledger is in. */
export async function lastLife(q: Queryable): Promise<number> {
  const [row] = await q.query<{ no: number }>('select max(no) as no from ledger_life');
  return row?.no ?? 0;
}

/**
 * Begins another life where the ledger stands: in a copy that was restored. All heads must be locked, so that nothing
 * is posted meanwhile. Returns it.
 */
export async function beginLife(tx: Transaction, by: string, note: string): Promise<LedgerLife> {
  const [row] = await tx.query<{ no: number }>(
    `insert into ledger_life (no, id, begun_by, note)
     select max(no) + 1, gen_random_uuid(), $1, $2 from ledger_life returning no`,
    [by, note],
  );
  if (row === undefined) throw new Error('Cannot begin another life of the ledger: it has none');
  await tx.query(
    `insert into ledger_life_start (life, bucket, position, event)
     select $1, h.bucket, h.position, coalesce((select max(o.no) from outbox o where o.bucket = h.bucket), 0)
     from head h`,
    [row.no],
  );
  const life = (await readLives(tx)).find(({ no }) => no === row.no);
  if (life === undefined) throw new Error(`Cannot begin another life of the ledger: '${row.no}' is not there`);
  return life;
}

/** The life that an entry (`position`) or an event of the outbox (`event`) of a bucket is of. */
export function lifeOf(
  lives: readonly LedgerLife[],
  bucket: number,
  at: { readonly kind: keyof LifeStart; readonly no: number },
): LedgerLife {
  const life = lives.findLast(({ starts }) => at.no > (starts.get(bucket)?.[at.kind] ?? 0));
  if (life === undefined) throw new Error(`Cannot tell the ledger's life of ${at.kind} '${at.no}': it has none`);
  return life;
}

/** A database: whatever way a copy was restored, it is another, or on another timeline. */
export interface LedgerHome {
  /** Identifier that the cluster was given when it was made. */
  readonly cluster: string;
  /** Of the cluster's log: a recovery to a point, and a replica that takes over, begin another. */
  readonly timeline: number;
  /** The database's number in the cluster. */
  readonly database: number;
}

/** Where the database is now. */
export async function currentHome(q: Queryable): Promise<LedgerHome> {
  const [row] = await q.query<{ cluster: string; walFile: string; database: number }>(
    `select (select system_identifier::text from pg_control_system()) as cluster,
            pg_walfile_name(pg_current_wal_lsn()) as "walFile",
            (select oid from pg_database where datname = current_database()) as database`,
  );
  if (row === undefined) throw new Error('Cannot tell which database this is: it did not say');
  // The first eight of a log file's digits are its timeline.
  return { cluster: row.cluster, timeline: Number.parseInt(row.walFile.slice(0, 8), 16), database: row.database };
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
    `insert into ledger_home (cluster, timeline, database, settled_by, note) values ($1, $2, $3, $4, $5)
     on conflict (only_row) do update set cluster = excluded.cluster, timeline = excluded.timeline,
       database = excluded.database, settled_at = now(), settled_by = excluded.settled_by, note = excluded.note`,
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

/** The lives, after the first, whose beginning no relay has told. */
export async function untoldLives(q: Queryable): Promise<number[]> {
  const rows = await q.query<{ no: number }>(
    'select no from ledger_life l where not exists (select from relayed_life r where r.life = l.no) order by no',
  );
  return rows.map(({ no }) => no);
}

/** Says that a life's beginning was told. */
export async function markLifeTold(q: Queryable, no: number): Promise<void> {
  await q.query('insert into relayed_life (life) values ($1) on conflict do nothing', [no]);
}
