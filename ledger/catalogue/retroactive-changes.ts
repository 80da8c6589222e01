import type { Queryable, Transaction } from '../database/database.ts';
import type { Head } from '../entries/head-store.ts';
import { sqlInstant } from '../database/sql-values.ts';

/** What was changed though calls that were rated are priced or judged otherwise by it. */
export type RetroactiveKind = 'rate-deck' | 'offer' | 'numbering-plan' | 'lines';

/** A change that reaches back over calls that were rated, and who took it upon himself. */
export interface RetroactiveChange {
  readonly kind: RetroactiveKind;
  /** `name@version`; of lines the file. */
  readonly version: string;
  /** ms since the epoch: the earliest instant from which it changes anything. */
  readonly reachesBack: number;
  /** How many calls that were rated it may change. */
  readonly calls: number;
  readonly takenBy: string;
  readonly note: string;
}

/** Keeps it, in the transaction that makes the change. */
export async function addRetroactiveChange(tx: Transaction, change: RetroactiveChange): Promise<void> {
  const { kind, version, reachesBack, calls, takenBy, note } = change;
  await tx.query(
    `insert into retroactive_change (kind, version, reaches_back, calls, taken_by, note)
     values ($1, $2, $3, $4, $5, $6)`,
    [kind, version, sqlInstant(reachesBack), calls, takenBy, note],
  );
}

/** All of a kind, in the order in which they were made; `takenAt` in ms since the epoch. */
export async function retroactiveChanges(
  q: Queryable,
  kind: RetroactiveKind,
): Promise<(RetroactiveChange & { readonly takenAt: number })[]> {
  const rows = await q.query<{
    version: string;
    reaches_back: number;
    calls: bigint;
    taken_by: string;
    note: string;
    taken_at: number;
  }>(
    `select version, reaches_back, calls, taken_by, note, taken_at from retroactive_change
     where kind = $1 order by no`,
    [kind],
  );
  return rows.map(({ version, note, ...row }) => ({
    kind,
    version,
    reachesBack: row.reaches_back,
    calls: Number(row.calls),
    takenBy: row.taken_by,
    note,
    takenAt: row.taken_at,
  }));
}

/** Calls that were rated: how many, and from when on (ms since the epoch); `null` when there are none. */
export interface RatedCalls {
  readonly calls: number;
  readonly from: number;
}

/**
 * Calls that were rated under any version of an offer: all of them, or those with entries after the positions of
 * `heads`. A correction may have brought a call under it, when facts of its line changed; and one that took a call away
 * leaves it a call that was rated.
 */
export async function callsUnderOffer(
  q: Queryable,
  offer: string,
  heads?: readonly Head[],
): Promise<RatedCalls | null> {
  const rows = await q.query<{ calls: bigint; first: number | null }>(
    `select count(*) as calls, min(first) as first from (
       select min(started_at) as first from entry
       where offer in (select no from offer where id = $1)
         and ($2::smallint[] is null or exists (
           select from unnest($2, $3::bigint[]) as h (bucket, position)
           where h.bucket = entry.bucket and entry.position > h.position))
       group by bucket, account, identity) as call`,
    [offer, heads?.map(({ bucket }) => bucket) ?? null, heads?.map(({ position }) => position) ?? null],
  );
  const { calls = 0n, first = null } = rows[0] ?? {};
  return first === null ? null : { calls: Number(calls), from: first };
}

/** Calls to each number that was called, by the destination that they were rated with. */
export async function calledNumbers(
  q: Queryable,
): Promise<{ readonly called: number; readonly destination: string; readonly calls: number; readonly from: number }[]> {
  const rows = await q.query<{ called: bigint; destination: string; calls: bigint; first: number }>(
    `select c.called, d.name as destination, c.calls, c.first
     from (select called, destination, count(*) as calls, min(started_at) as first
           from entry where kind = 'u' group by called, destination) as c
     join destination d on d.no = c.destination
     order by c.called, d.name`,
  );
  return rows.map(({ called, destination, calls, first }) => ({
    called: Number(called),
    destination,
    calls: Number(calls),
    from: first,
  }));
}
