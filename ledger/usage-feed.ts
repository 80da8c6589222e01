import type { Coverage, EntryKind } from '../rater/index.ts';
import { COPY_HEADER_BYTES, readInstant, readInt64 } from './binary-copy.ts';
import type { Transaction } from './database.ts';
import type { FeedStretch } from './moved-entries.ts';

/** An entry as the feed has it, in the ledger's numbers. The same object for every visit. */
export interface FeedEntry {
  bucket: number;
  position: number;
  period: number;
  billedPeriod: number;
  account: number;
  line: number;
  identityHigh: number;
  identityLow: number;
  revision: number;
  kind: EntryKind;
  /** ms since the epoch. */
  startedAt: number;
  durationMs: number;
  called: number;
  destination: number;
  /** `null` of a reversal. */
  coverage: Coverage | null;
  /** What the corrected entry said; `null` of a usage. */
  coverageBefore: Coverage | null;
  billedSeconds: number;
  /** Micros. */
  charge: number;
  meteredPrice: number;
  rateDeck: number;
  /** `null`: the line has none. */
  offer: number | null;
  /** Where reason and record are; the record, in canonical form, is empty on corrections. */
  bytes: Buffer;
  reasonStart: number;
  reasonEnd: number;
  recordStart: number;
  recordEnd: number;
}

// The order is the reader's: first what has one width, then what may be absent or of any length.
const FEED_COLUMNS = `e.bucket, e.position, e.period, e.billed_period, e.account, e.line, e.identity, e.revision, e.kind,
  e.started_at, e.duration_ms, e.called, e.destination, e.billed_seconds, e.charge, e.metered_price, e.rate_deck,
  e.coverage, e.coverage_before, e.offer, e.reason, e.cdr`;

/** Entries that were read, to be visited as often as it takes. */
export interface ReadFeed {
  readonly entries: number;
  /** Visits them stretch by stretch, in order of position. */
  visit(each: (entry: FeedEntry) => void): void;
}

/** Reads the feed, each time into the same memory: what was read before is gone. */
export class FeedReader {
  #bytes = Buffer.allocUnsafe(1 << 20);

  /**
   * Reads stretches of the feed. Visiting them throws where a position is missing: they are gapless and committed in
   * order, so that is a fault of the ledger, and telling on would hide it.
   */
  async read(tx: Transaction, stretches: readonly FeedStretch[]): Promise<ReadFeed> {
    let end = 0;
    for await (const chunk of tx.copyOut(feedStatement(stretches))) {
      if (end + chunk.length > this.#bytes.length) this.#grow(end + chunk.length);
      this.#bytes.set(chunk, end);
      end += chunk.length;
    }
    const bytes = this.#bytes;
    return {
      entries: stretches.reduce((sum, { after, upTo }) => sum + upTo - after, 0),
      visit: (each) => visitRows(new FeedRows(bytes), stretches, each),
    };
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafe(needed * 2);
    this.#bytes.copy(grown);
    this.#bytes = grown;
  }
}

function visitRows(reader: FeedRows, stretches: readonly FeedStretch[], each: (entry: FeedEntry) => void): void {
  for (const { bucket, after, upTo } of stretches) {
    for (let position = after + 1; position <= upTo; position++) {
      const entry = reader.next();
      if (entry === null || entry.bucket !== bucket || entry.position !== position) {
        throw new Error(`Cannot read the feed of bucket '${bucket}': there is no position '${position}'`);
      }
      each(entry);
    }
  }
}

/**
 * COPY takes no parameters, so the numbers stand in its text. One look at the index of the feed for each bucket and
 * month, then its rows: joined without `lateral`, the planner reads whole months.
 */
function feedStatement(stretches: readonly FeedStretch[]): string {
  const values = stretches.map(
    ({ bucket, after, upTo }) => `(${whole(bucket)}::smallint, ${whole(after)}::bigint, ${whole(upTo)}::bigint)`,
  );
  return `copy (
    select ${FEED_COLUMNS} from (values ${values.join(', ')}) as s (bucket, after, up_to)
    cross join lateral (
      select * from entry where bucket = s.bucket and position > s.after and position <= s.up_to order by position
    ) as e
  ) to stdout (format binary)`;
}

function whole(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`Cannot read the feed at '${value}': it is no whole number`);
  return value;
}

