import type { Queryable, Transaction } from '../database/database.ts';

/** Where a record stood that could not be read, in a source that can be read once more. */
export interface UnreadPlace {
  /** The source, or, of one that is read again from its start, the first reading of the same content. */
  readonly source: string;
  readonly position: number;
  readonly item: number;
}

/** An arrival of a record that could not be read, which has a number in quarantine. */
export interface UnreadArrival extends UnreadPlace {
  readonly quarantine: bigint;
}

/** Keeps where records came from that could not be read. One that was read there before waits there again. */
export async function keepUnreadArrivals(tx: Transaction, arrivals: readonly UnreadArrival[]): Promise<void> {
  if (arrivals.length === 0) return;
  await tx.query(
    `insert into unread_arrival as a (quarantine, source, position, item, arrivals)
     select g.quarantine, g.source, g.position, g.item, count(*)
     from unnest($1::bigint[], $2::text[], $3::bigint[], $4::int[]) as g (quarantine, source, position, item)
     group by g.quarantine, g.source, g.position, g.item
     order by g.quarantine, g.source, g.position, g.item
     on conflict (quarantine, source, position, item)
     do update set arrivals = a.arrivals + excluded.arrivals, is_reread = false`,
    [
      arrivals.map(({ quarantine }) => quarantine),
      arrivals.map(({ source }) => source),
      arrivals.map(({ position }) => position),
      arrivals.map(({ item }) => item),
    ],
  );
}

/** A stretch of a source that is read once more: positions `[from, to)`. */
export interface RereadStretch {
  readonly source: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Gives up what earlier readings of a stretch could not read, as the same bytes are read once more: by the source
 * itself, or by a later reading of its content. A record whose bytes came from elsewhere too, from another place, file
 * or topic, waits on: nothing else says that they are the same call. Records that could be read are settled by their
 * identity instead.
 */
export async function giveUpReread(tx: Transaction, { source, from, to }: RereadStretch): Promise<void> {
  const reread = await tx.query<{ quarantine: bigint }>(
    `update unread_arrival set is_reread = true
     where source = $1 and position >= $2 and position < $3 and not is_reread returning quarantine`,
    [source, from, to],
  );
  if (reread.length === 0) return;
  await tx.query(
    `update quarantine q set state = 'superseded'
     where q.no = any($1::bigint[]) and q.state in ('waiting', 'written-off') and q.cdr is null
       and q.arrivals <= (select coalesce(sum(a.arrivals), 0) from unread_arrival a
                          where a.quarantine = q.no and a.is_reread)`,
    [[...new Set(reread.map(({ quarantine }) => quarantine))]],
  );
}

/** Where a record that could not be read stands, and is not read once more yet; topics are not among them. */
export function unreadPlaces(q: Queryable, quarantine: number): Promise<UnreadPlace[]> {
  return q.query<UnreadPlace>(
    `select source, position::float8 as position, item from unread_arrival
     where quarantine = $1 and not is_reread order by source, position, item`,
    [quarantine],
  );
}
