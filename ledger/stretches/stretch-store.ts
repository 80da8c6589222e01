import { callIdHash } from './call-id-hash.ts';
import type { CallRun } from './call-runs.ts';
import type { Queryable, Transaction } from '../database/database.ts';
import { readHeads } from '../entries/head-store.ts';

const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const COLUMNS = 8;
/** Bytes of a row beside its packed entries, at most. */
const FIXED_BYTES = 96;
const STRETCH_COPY_STATEMENT = `copy call_stretch (bucket, after, up_to, first_period, last_period, calls, corrections,
  call_hashes) from stdin (format binary)`;

/**
 * Writes runs as stretches. Who writes has posted their entries in this transaction, or reads them in it: so a stretch
 * is of the ledger that it is in, also where the database was changed for a copy under a process.
 */
export async function addStretches(tx: Transaction, runs: readonly CallRun[]): Promise<void> {
  if (runs.length > 0) await tx.copyIn(STRETCH_COPY_STATEMENT, encodeRuns(runs));
}

function encodeRuns(runs: readonly CallRun[]): Buffer {
  const corrections = runs.map((run) => run.corrections());
  let most = HEADER.length + 2;
  for (const [index, { words, hashes }] of runs.entries()) {
    most += FIXED_BYTES + words.byteLength + hashes.byteLength + (corrections[index]?.byteLength ?? 0);
  }
  const buffer = Buffer.allocUnsafe(most);
  let at = HEADER.copy(buffer);
  const int64 = (value: number): void => {
    at = buffer.writeBigInt64BE(BigInt(value), buffer.writeInt32BE(8, at));
  };
  const int32 = (value: number): void => {
    at = buffer.writeInt32BE(value, buffer.writeInt32BE(4, at));
  };
  const bytes = (words: Int32Array): void => {
    at = buffer.writeInt32BE(words.byteLength, at);
    at += Buffer.from(words.buffer, words.byteOffset, words.byteLength).copy(buffer, at);
  };
  for (const [index, { bucket, after, upTo, firstPeriod, lastPeriod, words, hashes }] of runs.entries()) {
    at = buffer.writeInt16BE(COLUMNS, at);
    at = buffer.writeInt16BE(bucket, buffer.writeInt32BE(2, at));
    int64(after);
    int64(upTo);
    int32(firstPeriod);
    int32(lastPeriod);
    bytes(words);
    const ofRun = corrections[index];
    if (ofRun === null || ofRun === undefined) at = buffer.writeInt32BE(-1, at);
    else bytes(ofRun);
    bytes(hashes);
  }
  at = buffer.writeInt16BE(-1, at);
  return buffer.subarray(0, at);
}

/** A stretch of a bucket's feed that is packed, and which of its entries are wanted. */
export interface PackedStretch {
  readonly bucket: number;
  readonly after: number;
  readonly upTo: number;
  /** Entries after this position, up to `wantedUpTo`: the others are read elsewhere, or not at all. */
  readonly wantedAfter: number;
  readonly wantedUpTo: number;
  readonly hasCorrections: boolean;
}

/** Feed positions of a bucket that no stretch covers: those after `after`, up to `upTo`. */
export interface UnpackedGap {
  readonly bucket: number;
  readonly after: number;
  readonly upTo: number;
}

/** Numbers as an array in the text of a COPY, which takes no parameters: nothing but numbers goes into it. */
export function arrayText(values: readonly number[]): string {
  return `'{${values.map(Number).join()}}'`;
}

/** From where the entries of a month are read: each position of it is in one stretch or one gap, never in two. */
export interface MonthPlaces {
  readonly stretches: readonly PackedStretch[];
  readonly gaps: readonly UnpackedGap[];
}

interface PlaceRow {
  readonly bucket: number;
  readonly first: bigint;
  readonly last: bigint;
  readonly after: bigint | null;
  readonly up_to: bigint | null;
  readonly has_calls: boolean | null;
  readonly has_corrections: boolean | null;
}