/** Of the fields that have one width: the count of fields, each one's length, their values. */
const FIXED_FIELDS = 17;
const COVERAGE_AT = 2 + FIXED_FIELDS * 4 + 2 * 2 + 8 * 4 + 6 * 8 + 1;
const ABSENT = -1;

const KINDS: Readonly<Record<number, EntryKind>> = { 0x75: 'usage', 0x72: 'rerate', 0x76: 'reversal', 0x70: 'reprice' };
const COVERAGES: Readonly<Record<number, Coverage>> = { 0x69: 'included', 0x6d: 'metered', 0x66: 'free' };

/** Reads the rows of a binary COPY, one by one. */
class FeedRows {
  readonly #view: DataView;
  #at = COPY_HEADER_BYTES;
  readonly #entry: FeedEntry;

  constructor(bytes: Buffer) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#entry = emptyEntry(bytes);
  }

  /** `null` after the last. */
  next(): FeedEntry | null {
    const view = this.#view;
    const at = this.#at;
    if (view.getInt16(at) === ABSENT) return null;
    const entry = this.#entry;
    entry.bucket = view.getInt16(at + 6);
    entry.position = readInt64(view, at + 12);
    entry.period = view.getInt32(at + 24);
    entry.billedPeriod = view.getInt32(at + 32);
    entry.account = view.getInt32(at + 40);
    entry.line = view.getInt32(at + 48);
    entry.identityHigh = view.getInt32(at + 56);
    entry.identityLow = view.getInt32(at + 60);
    entry.revision = view.getInt16(at + 68);
    entry.kind = KINDS[view.getUint8(at + 74)]!;
    entry.startedAt = readInstant(view, at + 79);
    entry.durationMs = view.getInt32(at + 91);
    entry.called = readInt64(view, at + 99);
    entry.destination = view.getInt32(at + 111);
    entry.billedSeconds = view.getInt32(at + 119);
    entry.charge = readInt64(view, at + 127);
    entry.meteredPrice = readInt64(view, at + 139);
    entry.rateDeck = view.getInt32(at + 151);
    this.#rest(at + COVERAGE_AT);
    return entry;
  }

  #rest(begin: number): void {
    const view = this.#view;
    const entry = this.#entry;
    let at = begin;
    entry.coverage = this.#coverage(at);
    at += 4 + width(view, at);
    entry.coverageBefore = this.#coverage(at);
    at += 4 + width(view, at);
    entry.offer = view.getInt32(at) === ABSENT ? null : view.getInt32(at + 4);
    at += 4 + width(view, at);
    entry.reasonStart = at + 4;
    entry.reasonEnd = at + 4 + view.getInt32(at);
    entry.recordStart = entry.reasonEnd + 4;
    entry.recordEnd = entry.recordStart + width(view, entry.reasonEnd);
    this.#at = entry.recordEnd;
  }

  #coverage(at: number): Coverage | null {
    return this.#view.getInt32(at) === ABSENT ? null : COVERAGES[this.#view.getUint8(at + 4)]!;
  }
}

/** Bytes of the field whose length stands at `at`. */
function width(view: DataView, at: number): number {
  return Math.max(0, view.getInt32(at));
}

function emptyEntry(bytes: Buffer): FeedEntry {
  return {
    bucket: 0,
    position: 0,
    period: 0,
    billedPeriod: 0,
    account: 0,
    line: 0,
    identityHigh: 0,
    identityLow: 0,
    revision: 0,
    kind: 'usage',
    startedAt: 0,
    durationMs: 0,
    called: 0,
    destination: 0,
    coverage: null,
    coverageBefore: null,
    billedSeconds: 0,
    charge: 0,
    meteredPrice: 0,
    rateDeck: 0,
    offer: null,
    bytes,
    reasonStart: 0,
    reasonEnd: 0,
    recordStart: 0,
    recordEnd: 0,
  };
}
