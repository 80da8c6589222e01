import type { Queryable, Transaction } from '../database/database.ts';
import type { KeptLeg, LegPlace } from './kept-leg.ts';
import { LEG_COPY_STATEMENT, type LegRows } from './leg-copy.ts';

interface LegRow {
  readonly bucket: number;
  readonly hash: bigint;
  readonly known: number;
  readonly family: string;
  readonly switch: string;
  readonly call_group: string;
  readonly leg: string;
  readonly evidence: string;
  readonly received_at: number | null;
  readonly starts_from: number | null;
  readonly starts_to: number | null;
  readonly record_hash: bigint | null;
}

/**
 * The legs at some places, in the order in which their numbers grew; of each place so many at most.
 *
 * @param places best in the order of `comparePlaces`
 */
export async function legsAt(q: Queryable, places: readonly LegPlace[], most: number): Promise<KeptLeg[]> {
  if (places.length === 0) return [];
  const rows = await q.query<LegRow>(
    `select l.bucket, l.group_hash as hash, l.known, l.family, l.switch, l.call_group, l.leg, l.evidence, l.received_at,
            l.starts_from, l.starts_to, l.record_hash
     from unnest($1::smallint[], $2::int[], $3::int[]) as g (bucket, high, low)
     cross join lateral (
       select * from call_leg
       where bucket = g.bucket and group_hash = (g.high::bigint << 32) | (g.low::bigint & 4294967295)
       order by known limit $4
     ) as l
     order by l.known, l.leg, l.evidence`,
    [
      places.map(({ bucket }) => bucket),
      places.map(({ hashHigh }) => hashHigh),
      places.map(({ hashLow }) => hashLow),
      most,
    ],
  );
  return rows.map(keptFromRow);
}

/** The order of the index, in which its pages are met one after the other (`docs/decisions/0009`). */
export function comparePlaces(a: LegPlace, b: LegPlace): number {
  return a.bucket - b.bucket || a.hashHigh - b.hashHigh || (a.hashLow >>> 0) - (b.hashLow >>> 0);
}

/**
 * The legs of the groups with an id, of whatever switch, or with a leg of such an id: rows that name no call are
 * grouped by what joins them, and begin with the id of theirs. All legs are looked through.
 */
export async function legsOfCallId(q: Queryable, callId: string): Promise<KeptLeg[]> {
  const rows = await q.query<LegRow>(
    `select bucket, group_hash as hash, known, family, switch, call_group, leg, evidence, received_at, starts_from,
            starts_to, record_hash
     from call_leg
     where (bucket, group_hash, switch, call_group) in (
       select bucket, group_hash, switch, call_group from call_leg
       where call_group = $1 or leg = $1 or starts_with(leg, $1 || ' ')
     )
     order by switch, call_group, known, leg, evidence`,
    [callId],
  );
  return rows.map(keptFromRow);
}

function keptFromRow(row: LegRow): KeptLeg {
  const { received_at: receivedAt, starts_from: startsFrom, starts_to: startsTo, record_hash: recordHash } = row;
  return {
    bucket: row.bucket,
    hashHigh: Number(row.hash >> 32n),
    hashLow: Number(BigInt.asIntN(32, row.hash)),
    known: row.known,
    family: row.family,
    switchId: row.switch,
    groupId: row.call_group,
    legId: row.leg,
    evidence: row.evidence,
    receipt: startsFrom === null || startsTo === null ? null : { receivedAt, startsFrom, startsTo },
    recordHash,
  };
}

/** How often legs were added to each bucket, without locking any. */
export async function readLegHeads(q: Queryable): Promise<Map<number, number>> {
  return versionsOf(await q.query<HeadRow>('select bucket, version from leg_head'));
}

/**
 * Locks buckets of legs for the rest of the transaction, in ascending order as every writer does, before any head of
 * accounts. Returns how often legs were added to each.
 */
export async function lockLegHeads(tx: Transaction, buckets: readonly number[]): Promise<Map<number, number>> {
  return versionsOf(
    await tx.query<HeadRow>(
      'select bucket, version from leg_head where bucket = any($1::smallint[]) order by bucket for update',
      [buckets],
    ),
  );
}

interface HeadRow {
  readonly bucket: number;
  readonly version: bigint;
}

function versionsOf(rows: readonly HeadRow[]): Map<number, number> {
  return new Map(rows.map(({ bucket, version }) => [bucket, Number(version)]));
}

/**
 * Adds legs that the ledger does not have yet, and counts that on each of their buckets, which are locked.
 *
 * @param order the numbers of the legs' rows; best in the order of `comparePlaces`
 */
export async function addLegs(
  tx: Transaction,
  rows: LegRows,
  order: readonly number[],
  buckets: ReadonlySet<number>,
): Promise<void> {
  if (order.length === 0) return;
  await tx.copyIn(LEG_COPY_STATEMENT, rows.inOrder(order));
  await tx.query('update leg_head set version = version + 1 where bucket = any($1::smallint[])', [[...buckets]]);
}
