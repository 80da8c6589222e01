import type { CallKey } from './call-queries.ts';
import type { Queryable } from '../database/database.ts';

/** Where a call is billed that has this hash: nearly always the number under which it is posted. */
export interface BilledHash extends CallKey {
  readonly hash: bigint;
}

/**
 * Where calls are billed that may be billed wrongly: more than once, under two accounts or in two months, whose
 * records no process had in memory together; or at all, though a correction says that there was no call, or though a
 * record of them waits, which the one that is billed may have replaced. Calls that share a hash come together, since
 * only their records tell whether they are one. Reads every entry of the periods given, or of all: there is no index on
 * the identity alone.
 *
 * @param after hashes up to this one are left out, so that a call that can't be settled is not seen again
 * @param limit most hashes to return, in their order
 */
export async function hashesToSettle(
  q: Queryable,
  periods: readonly number[] | null,
  after: bigint,
  limit: number,
): Promise<BilledHash[]> {
  return q.query<BilledHash>(HASHES_TO_SETTLE, [periods, after, limit]);
}

// A call is billed where it has a usage more than it has reversals.
const HASHES_TO_SETTLE = `
  with call as (
    select coalesce(s.hash, e.identity) as hash, sum(case e.kind when 'u' then 1 else -1 end) as billed
    from entry e left join shared_hash s on s.identity = e.identity
    where e.kind in ('u', 'v') and ($1::int[] is null or e.period = any($1)) and coalesce(s.hash, e.identity) > $2
    group by 1
  ),
  found as (
    select hash from call
    where billed > 1 or (billed > 0 and hash in (
      select identity from quarantine
      where identity is not null and (state = 'no-call' or (state = 'waiting' and reason <> 'conflict'))))
    order by hash limit $3
  ),
  number as (
    select hash, hash as identity from found
    union
    select hash, s.identity from found join shared_hash s using (hash)
  )
  select distinct e.bucket, e.account, e.identity, n.hash from number n join entry e using (identity)
  where $1::int[] is null or e.period = any($1)
  order by n.hash`;
