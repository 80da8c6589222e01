import type { Queryable } from '../database/database.ts';

/** An entry that contradicts itself, and in what. */
export interface ContradictingEntry {
  readonly position: number;
  readonly identity: bigint;
  /** Columns that are not what the entry's own record, or its other columns, say. */
  readonly columns: readonly string[];
}

/**
 * Looks among entries of a bucket for those that contradict themselves: a hint at which of a posting's entries were
 * changed. An entry that was changed in all its parts alike is not found so.
 *
 * @param after only feed positions after it, up to `upTo`
 */
export async function contradictingEntries(
  q: Queryable,
  bucket: number,
  after: number,
  upTo: number,
): Promise<ContradictingEntry[]> {
  const rows = await q.query<{ position: bigint; identity: bigint; columns: string }>(
    `with entries as (
       select *, substring(cdr from '"durationMs":(\\d+)') as recorded_ms,
              substring(cdr from '"answered":"(\\d{4}-\\d\\d-\\d\\dT[^"]*)"') as recorded_start
       from entry where bucket = $1 and position > $2 and position <= $3
     ), checked as (
       select position, identity, concat_ws(', ',
         case when kind = 'u' and (recorded_ms is null or recorded_start is null) then 'cdr' end,
         case when recorded_ms <> duration_ms::text then 'duration_ms' end,
         case when recorded_start::timestamptz <> started_at then 'started_at' end,
         case when kind = 'u' and coverage <> 'm' and charge <> 0
                or kind = 'u' and coverage = 'm' and charge <> metered_price then 'charge' end,
         case when metered_price < 0 then 'metered_price' end,
         case when billed_seconds < 0 or duration_ms > 0 and billed_seconds = 0 and kind = 'u' and metered_price > 0
              then 'billed_seconds' end) as columns
       from entries
     )
     select position, identity, columns from checked where columns <> '' order by position`,
    [bucket, after, upTo],
  );
  return rows.map(({ position, identity, columns }) => ({
    position: Number(position),
    identity,
    columns: columns.split(', '),
  }));
}
