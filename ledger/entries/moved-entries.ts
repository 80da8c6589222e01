import { COPY_HEADER_BYTES, readInstant, readInt64 } from '../database/binary-copy.ts';
import { isEndOfRows } from '../database/copy-rows.ts';
import type { Transaction } from '../database/database.ts';

/** An entry that was posted since a bucket stood at a position. The same object for each that is read. */
export interface MovedEntry {
  bucket: number;
  account: number;
  line: number;
  period: number;
  identityHigh: number;
  identityLow: number;
  revision: number;
  /** ms since the epoch. */
  startedAt: number;
  durationMs: number;
  called: number;
  isFree: boolean;
  /** The ledger's number of the offer's version; 0 for none. */
  offer: number;
  flags: number;
  /** Whether it takes from a month, or changes of a call, something that a month is measured by. */
  changesMeasures: boolean;
}

/** A stretch of a bucket's feed: the positions after `after`, up to and with `upTo`. */
export interface FeedStretch {
  readonly bucket: number;
  readonly after: number;
  readonly upTo: number;
}

/** Entries that were read, to be taken one by one; `null` after the last. */
export type MovedEntries = () => Readonly<MovedEntry> | null;

/**
 * The entries of some stretches, by the feed's index: what another writer posted meanwhile; each stretch in order of
 * position. Taking them throws where a position is missing: that is a fault of the ledger.
 */
export async function entriesBetween(
  from: Pick<Transaction, 'copyOut'>,
  stretches: readonly FeedStretch[],
): Promise<MovedEntries> {
  if (stretches.length === 0) return () => null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of from.copyOut(entriesStatement(stretches))) chunks.push(chunk);
  return rowsOf(Buffer.concat(chunks), stretches);
}

/**
 * COPY takes no parameters, so the numbers stand in its text. A rerate that changes nothing but coverage and price
 * leaves the measures of its month as they are. Joined without `lateral`, the planner reads whole months, each time
 * that somebody asks what others posted.
 */
function entriesStatement(stretches: readonly FeedStretch[]): string {
  const values = stretches.map(
    ({ bucket, after, upTo }) => `(${whole(bucket)}::smallint, ${whole(after)}::bigint, ${whole(upTo)}::bigint)`,
  );
  return `copy (
    select e.bucket, e.position, e.account, e.line, e.period, e.identity, e.revision, e.started_at, e.duration_ms,
           e.called, e.coverage is not distinct from 'f', coalesce(e.offer, 0), e.flags,
           case when e.revision = 0 then false when e.kind <> 'r' then true else coalesce((
             select (b.called, b.flags, b.offer, b.coverage = 'f') is distinct from
                    (e.called, e.flags, e.offer, e.coverage = 'f')
             from entry b
             where b.period = e.period and b.bucket = e.bucket and b.account = e.account
               and b.identity = e.identity and b.revision = e.revision - 1
             limit 1), true) end
    from (values ${values.join(', ')}) as s (bucket, after, up_to)
    cross join lateral (
      select * from entry where bucket = s.bucket and position > s.after and position <= s.up_to order by position
    ) as e
  ) to stdout (format binary)`;
}

function whole(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`Cannot read what moved at '${value}': it is no whole number`);
  return value;
}

/** Bytes of the values of a row, in the order of the statement: none is null. */
const WIDTHS = [2, 8, 4, 4, 4, 8, 2, 8, 4, 8, 1, 4, 2, 1] as const;
const LENGTH_BYTES = 4;
const COUNT_BYTES = 2;
const [
  BUCKET,
  POSITION,
  ACCOUNT,
  LINE,
  PERIOD,
  IDENTITY,
  REVISION,
  STARTED_AT,
  DURATION_MS,
  CALLED,
  IS_FREE,
  OFFER,
  FLAGS,
  CHANGES,
] = offsetsOf(WIDTHS);
const ROW_BYTES = WIDTHS.reduce<number>((sum, width) => sum + LENGTH_BYTES + width, COUNT_BYTES);

/** Where values stand in a row, from its beginning: behind the count of columns, each behind its length. */
function offsetsOf<Widths extends readonly number[]>(widths: Widths): { readonly [At in keyof Widths]: number } {
  const offsets: number[] = [];
  let end = COUNT_BYTES;
  for (const width of widths) {
    offsets.push(end + LENGTH_BYTES);
    end += LENGTH_BYTES + width;
  }
  return offsets as unknown as { readonly [At in keyof Widths]: number };
}

function rowsOf(bytes: Buffer, stretches: readonly FeedStretch[]): MovedEntries {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const entry = newEntry();
  let at = COPY_HEADER_BYTES;
  let no = 0;
  let position = stretches[0]?.after ?? 0;
  return () => {
    while (no < stretches.length && position === stretches[no]!.upTo) position = stretches[++no]?.after ?? 0;
    if (no === stretches.length) return null;
    position++;
    const { bucket } = stretches[no]!;
    if (isEndOfRows(view, at) || view.getInt16(at + BUCKET) !== bucket || readInt64(view, at + POSITION) !== position) {
      throw new Error(`Cannot follow bucket '${bucket}': there is no position '${position}'`);
    }
    readRow(view, at, entry);
    at += ROW_BYTES;
    return entry;
  };
}

function readRow(view: DataView, at: number, into: MovedEntry): void {
  into.bucket = view.getInt16(at + BUCKET);
  into.account = view.getInt32(at + ACCOUNT);
  into.line = view.getInt32(at + LINE);
  into.period = view.getInt32(at + PERIOD);
  into.identityHigh = view.getInt32(at + IDENTITY);
  into.identityLow = view.getInt32(at + IDENTITY + 4);
  into.revision = view.getInt16(at + REVISION);
  into.startedAt = readInstant(view, at + STARTED_AT);
  into.durationMs = view.getInt32(at + DURATION_MS);
  into.called = readInt64(view, at + CALLED);
  into.isFree = view.getUint8(at + IS_FREE) === 1;
  into.offer = view.getInt32(at + OFFER);
  into.flags = view.getInt16(at + FLAGS);
  into.changesMeasures = view.getUint8(at + CHANGES) === 1;
}

function newEntry(): MovedEntry {
  return {
    bucket: 0,
    account: 0,
    line: 0,
    period: 0,
    identityHigh: 0,
    identityLow: 0,
    revision: 0,
    startedAt: 0,
    durationMs: 0,
    called: 0,
    isFree: false,
    offer: 0,
    flags: 0,
    changesMeasures: false,
  };
}
