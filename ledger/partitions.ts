import type { Database } from './database.ts';
import { repeatWhileCut } from './repeat-while-cut.ts';

const known = new WeakMap<Database, Set<number>>();

/** Any number that nothing else locks: two who want the same partition wait for one another under it. */
const LOCK = 7_260_116;

/**
 * Makes sure that entries of `period` (yyyymm) have their partition, `entry_‹period›`. Call it before the transaction
 * that writes them, never inside: it makes the partition in a transaction of its own, so that a batch never waits for
 * another batch's commit over it, and remembers it per `Database`, so that the next call costs nothing.
 */
export async function ensurePeriod(db: Database, period: number): Promise<void> {
  const periods = periodsOf(db);
  if (periods.has(period)) return;
  const name = partitionOf(period);
  if (!(await partitionExists(db, name))) await repeatWhileCut(() => createPartition(db, name, period));
  periods.add(period);
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

async function partitionExists(db: Pick<Database, 'query'>, name: string): Promise<boolean> {
  const rows = await db.query<{ exists: boolean }>(
    `select exists (select from pg_inherits where inhparent = 'entry'::regclass and inhrelid = to_regclass($1))`,
    [name],
  );
  return rows[0]?.exists ?? false;
}

/**
 * Attached rather than created in place: ATTACH lets writers of other periods go on, CREATE … PARTITION OF shuts
 * everyone out. The indexes are the partition's own, since one on the whole table must hold the period, which is the same
 * in all of a partition's rows; a violation names the rule: `entry_202611_call`, `…_feed`. TRUNCATE triggers, unlike row
 * triggers, are not inherited.
 */
async function createPartition(db: Database, name: string, period: number): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
    if (await partitionExists(tx, name)) return;
    // Nothing here comes from outside: `name` is 'entry_' and a checked number.
    await tx.exec(`
      create table ${name} (like entry including defaults including constraints including storage);
      create unique index ${name}_call on ${name} (bucket, account, identity, revision);
      create unique index ${name}_feed on ${name} (bucket, position);
      create trigger entry_is_never_truncated before truncate on ${name}
        for each statement execute function refuse_change();
      alter table ${name} enable always trigger entry_is_never_truncated;
      alter table entry attach partition ${name} for values in (${period});
    `);
  });
}
