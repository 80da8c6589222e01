import type { Queryable } from '../database/database.ts';

/** The records of the calls that were rated last, at most so many a bucket: a sample that costs the same ever. */
export async function latestRecords(q: Queryable, perBucket: number): Promise<string[]> {
  const rows = await q.query<{ cdr: string }>(
    `select e.cdr from head h
     join entry e on e.bucket = h.bucket and e.position > h.position - $1::int and e.position <= h.position
     where h.position > 0 and e.kind = 'u' and e.cdr is not null`,
    [perBucket],
  );
  return rows.map(({ cdr }) => cdr);
}