/** From where the entries of a period are read, of buckets up to a feed position each. */
export async function placesOfMonth(
  q: Queryable,
  period: number,
  at: ReadonlyMap<number, number>,
): Promise<MonthPlaces> {
  const rows = await q.query<PlaceRow>(PLACES, [period, [...at.keys()], [...at.values()]]);
  const stretches: PackedStretch[] = [];
  const gaps: UnpackedGap[] = [];
  for (const [bucket, ofBucket] of Map.groupBy(rows, (row) => row.bucket)) {
    const last = Number(ofBucket[0]!.last);
    /** Up to here, entries are in a stretch or a gap. */
    let placed = Number(ofBucket[0]!.first) - 1;
    for (const { after: stretchAfter, up_to: stretchUpTo, has_calls, has_corrections } of ofBucket) {
      if (stretchAfter === null || stretchUpTo === null) continue;
      const [after, upTo] = [Number(stretchAfter), Number(stretchUpTo)];
      if (upTo <= placed || after >= last) continue;
      if (after > placed) gaps.push({ bucket, after: placed, upTo: after });
      const wantedAfter = Math.max(placed, after);
      const wantedUpTo = Math.min(upTo, last);
      if (has_calls === true) {
        stretches.push({ bucket, after, upTo, wantedAfter, wantedUpTo, hasCorrections: has_corrections === true });
      }
      placed = upTo;
    }
    if (placed < last) gaps.push({ bucket, after: placed, upTo: last });
  }
  return { stretches, gaps };
}

// The month's first and last positions are found by the feed's index.
const PLACES = `
  with wanted as materialized (
    select g.bucket, (select min(position) from entry where period = $1 and bucket = g.bucket) as first,
           least(g.up_to, (select max(position) from entry where period = $1 and bucket = g.bucket)) as last
    from unnest($2::smallint[], $3::bigint[]) as g (bucket, up_to)
  )
  select w.bucket, w.first, w.last, s.after, s.up_to, s.first_period <= $1 and s.last_period >= $1 as has_calls,
         s.corrections is not null as has_corrections
  from wanted w left join call_stretch s on s.bucket = w.bucket and s.up_to >= w.first and s.after < w.last
  where w.first <= w.last
  order by w.bucket, s.after, s.up_to desc`;

/** What processes that go on posting leave unpacked for a while; more is a gap. */
const LONGEST_RUN = 4096;

// A gap lies between where the stretches before another reach and its beginning, or before the head: the latter is
// there even if it is empty.
const GAPS = `
  select bucket, reached as after, beginning as up_to, is_head
  from (
    select bucket, after as beginning, is_head,
           coalesce(max(up_to) over (partition by bucket order by after, up_to
             rows between unbounded preceding and 1 preceding), 0) as reached
    from (
      select bucket, after, up_to, false as is_head from call_stretch
      union all select bucket, position, position, true from head
    ) as s
  ) as s
  where reached < beginning or is_head`;

/** The gaps of all buckets, the newest last: what `packGap` may pack. */
export async function unpackedGaps(q: Queryable): Promise<UnpackedGap[]> {
  const rows = await q.query<GapRow>(
    `select bucket, after, up_to from (${GAPS}) as g where up_to - after > $1 or not is_head order by up_to`,
    [LONGEST_RUN],
  );
  return rows.map(gapOf);
}

interface GapRow {
  readonly bucket: number;
  readonly after: bigint;
  readonly up_to: bigint;
}

function gapOf({ bucket, after, up_to: upTo }: GapRow): UnpackedGap {
  return { bucket, after: Number(after), upTo: Number(upTo) };
}

/**
 * Where entries may be of calls with an id, of a period (yyyymm) or all: stretches that hold the hash of the id, and
 * what is in no stretch. Costs some 10 ns an entry.
 */
export async function placesOfCallId(q: Queryable, callId: string, period: number | null): Promise<CallIdPlaces> {
  const hash = Buffer.alloc(4);
  hash.writeInt32LE(callIdHash(callId));
  const rows = await q.query<GapRow & { is_packed: boolean }>(
    `select bucket, after, up_to, true as is_packed from call_stretch
     where position($1::bytea in call_hashes) > 0 and ($2::int is null or $2 between first_period and last_period)
     union all select bucket, after, up_to, false from (${GAPS}) as g`,
    [hash, period],
  );
  const places = rows.map((row) => ({ ...gapOf(row), isPacked: row.is_packed }));
  const entries = (await readHeads(q)).reduce((sum, { position }) => sum + position, 0);
  const unpacked = places.reduce((sum, { isPacked, after, upTo }) => (isPacked ? sum : sum + upTo - after), 0);
  return { places, isMostlyUnpacked: unpacked >= entries / 2 };
}

/** Where entries of a call may be. */
export interface CallIdPlaces {
  readonly places: readonly UnpackedGap[];
  /** Most of the ledger is in no stretch: to read it through is quicker. */
  readonly isMostlyUnpacked: boolean;
}
