import type { Queryable } from './database/database.ts';

/** What stands in the ledger that operators watch, and that an index has at hand. */
export interface LedgerMeasures {
  /** Open cases, and what is at stake in them, in micros. */
  readonly openCases: number;
  readonly atStake: number;
  /** Deliveries to webhooks that are due. */
  readonly dueDeliveries: number;
  readonly disabledWebhooks: number;
}

export async function ledgerMeasures(q: Queryable): Promise<LedgerMeasures> {
  const [row] = await q.query<LedgerMeasures>(
    `select c.open::float8 as "openCases", c.stake::float8 as "atStake", d.due::float8 as "dueDeliveries",
       w.disabled::float8 as "disabledWebhooks"
     from (select count(*) as open, coalesce(sum(at_stake), 0) as stake from case_file where state = 'open') c,
       (select count(*) as due from webhook_delivery where next_at is not null and next_at <= clock_timestamp()) d,
       (select count(*) as disabled from webhook_endpoint where disabled_at is not null) w`,
  );
  return row!;
}

/** What operators watch that no index has at hand: it takes a walk through tables, though none of entries. */
export interface SlowMeasures {
  /** Deliveries to webhooks that were given up. */
  readonly givenUpDeliveries: number;
  /** Partitions and files with positions that were passed, or counted twice, and that nothing explains. */
  readonly holes: number;
}

export async function slowMeasures(q: Queryable): Promise<SlowMeasures> {
  const [row] = await q.query<SlowMeasures>(
    `select (select count(*) from webhook_delivery where state = 'given-up')::float8 as "givenUpDeliveries",
       (select count(*) from source_position where hole <> 0)::float8 as holes`,
  );
  return row!;
}

/** How many entries there are by coverage between two positions of each bucket (from 0): after the first. */
export function entriesByCoverage(
  q: Queryable,
  after: readonly number[],
  upTo: readonly number[],
): Promise<{ readonly coverage: string; readonly entries: number }[]> {
  const moved = after.flatMap((position, bucket) => (upTo[bucket]! > position ? [bucket] : []));
  return q.query(
    `select case e.coverage when 'i' then 'included' when 'm' then 'metered' when 'f' then 'free' else 'reversed' end
       as coverage, count(*)::float8 as entries
     from unnest($1::int[], $2::bigint[], $3::bigint[]) as s (bucket, after, up_to)
     join entry e on e.bucket = s.bucket and e.position > s.after and e.position <= s.up_to
     group by e.coverage`,
    [moved, moved.map((bucket) => after[bucket]!), moved.map((bucket) => upTo[bucket]!)],
  );
}
