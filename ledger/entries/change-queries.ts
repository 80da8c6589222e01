import type { Queryable } from '../database/database.ts';
import type { Head } from './head-store.ts';
import { sqlInstant } from '../database/sql-values.ts';

/** What was posted since the heads stood where they did. */
export interface PostedChange {
  /**
   * Calls with a correction that are still billed; calls that are rated anew, or for the first time; calls billed no
   * more.
   */
  readonly corrected: number;
  readonly newlyRated: number;
  readonly reversed: number;
  /** Of the corrected: how many have another coverage by it. */
  readonly otherCoverage: number;
  /** Of the corrected: how many are charged otherwise. */
  readonly otherCharge: number;
  /** Micros: the sum of what was posted. */
  readonly charge: number;
}

/** Sums up the entries after the positions of `heads`, by call. */
export async function changesSince(q: Queryable, heads: readonly Head[]): Promise<PostedChange> {
  const rows = await q.query<PostedChangeRow>(CHANGES, [
    heads.map(({ bucket }) => bucket),
    heads.map(({ position }) => position),
  ]);
  const row = rows[0];
  if (row === undefined) throw new Error('Cannot sum up changes: an aggregate without a row');
  return {
    corrected: row.corrected,
    newlyRated: row.newly_rated,
    reversed: row.reversed,
    otherCoverage: row.other_coverage,
    otherCharge: row.other_charge,
    charge: Number(row.charge),
  };
}

const CHANGES = `
  with posted as (
    select e.* from unnest($1::smallint[], $2::bigint[]) as h (bucket, position)
    join entry e on e.bucket = h.bucket and e.position > h.position
  ),
  call as (
    select sum(charge) as charge,
           (array_agg(coverage_before order by revision, period))[1] as coverage_before,
           (array_agg(coverage order by revision desc, period desc))[1] as coverage,
           bool_or(kind = 'u') as is_usage
    from posted group by bucket, account, identity
  )
  select count(*) filter (where coverage is not null and not is_usage)::int as corrected,
         count(*) filter (where coverage is not null and is_usage)::int as newly_rated,
         count(*) filter (where coverage is null)::int as reversed,
         count(*) filter (where not is_usage and coverage is not null and coverage <> coverage_before)::int
           as other_coverage,
         count(*) filter (where not is_usage and coverage is not null and charge <> 0)::int as other_charge,
         coalesce(sum(charge), 0)::bigint as charge
  from call`;

/** Micros: what all calls of the ledger are charged together. */
export async function ledgerCharge(q: Queryable): Promise<number> {
  const rows = await q.query<{ charge: bigint }>('select coalesce(sum(charge), 0)::bigint as charge from entry');
  return Number(rows[0]?.charge ?? 0n);
}

/** Calls that a deck prices alike: of one number, of one destination, between two instants. */
export interface PricedAlike {
  readonly called: number;
  readonly destination: string;
  /** ms since the epoch: the earliest of them, and the last. */
  readonly startedAt: number;
  readonly lastStartedAt: number;
  readonly calls: number;
  /** Micros: what they cost by the minute, together. */
  readonly meteredPrice: number;
}

/**
 * All billed calls that cost something by the minute, whatever their coverage, by number, destination and the spans
 * into which `instants` (ms since the epoch, ascending) cut time.
 */
export async function callsPricedAlike(q: Queryable, instants: readonly number[]): Promise<PricedAlike[]> {
  const rows = await q.query<PricedAlikeRow>(PRICED_ALIKE, [[LONG_AGO, ...instants.map(sqlInstant)]]);
  return rows.map(toPricedAlike);
}

/** The same of the calls that were rated after the positions of `heads`; corrections are of calls that were rated. */
export async function callsPricedAlikeSince(
  q: Queryable,
  instants: readonly number[],
  heads: readonly Head[],
): Promise<PricedAlike[]> {
  const rows = await q.query<PricedAlikeRow>(PRICED_ALIKE_SINCE, [
    [LONG_AGO, ...instants.map(sqlInstant)],
    heads.map(({ bucket }) => bucket),
    heads.map(({ position }) => position),
  ]);
  return rows.map(toPricedAlike);
}

