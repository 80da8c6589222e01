import { type BreachOfLine, NONE_CLOSED, type PeriodState } from '../../rater/index.ts';
import type { LineKey } from '../cases/breach-store.ts';
import type { Queryable, Transaction } from '../database/database.ts';
import { sqlInstant } from '../database/sql-values.ts';

/** A move of a period (yyyymm) to a state, as a person makes it. */
export interface PeriodMove {
  readonly period: number;
  readonly state: PeriodState;
  readonly by: string;
  readonly note: string;
  /** ms since the epoch. */
  readonly at: number;
}

/** Every move of every period, in the order in which they were made. */
export async function loadPeriodMoves(q: Queryable): Promise<PeriodMove[]> {
  return q.query<PeriodMove>('select period, state, moved_by as by, note, moved_at as at from period_move order by no');
}

/** The last period that is closed, and all before it with it; `NONE_CLOSED` where none is. */
export async function loadClosedThrough(q: Queryable): Promise<number> {
  const rows = await q.query<{ period: number | null }>(
    `select max(period) as period from period_move where state = 'closed'`,
  );
  return rows[0]?.period ?? NONE_CLOSED;
}

/** The breaches that stood when their period was closed, of all lines or of some. */
export async function loadSeenBreaches(q: Queryable, lines?: readonly LineKey[]): Promise<BreachOfLine[]> {
  return q.query<BreachOfLine>(
    `select line, period, condition from closed_breach
     where $1::smallint[] is null or (bucket, line) in (select * from unnest($1::smallint[], $2::int[]))`,
    [lines?.map(({ bucket }) => bucket) ?? null, lines?.map(({ no }) => no) ?? null],
  );
}

/** Keeps a move. The head of bucket 0 must be locked: moves are made one after the other. */
export async function addPeriodMove(tx: Transaction, { period, state, by, note, at }: PeriodMove): Promise<void> {
  await tx.query(`insert into period_move (period, state, moved_by, note, moved_at) values ($1, $2, $3, $4, $5)`, [
    period,
    state,
    by,
    note,
    sqlInstant(at),
  ]);
}

/**
 * Keeps what the close of a period has seen: each bucket's last feed position, and the breaches that stand in the
 * period and in those before it that no close has settled. All heads, and facts, must be locked. Call it before the
 * move is kept.
 */
export async function keepWhatCloseSaw(tx: Transaction, period: number): Promise<void> {
  await tx.query(`insert into period_close (period, bucket, position) select $1, bucket, position from head`, [period]);
  await tx.query(
    `insert into closed_breach (bucket, line, period, condition)
     select bucket, line, period, condition from breach where state = 'standing' and period <= $1 and period > $2`,
    [period, await loadClosedThrough(tx)],
  );
}

/** The last feed position of each bucket that the close of a period had seen; empty where it has none of its own. */
export async function readClosePositions(q: Queryable, period: number): Promise<ReadonlyMap<number, number>> {
  const rows = await q.query<{ bucket: number; position: bigint }>(
    'select bucket, position from period_close where period = $1 order by bucket',
    [period],
  );
  return new Map(rows.map(({ bucket, position }) => [bucket, Number(position)]));
}

/** Records that wait in quarantine, by reason, whose calls start in `[from, to)` (ms since the epoch). */
export async function countWaitingBetween(
  q: Queryable,
  from: number,
  to: number,
): Promise<{ readonly reason: string; readonly records: number }[]> {
  return q.query(
    // Instants of years with four digits are in order as texts, and any other is of no period.
    `select reason, count(*)::int as records
     from (select reason, convert_from(cdr, 'UTF8')::json ->> 'answered' as answered
           from quarantine where state = 'waiting' and cdr is not null) as waiting
     where answered ~ '^\\d{4}-' and answered collate "C" >= $1 and answered collate "C" < $2
     group by reason order by reason`,
    [sqlInstant(from), sqlInstant(to)],
  );
}
