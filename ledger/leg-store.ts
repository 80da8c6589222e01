import type { Queryable, Transaction } from './database.ts';
import type { Receipt } from './quarantine-store.ts';
import { sqlInstant } from './sql-values.ts';

/** Where the legs of a group are: the bucket of the group, and a hash that another group may share. */
export interface LegPlace {
  readonly bucket: number;
  readonly groupHash: bigint;
}

/** A leg as the ledger keeps it. */
export interface KeptLeg extends LegPlace {
  /** How many legs of the group were known with the batch that brought it. */
  readonly known: number;
  readonly family: string;
  readonly switchId: string;
  readonly groupId: string;
  readonly legId: string;
  readonly evidence: string;
  readonly receipt: Receipt | null;
}

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
}

/** The legs at some places, in the order in which their numbers grew; of each place so many at most. */
export async function legsAt(q: Queryable, places: readonly LegPlace[], most: number): Promise<KeptLeg[]> {
  if (places.length === 0) return [];
  const rows = await q.query<LegRow>(
    `select l.bucket, l.group_hash as hash, l.known, l.family, l.switch, l.call_group, l.leg, l.evidence, l.received_at,
            l.starts_from, l.starts_to
     from unnest($1::smallint[], $2::bigint[]) as g (bucket, hash)
     cross join lateral (
       select * from call_leg where bucket = g.bucket and group_hash = g.hash order by known limit $3
     ) as l
     order by l.known, l.leg, l.evidence`,
    [places.map(({ bucket }) => bucket), places.map(({ groupHash }) => groupHash), most],
  );
  return rows.map(keptFromRow);
}

/** The legs of calls with an id, of whatever switch; all legs are looked through. */
export async function legsOfCallId(q: Queryable, callId: string): Promise<KeptLeg[]> {
  const rows = await q.query<LegRow>(
    `select bucket, group_hash as hash, known, family, switch, call_group, leg, evidence, received_at, starts_from,
            starts_to
     from call_leg where call_group = $1 order by switch, known, leg, evidence`,
    [callId],
  );
  return rows.map(keptFromRow);
}

function keptFromRow(row: LegRow): KeptLeg {
  const { received_at: receivedAt, starts_from: startsFrom, starts_to: startsTo } = row;
  return {
    bucket: row.bucket,
    groupHash: row.hash,
    known: row.known,
    family: row.family,
    switchId: row.switch,
    groupId: row.call_group,
    legId: row.leg,
    evidence: row.evidence,
    receipt: startsFrom === null || startsTo === null ? null : { receivedAt, startsFrom, startsTo },
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

/** Adds legs that the ledger does not have yet, whose buckets are locked, and counts that on each bucket. */
export async function addLegs(tx: Transaction, legs: readonly KeptLeg[]): Promise<void> {
  if (legs.length === 0) return;
  const instants = (of: (receipt: Receipt) => number | null): (string | null)[] =>
    legs.map(({ receipt }) => instantOrNull(receipt === null ? null : of(receipt)));
  await tx.query(
    `insert into call_leg (bucket, group_hash, known, family, switch, call_group, leg, evidence, received_at,
                           starts_from, starts_to)
     select * from unnest($1::smallint[], $2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[],
                          $8::text[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[])`,
    [
      legs.map(({ bucket }) => bucket),
      legs.map(({ groupHash }) => groupHash),
      legs.map(({ known }) => known),
      legs.map(({ family }) => family),
      legs.map(({ switchId }) => switchId),
      legs.map(({ groupId }) => groupId),
      legs.map(({ legId }) => legId),
      legs.map(({ evidence }) => evidence),
      instants(({ receivedAt }) => receivedAt),
      instants(({ startsFrom }) => startsFrom),
      instants(({ startsTo }) => startsTo),
    ],
  );
  await tx.query('update leg_head set version = version + 1 where bucket = any($1::smallint[])', [
    [...new Set(legs.map(({ bucket }) => bucket))],
  ]);
}

function instantOrNull(instant: number | null): string | null {
  return instant === null ? null : sqlInstant(instant);
}
