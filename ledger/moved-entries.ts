import type { Queryable } from './database.ts';

/** An entry that was posted since a bucket stood at a position. */
export interface MovedEntry {
  readonly bucket: number;
  readonly account: number;
  readonly line: number;
  readonly period: number;
  readonly identity: bigint;
  readonly revision: number;
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly called: number;
  readonly isFree: boolean;
  /** The ledger's number of the offer's version; 0 for none. */
  readonly offer: number;
  readonly flags: number;
  /** Whether it takes from a month, or changes of a call, something that a month is measured by. */
  readonly changesMeasures: boolean;
}

interface MovedEntryRow extends Omit<MovedEntry, 'called'> {
  readonly called: bigint;
}

/** A stretch of a bucket's feed: the positions after `after`, up to and with `upTo`. */
export interface FeedStretch {
  readonly bucket: number;
  readonly after: number;
  readonly upTo: number;
}

/** The entries of some stretches, by the feed's index: what another writer posted meanwhile. */
export async function entriesBetween(q: Queryable, stretches: readonly FeedStretch[]): Promise<MovedEntry[]> {
  if (stretches.length === 0) return [];
  const rows = await q.query<MovedEntryRow>(ENTRIES_BETWEEN, [
    stretches.map(({ bucket }) => bucket),
    stretches.map(({ after }) => after),
    stretches.map(({ upTo }) => upTo),
  ]);
  return rows.map((row) => ({ ...row, called: Number(row.called) }));
}

// A rerate that changes nothing but coverage and price leaves the measures of its month as they are. Joined without
// `lateral`, the planner reads whole months, each time that somebody asks what others posted.
const ENTRIES_BETWEEN = `
  select e.bucket, e.account, e.line, e.period, e.identity, e.revision, e.started_at as "startedAt",
         e.duration_ms as "durationMs", e.called, e.coverage is not distinct from 'f' as "isFree",
         coalesce(e.offer, 0) as offer, e.flags,
         e.revision > 0 and (e.kind <> 'r' or b.revision is null
           or (b.called, b.flags, b.offer, b.coverage = 'f') is distinct from (e.called, e.flags, e.offer, e.coverage = 'f')
         ) as "changesMeasures"
  from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as h (bucket, after, up_to)
  cross join lateral (
    select * from entry where bucket = h.bucket and position > h.after and position <= h.up_to order by position
  ) as e
  left join lateral (
    select revision, called, flags, offer, coverage from entry
    where e.revision > 0 and period = e.period and bucket = e.bucket and account = e.account
      and identity = e.identity and revision = e.revision - 1
    limit 1
  ) as b on true
  order by e.bucket, e.position`;
