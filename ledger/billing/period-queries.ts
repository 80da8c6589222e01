import type { Queryable } from '../database/database.ts';

/**
 * The periods (yyyymm) that hold entries, in order. Partitions alone do not count: a month of which nothing could be
 * rated has one, too.
 */
export async function periodsWithEntries(q: Queryable): Promise<number[]> {
  const partitions = await q.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'entry'::regclass order by c.relname`,
  );
  const periods: number[] = [];
  for (const { name } of partitions) {
    const period = Number(name.slice('entry_'.length));
    // By way of the whole table, which is what roles may read; only the month's partition is looked at.
    const rows = await q.query<{ found: boolean }>('select exists (select from entry where period = $1) as found', [
      period,
    ]);
    if (rows[0]?.found === true) periods.push(period);
  }
  return periods;
}

/** The period (yyyymm) with most entries, the later of two equal ones; `null` before the first call. */
export async function busiestPeriod(q: Queryable): Promise<number | null> {
  const rows = await q.query<{ period: number }>(
    'select period from entry group by period order by count(*) desc, period desc limit 1',
  );
  return rows[0]?.period ?? null;
}
