import { DatabaseError } from '../database/database-error.ts';
import type { Database, Queryable, Transaction } from '../database/database.ts';
import { repeatWhileCut } from '../database/repeat-while-cut.ts';

/** Months known to have their partition, by database: none is ever taken away. */
const known = new WeakMap<Database, Set<number>>();

/**
 * Makes sure that entries of `period` (yyyymm) have their partition, `entry_‹period›`, as far as this role may and as
 * the ledger's number of months allows (`ensure_entry_month`). Call it before the transaction that writes them, never
 * inside: it makes the partition in a transaction of its own, so that a batch never waits for another batch's commit
 * over it, and remembers it per `Database`, so that the next call costs nothing.
 *
 * @returns whether entries of the period can be written; `false`: its records wait for somebody to make it
 */
export async function ensurePeriod(db: Database, period: number): Promise<boolean> {
  const periods = periodsOf(db);
  if (periods.has(period)) return true;
  partitionOf(period);
  const isThere = (await hasPeriod(db, period)) || (await askForMonth(db, period));
  if (isThere) periods.add(period);
  return isThere;
}

/** Whether entries of a period can be written. Within a transaction, too: it makes nothing. */
export async function hasPeriod(q: Queryable, period: number): Promise<boolean> {
  const [row] = await q.query<{ found: boolean }>('select has_entry_month($1) as found', [period]);
  return row?.found === true;
}

/**
 * Makes the months that are missing, however many the ledger has: for people, and ahead of time. The role must own the
 * tables. Returns those that it made.
 */
export async function makePeriods(db: Database, periods: readonly number[]): Promise<number[]> {
  const made: number[] = [];
  for (const period of periods) {
    if (await hasPeriod(db, period)) continue;
    await repeatWhileCut(() => db.transaction((tx) => tx.query('select make_entry_month($1)', [period])));
    made.push(period);
  }
  return made;
}

/** Those of the periods that have no partition yet. */
export async function missingPeriods(q: Queryable, periods: readonly number[]): Promise<number[]> {
  const rows = await q.query<{ month: number }>(
    'select month from unnest($1::int[]) with ordinality as m (month, no) where not has_entry_month(month) order by no',
    [periods],
  );
  return rows.map(({ month }) => month);
}

/** Whether this role may have months made when records ask for them. */
export async function mayMakePeriods(q: Queryable): Promise<boolean> {
  const [row] = await q.query<{ may: boolean }>(
    `select has_function_privilege('ensure_entry_month(int)', 'execute') as may`,
  );
  return row?.may === true;
}

/** Name of a period's partition. Throws a `RangeError` when `period` is no month written yyyymm. */
export function partitionOf(period: number): string {
  const month = period % 100;
  if (!Number.isInteger(period) || period < 100_001 || period > 999_912 || month < 1 || month > 12) {
    throw new RangeError(`Cannot name the partition of period '${period}': it is no month as yyyymm`);
  }
  return `entry_${period}`;
}

function periodsOf(db: Database): Set<number> {
  let periods = known.get(db);
  if (periods === undefined) {
    periods = new Set();
    known.set(db, periods);
  }
  return periods;
}

async function askForMonth(db: Database, period: number): Promise<boolean> {
  if (!(await mayMakePeriods(db))) return false;
  return db
    .transaction((tx) => ensureMonth(tx, period))
    .catch((error: unknown) => {
      if (isRightMissing(error)) return false;
      throw error;
    });
}

async function ensureMonth(tx: Transaction, period: number): Promise<boolean> {
  const [row] = await tx.query<{ isThere: boolean }>('select ensure_entry_month($1) as "isThere"', [period]);
  return row?.isThere === true;
}

/** `insufficient_privilege`: also of an owner of the function who lost the right to make tables. */
export function isRightMissing(error: unknown): boolean {
  return error instanceof DatabaseError && error.sqlState === '42501';
}
