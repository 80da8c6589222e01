import type { CallKey } from './call-queries.ts';
import type { Queryable } from './database.ts';

/**
 * Where calls are billed more than once: under two accounts, or in two months, whose records no process had in memory
 * together. Reads every entry of the periods given, or of all: there is no index on the identity alone.
 *
 * @param after identities up to this one are left out, so that a call that can't be settled is not met again
 * @param limit most identities to return, in their order
 */
export async function callsBilledTwice(
  q: Queryable,
  periods: readonly number[] | null,
  after: bigint,
  limit: number,
): Promise<CallKey[]> {
  return q.query<CallKey>(CALLS_BILLED_TWICE, [periods, after, limit]);
}

// A call is billed where it has a usage more than it has reversals.
const CALLS_BILLED_TWICE = `
  with twice as (
    select identity from entry
    where kind in ('u', 'v') and ($1::int[] is null or period = any($1)) and identity > $2
    group by identity having sum(case kind when 'u' then 1 else -1 end) > 1
    order by identity limit $3
  )
  select distinct e.bucket, e.account, e.identity from twice join entry e using (identity)
  where $1::int[] is null or e.period = any($1)
  order by e.identity`;