/** A call that was rated, and waits in quarantine now: nothing is charged for it, and once something was. */
export interface OnceRated {
  readonly called: number;
  readonly destination: string;
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** Micros: what it cost by the minute when it was last billed, and of which currency. */
  readonly meteredPrice: number;
  readonly currency: string;
}

/**
 * All calls that were rated and wait in quarantine now, for whatever reason: the price that was taken from them, by
 * import or by facts, is still the one that people were told. A record that contradicts one that is billed
 * (`conflict`) is none of them.
 */
export async function callsOnceRated(q: Queryable): Promise<OnceRated[]> {
  const rows = await q.query<OnceRatedRow>(ONCE_RATED);
  return rows.map((row) => ({
    called: Number(row.called),
    destination: row.destination,
    startedAt: row.started_at,
    durationMs: row.duration_ms,
    meteredPrice: Number(row.metered_price),
    currency: row.currency,
  }));
}

// A reversal says of the call what its last rating said. It is the last entry unless the call was rated once more.
const ONCE_RATED = `
  with waiting as (
    select distinct identity from quarantine
    where state = 'waiting' and reason <> 'conflict' and cdr is not null and identity is not null
  )
  select v.called, d.name as destination, v.started_at, v.duration_ms, v.metered_price, k.currency
  from entry v
  left join shared_hash s on s.identity = v.identity
  join waiting w on w.identity = coalesce(s.hash, v.identity)
  join destination d on d.no = v.destination
  join rate_deck k on k.no = v.rate_deck
  where v.kind = 'v' and v.coverage_before in ('i', 'm')
    and not exists (select from entry n where n.bucket = v.bucket and n.account = v.account
                      and n.identity = v.identity and n.revision > v.revision)
  order by v.started_at, v.called`;

/** Before any call: spans need a begin. */
const LONG_AGO = '0001-01-01T00:00:00Z';

const PRICED_ALIKE = `
  select c.called, d.name as destination, min(c.started_at) as started_at, max(c.started_at) as last_started_at,
         sum(c.n)::int as calls, sum(c.n * c.metered_price)::bigint as metered_price
  from (
    select called, destination, started_at, metered_price, 1 as n from entry where coverage in ('i', 'm')
    union all
    select e.called, e.destination, e.started_at, e.metered_price, -1 from entry k
    join entry e on e.period = k.period and e.bucket = k.bucket and e.account = k.account and e.identity = k.identity
                and e.revision = k.revision - 1
    where k.revision > 0 and e.coverage in ('i', 'm')
  ) c
  join destination d on d.no = c.destination
  group by c.called, d.name, width_bucket(c.started_at, $1::timestamptz[])
  having sum(c.n) > 0
  order by c.called, min(c.started_at)`;

const PRICED_ALIKE_SINCE = `
  select c.called, d.name as destination, min(c.started_at) as started_at, max(c.started_at) as last_started_at,
         count(*)::int as calls, sum(c.metered_price)::bigint as metered_price
  from unnest($2::smallint[], $3::bigint[]) as h (bucket, position)
  join entry c on c.bucket = h.bucket and c.position > h.position and c.kind = 'u' and c.coverage in ('i', 'm')
  join destination d on d.no = c.destination
  group by c.called, d.name, width_bucket(c.started_at, $1::timestamptz[])
  order by c.called, min(c.started_at)`;

function toPricedAlike(row: PricedAlikeRow): PricedAlike {
  return {
    called: Number(row.called),
    destination: row.destination,
    startedAt: row.started_at,
    lastStartedAt: row.last_started_at,
    calls: row.calls,
    meteredPrice: Number(row.metered_price),
  };
}

interface PostedChangeRow {
  readonly corrected: number;
  readonly newly_rated: number;
  readonly reversed: number;
  readonly other_coverage: number;
  readonly other_charge: number;
  readonly charge: bigint;
}
interface OnceRatedRow {
  readonly called: bigint;
  readonly destination: string;
  readonly started_at: number;
  readonly duration_ms: number;
  readonly metered_price: bigint;
  readonly currency: string;
}
interface PricedAlikeRow {
  readonly called: bigint;
  readonly destination: string;
  readonly started_at: number;
  readonly last_started_at: number;
  readonly calls: number;
  readonly metered_price: bigint;
}
