import type { Queryable, Transaction } from '../database/database.ts';
import { LAST_EVENT } from './home-store.ts';

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
 * Begins another life of a copy that was restored. It begins where the copy stood when it was first written to
 * (`beginCopy`), or where it stands: to be called before the copy is said to be at home. Of a copy of a copy, where the
 * first of them stood that was written to. All heads must be locked, so that nothing is posted meanwhile. Returns it.
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
     select $1, h.bucket, coalesce(c.position, h.position),
            coalesce(c.event, ${LAST_EVENT})
     from head h left join (
       select bucket, min(position) as position, min(event) as event from copy_start
       where settlements = (select settlements from ledger_home) group by bucket) as c
       on c.bucket = h.bucket`,
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

/** The lives, after the first, whose beginning no relay has told. */
export async function unpublishedLives(q: Queryable): Promise<number[]> {
  const rows = await q.query<{ no: number }>(
    'select no from ledger_life l where not exists (select from relayed_life r where r.life = l.no) order by no',
  );
  return rows.map(({ no }) => no);
}

/** Says that a life's beginning was told. */
export async function markLifePublished(q: Queryable, no: number): Promise<void> {
  await q.query('insert into relayed_life (life) values ($1) on conflict do nothing', [no]);
}
