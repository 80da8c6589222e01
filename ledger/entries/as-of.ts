import { setTimeout } from 'node:timers/promises';
import type { Database, Queryable } from '../database/database.ts';
import { FACTS_LOCK } from './head-store.ts';
import { sqlInstant } from '../database/sql-values.ts';

/** The last feed position of each bucket, as of an instant. */
export type Positions = ReadonlyMap<number, number>;

/**
 * The feed position of each bucket as of an instant (ms since the epoch): all that was posted then or before, and
 * nothing later. A posting's time is taken while its heads are locked (`addPostings`), so what was posted up to an
 * instant is what was posted up to a position. What a transaction under way has posted may have such a time and not be
 * committed: those are waited for, and no other. So the answer is the same whenever it is asked for, unless the
 * database's clock is set back. Of entries that were posted before postings were kept no time is known: they count as
 * of ever. Before migration 0014 a posting's time was the beginning of its transaction, some seconds early.
 *
 * @returns `null`: the instant is yet to come
 */
export async function positionsAsOf(db: Database, instant: number): Promise<Positions | null> {
  const [clock] = await db.query<{ is_past: boolean }>('select clock_timestamp() > $1 as is_past', [
    sqlInstant(instant),
  ]);
  if (clock?.is_past !== true) return null;
  await writersUnderWay(db);
  const rows = await db.query<{ bucket: number; position: bigint }>(
    `select h.bucket, coalesce(
       (select p.up_to from posting p where p.bucket = h.bucket and p.posted_at <= $1
        order by p.posted_at desc, p.up_to desc limit 1),
       (select s.position from proof_start s where s.bucket = h.bucket), 0)::bigint as position
     from head h order by h.bucket`,
    [sqlInstant(instant)],
  );
  return new Map(rows.map(({ bucket, position }) => [bucket, Number(position)]));
}

/** Settles once every transaction has ended that may have posted and is not committed now. */
async function writersUnderWay(db: Database): Promise<void> {
  // The embedded database does one transaction after the other.
  if (db.kind === 'pglite') return;
  for (let waited = await writersOf(db); waited.length > 0;) {
    await setTimeout(POLL_MS);
    const still = new Set(await writersOf(db));
    waited = waited.filter((transaction) => still.has(transaction));
  }
}

const POLL_MS = 20;

/** The transactions that hold facts as they are: all that post do, from before they take their time until they end. */
async function writersOf(q: Queryable): Promise<string[]> {
  const rows = await q.query<{ transaction: string }>(
    `select distinct virtualtransaction as transaction from pg_locks
     where locktype = 'advisory' and granted and classid = 0 and objid = $1::bigint::oid and objsubid = 1
       and database = (select oid from pg_database where datname = current_database())`,
    [FACTS_LOCK],
  );
  return rows.map(({ transaction }) => transaction);
}

/** What calls of a month come to, by the entries up to some positions. */
export interface MoneySum {
  /** Calls that are billed. */
  readonly calls: number;
  /** Micros. */
  readonly charge: number;
}

export interface LineMoney extends MoneySum {
  readonly line: string;
  readonly account: string;
}

const UP_TO = `
  select e.* from unnest($2::smallint[], $3::bigint[]) as upto (bucket, position)
  join entry e on e.bucket = upto.bucket and e.position <= upto.position
  where e.period = $1`;

const SUMS = `sum(case kind when 'u' then 1 when 'v' then -1 else 0 end)::int as calls, sum(charge)::bigint as charge`;

/** The money of a month's calls by line, most first, then by id; lines of which nothing is billed are left out. */
export async function moneyByLine(q: Queryable, period: number, upTo: Positions): Promise<LineMoney[]> {
  const rows = await q.query<{ line: string; account: string; calls: number; charge: bigint }>(
    `select l.id as line, a.id as account, calls, charge
     from (select line, ${SUMS} from (${UP_TO}) as own group by line) as s
     join line l on l.no = s.line join account a on a.no = l.account
     where calls > 0 or charge <> 0 order by charge desc, l.id`,
    parametersOf(period, upTo),
  );
  return rows.map((row) => ({ ...row, charge: Number(row.charge) }));
}

/**
 * The same by day of the start.
 *
 * @param days the first instant of each day of the month, ms since the epoch
 */
export async function moneyByDay(
  q: Queryable,
  period: number,
  upTo: Positions,
  days: readonly number[],
): Promise<MoneySum[]> {
  const rows = await q.query<{ day: number; calls: number; charge: bigint }>(
    `select width_bucket(started_at, $4::timestamptz[]) as day, ${SUMS} from (${UP_TO}) as own group by day`,
    [...parametersOf(period, upTo), days.map(sqlInstant)],
  );
  const byDay = new Map(rows.map(({ day, calls, charge }) => [day, { calls, charge: Number(charge) }]));
  return days.map((_, index) => byDay.get(index + 1) ?? { calls: 0, charge: 0 });
}

function parametersOf(period: number, upTo: Positions) {
  return [period, [...upTo.keys()], [...upTo.values()]] as const;
}
