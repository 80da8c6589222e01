import type { Database, Queryable, Transaction } from '../database/database.ts';
import type { FeedStretch } from '../entries/moved-entries.ts';
import type { EventType } from './outbox-store.ts';

/** What is told: entries by feed position, events by their number in the outbox. */
export type Feed = 'usage' | 'event';

/** Makes the cursors, at the beginning of every bucket, where there are none. */
export async function ensureCursors(db: Database): Promise<void> {
  await db.query(
    `insert into relay_cursor (feed, bucket) select feed, bucket from head, unnest(array['usage', 'event']) as f (feed)
     on conflict do nothing`,
  );
}

/**
 * What is not told yet of at most `buckets` buckets, those that lag most, each at most `entries` entries. Their cursors
 * stay locked until the transaction ends; buckets that another relay has locked are left to it.
 */
export async function lockUnpublishedUsage(
  tx: Transaction,
  limits: { readonly buckets: number; readonly entries: number },
): Promise<FeedStretch[]> {
  await tellLightly(tx);
  const rows = await tx.query<{ bucket: number; told: bigint; head: bigint }>(
    `select c.bucket, c.position as told, h.position as head from relay_cursor c join head h using (bucket)
     where c.feed = 'usage' and h.position > c.position
     order by h.position - c.position desc limit $1 for update of c skip locked`,
    [limits.buckets],
  );
  return rows.map(({ bucket, told, head }) => {
    const after = Number(told);
    return { bucket, after, upTo: Math.min(Number(head), after + limits.entries) };
  });
}

/** An event of the outbox, in the words of the world outside. */
export interface UnpublishedEvent {
  readonly bucket: number;
  readonly no: number;
  readonly type: EventType;
  readonly line: string;
  readonly account: string;
  /** yyyymm; `null` of an event that is of no month. */
  readonly period: number | null;
  /** ms since the epoch. */
  readonly happenedAt: number;
  readonly data: object;
}

/** At most `limit` events not published yet, in order in each bucket; cursors as `lockUnpublishedUsage` has them. */
export async function lockUnpublishedEvents(tx: Transaction, limit: number): Promise<UnpublishedEvent[]> {
  await tellLightly(tx);
  const cursors = await tx.query<{ bucket: number; position: bigint }>(
    `select c.bucket, c.position from relay_cursor c
     where c.feed = 'event' and exists (select from outbox o where o.bucket = c.bucket and o.no > c.position)
     for update of c skip locked`,
  );
  if (cursors.length === 0) return [];
  const rows = await tx.query<Omit<UnpublishedEvent, 'no' | 'happenedAt'> & { no: bigint; happened_at: number }>(
    `select o.bucket, o.no, o.type, l.id as line, a.id as account, o.period, o.happened_at, o.data
     from unnest($1::smallint[], $2::bigint[]) as c (bucket, position)
     join outbox o on o.bucket = c.bucket and o.no > c.position
     join line l on l.no = o.line join account a on a.no = l.account
     order by o.no limit $3`,
    [cursors.map(({ bucket }) => bucket), cursors.map(({ position }) => position), limit],
  );
  return rows.map(({ no, happened_at: happenedAt, ...row }) => ({ ...row, no: Number(no), happenedAt }));
}

/** Moves locked cursors on to what was told. */
export async function moveCursors(tx: Transaction, feed: Feed, told: ReadonlyMap<number, number>): Promise<void> {
  await tx.query(
    `update relay_cursor c set position = told.position
     from unnest($2::smallint[], $3::bigint[]) as told (bucket, position)
     where c.feed = $1 and c.bucket = told.bucket`,
    [feed, [...told.keys()], [...told.values()]],
  );
}

/** How many entries and events are not told yet. */
export async function unpublished(q: Queryable): Promise<Readonly<Record<Feed, number>>> {
  const [row] = await q.query<{ usage: bigint; event: bigint }>(
    `select (select coalesce(sum(h.position - c.position), 0)::bigint
             from relay_cursor c join head h using (bucket) where c.feed = 'usage') as usage,
            (select count(*) from relay_cursor c join outbox o on o.bucket = c.bucket and o.no > c.position
             where c.feed = 'event') as event`,
  );
  return { usage: Number(row?.usage ?? 0n), event: Number(row?.event ?? 0n) };
}

/**
 * A cursor that is lost with the server's power is behind, never ahead, and what was told is told again: no reason to
 * wait for the disk. And the feed is read by its index, whatever statistics say of a month that has just begun.
 */
async function tellLightly(tx: Transaction): Promise<void> {
  await tx.exec('set local synchronous_commit = off; set local enable_seqscan = off');
}
