import type { Queryable } from '../database/database.ts';

/**
 * The months (yyyymm) that records in quarantine wait for, in order. One look at the index for each month, however many
 * records wait.
 */
export async function waitingMonths(q: Queryable): Promise<number[]> {
  const rows = await q.query<{ month: number }>(
    `with recursive waited (month) as (
       select (${FIRST_AFTER} > 0 order by waits_month limit 1)
       union all
       select (${FIRST_AFTER} > waited.month order by waits_month limit 1) from waited where waited.month is not null
     )
     select month from waited where month is not null`,
  );
  return rows.map(({ month }) => month);
}

const FIRST_AFTER = `select waits_month from quarantine where waits_month is not null and state = 'waiting' and waits_month`;

/** Says that the records which wait for a month must be settled again: it has its partition by now. */
export async function markMonthStale(q: Queryable, month: number): Promise<void> {
  await q.query(
    `update quarantine set is_stale = true, waits_month = null
     where waits_month = $1 and waits_month is not null and state = 'waiting'`,
    [month],
  );
}
