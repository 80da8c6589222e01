import type { Database } from '../database/database.ts';
import { MonthCalls, type MonthVisitor } from './month-calls.ts';
import { MONTH_COLUMNS, MonthReader } from './month-reader.ts';
import { CAN_PACK } from '../stretches/packed-call.ts';
import { PackedMonthReader } from '../stretches/packed-month-reader.ts';
import { partitionOf } from '../schema/partitions.ts';
import {
  type MonthPlaces,
  type PackedStretch,
  type UnpackedGap,
  arrayText,
  placesOfMonth,
} from '../stretches/stretch-store.ts';

/** Buckets of the ledger as they were at a feed position each: entries after it are as if they were not there. */
export type LedgerAt = ReadonlyMap<number, number>;

/** What an entry takes in its partition's file, but for records that are very short. */
const ENTRY_BYTES = 350;

/** About how many entries a period has, rather more than fewer; its partition must be there. Costs nothing. */
export async function estimateEntries(db: Database, period: number): Promise<number> {
  const [row] = await db.query<{ bytes: number }>('select pg_relation_size($1::text::regclass)::float8 as bytes', [
    partitionOf(period),
  ]);
  return Math.ceil((row?.bytes ?? 0) / ENTRY_BYTES);
}

/**
 * Visits every billed call of a period in some buckets once, in no order: by the packed copies of its entries, and by
 * the entries themselves where there are none. Entries after the positions given are left out, so that what is read is
 * one state of the ledger without any lock.
 */
export async function visitMonth(db: Database, period: number, at: LedgerAt, visitor: MonthVisitor): Promise<void> {
  const calls = new MonthCalls(visitor);
  const { stretches, gaps } = CAN_PACK ? await placesOfMonth(db, period, at) : NO_PLACES;
  const isMostlyUnpacked = !CAN_PACK || isMuch(gaps, stretches);
  if (isMostlyUnpacked) await visitEntries(db, `where period = ${Number(period)} and ${entriesAt(at)}`, calls);
  else await visitPlaces(db, period, { stretches, gaps }, calls);
  calls.finish();
}

const NO_PLACES: MonthPlaces = { stretches: [], gaps: [] };

/** Entries that are read faster by one pass over the month than by its index. */
const MUCH = 20_000;

function isMuch(gaps: readonly UnpackedGap[], stretches: readonly PackedStretch[]): boolean {
  const unpacked = gaps.reduce((sum, { after, upTo }) => sum + upTo - after, 0);
  const packed = stretches.reduce((sum, { wantedAfter, wantedUpTo }) => sum + wantedUpTo - wantedAfter, 0);
  return unpacked > MUCH && unpacked > packed;
}

/** Corrections before what they correct: those that are packed, then the gaps with theirs, then what is packed. */
async function visitPlaces(db: Database, period: number, places: MonthPlaces, calls: MonthCalls): Promise<void> {
  const { stretches, gaps } = places;
  const packed = new PackedMonthReader(db, period, calls);
  const correcting = stretches.filter(({ hasCorrections }) => hasCorrections);
  const gone = new Set(await packed.readCorrections(correcting));
  await visitGaps(db, period, [...gaps, ...[...gone].map(gapOf)], calls);
  const goneSince = await packed.readUsages(stretches.filter((stretch) => !gone.has(stretch)));
  // Somebody threw them away meanwhile; their corrections have been read.
  await visitGaps(db, period, goneSince.map(gapOf), calls);
}

function gapOf({ bucket, wantedAfter, wantedUpTo }: PackedStretch): UnpackedGap {
  return { bucket, after: wantedAfter, upTo: wantedUpTo };
}

async function visitGaps(db: Database, period: number, gaps: readonly UnpackedGap[], calls: MonthCalls): Promise<void> {
  if (gaps.length === 0) return;
  const places = `unnest(${arrayText(gaps.map(({ bucket }) => bucket))}::smallint[],
    ${arrayText(gaps.map(({ after }) => after))}::bigint[], ${arrayText(gaps.map(({ upTo }) => upTo))}::bigint[])`;
  // Lateral, so that the planner reads the index for each gap, and never the whole month.
  const from = `${places} as g (place, beyond, up_to) cross join lateral (
      select * from entry
      where period = ${Number(period)} and bucket = g.place and position > g.beyond and position <= g.up_to offset 0
    ) as entry where true`;
  await visitFrom(db, from, calls);
}

function visitEntries(db: Database, where: string, calls: MonthCalls): Promise<void> {
  return visitFrom(db, `entry ${where}`, calls);
}

async function visitFrom(db: Database, from: string, calls: MonthCalls): Promise<void> {
  // Corrected calls first, so that one pass knows which usages were corrected since.
  const statement = `copy (
    select ${MONTH_COLUMNS} from ${from} and revision > 0
    union all
    select ${MONTH_COLUMNS} from ${from} and revision = 0
  ) to stdout (format binary)`;
  const reader = new MonthReader(calls);
  try {
    for await (const chunk of db.copyOut(statement)) await reader.read(chunk);
    await reader.finish();
  } finally {
    await reader.settled();
  }
}

/** COPY takes no parameters: nothing but numbers goes into its text. */
function entriesAt(at: LedgerAt): string {
  const buckets = [...at.keys()].map(Number);
  const last = Array.from({ length: Math.max(...buckets) + 1 }, (_, bucket) => Number(at.get(bucket) ?? 0));
  return `bucket = any('{${buckets.join()}}'::smallint[]) and position <= ('{${last.join()}}'::bigint[])[bucket + 1]`;
}
