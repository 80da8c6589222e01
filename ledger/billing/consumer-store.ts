import type { Queryable } from '../database/database.ts';

/** A program that reads the feed and says how far it is. */
export interface FeedConsumer {
  readonly name: string;
  /** The cursor as it was given. */
  readonly cursor: string;
  /** The life of the ledger that the cursor is of. */
  readonly life: string;
  /** By bucket, all 64. */
  readonly positions: readonly number[];
  readonly reportedBy: string;
  /** ms since the epoch. */
  readonly reportedAt: number;
}

/** Keeps how far a consumer is, in place of what it said before. */
export async function saveConsumer(q: Queryable, consumer: Omit<FeedConsumer, 'reportedAt'>): Promise<void> {
  const { name, cursor, life, positions, reportedBy } = consumer;
  await q.query(
    `insert into feed_consumer (name, cursor, life, positions, reported_by) values ($1, $2, $3, $4::bigint[], $5)
     on conflict (name) do update set cursor = excluded.cursor, life = excluded.life, positions = excluded.positions,
       reported_by = excluded.reported_by, reported_at = clock_timestamp()`,
    [name, cursor, life, [...positions], reportedBy],
  );
}

/** Forgets a consumer; says whether there was one of that name. */
export async function deleteConsumer(q: Queryable, name: string): Promise<boolean> {
  const rows = await q.query('delete from feed_consumer where name = $1 returning name', [name]);
  return rows.length > 0;
}

/** All consumers, by name. */
export async function readConsumers(q: Queryable): Promise<FeedConsumer[]> {
  return q.query<FeedConsumer>(
    `select name, cursor, life::text as life, to_json(positions) as positions, reported_by as "reportedBy",
            reported_at as "reportedAt"
     from feed_consumer order by name`,
  );
}
