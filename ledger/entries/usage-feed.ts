import { type Coverage, type EntryKind, newEntry, type WritableEntry } from '../../rater/index.ts';
import { COPY_HEADER_BYTES, readInstant, readInt64 } from '../database/binary-copy.ts';
import { isEndOfRows, isNull, valueEnd } from '../database/copy-rows.ts';
import type { Transaction } from '../database/database.ts';
import { COVERAGE_BY_CODE, type ColumnName, KIND_BY_CODE, KIND_LETTERS, layoutOf } from './entry-columns.ts';
import type { FeedStretch } from './moved-entries.ts';

/**
 * An entry as the feed has it, in the ledger's numbers. The same object for every visit. Reason and record are bytes:
 * `[reasonStart, reasonEnd)` and `[recordStart, recordEnd)` of `bytes`; the record, in canonical form, is empty on
 * corrections.
 */
export interface FeedEntry extends Omit<WritableEntry, 'reason' | 'record'> {
  bytes: Buffer;
  reasonStart: number;
  reasonEnd: number;
}

/**
 * The columns as the table has them: PostgreSQL sends rows of such a list as they lie, and puts together anew those of
 * any other, which costs it a third more. Those before the first that may be absent have one place each.
 */
const FIXED = [
  'position',
  'identity',
  'started_at',
  'called',
  'charge',
  'metered_price',
  'period',
  'billed_period',
  'account',
  'line',
  'duration_ms',
  'billed_seconds',
  'destination',
  'rate_deck',
] as const satisfies readonly ColumnName[];
const AFTER_OFFER = ['bucket', 'revision', 'flags', 'kind'] as const satisfies readonly ColumnName[];
const REST = ['coverage', 'coverage_before', 'reason', 'cdr'] as const satisfies readonly ColumnName[];

const COLUMNS = [...FIXED, 'offer', ...AFTER_OFFER, ...REST] as const satisfies readonly ColumnName[];

/** The compiler refuses a column that the feed does not read, and names it here. */
const UNREAD: Readonly<Record<Exclude<ColumnName, (typeof COLUMNS)[number]>, never>> = {};
void UNREAD;

/** Which entries are asked for, in the ledger's numbers; periods as yyyymm. */
export interface FeedFilter {
  readonly account?: number | undefined;
  readonly line?: number | undefined;
  readonly period?: number | undefined;
  readonly billedPeriod?: number | undefined;
  readonly kind?: EntryKind | undefined;
  readonly destination?: number | undefined;
}

/** Entries that were read, to be gone through as often as it takes. */
export interface ReadFeed {
  /** Visits them stretch by stretch, in order of position. */
  visit(each: (entry: FeedEntry) => void): void;
  /** The same one by one, beginning with the first: the same object for each, `null` after the last. */
  entries(): () => FeedEntry | null;
}

/** Reads the feed, each time into the same memory: what was read before is gone. */
export class FeedReader {
  #bytes = Buffer.allocUnsafe(1 << 20);

  /**
   * Reads stretches of the feed: all of it, or what a filter asks for. Visiting all throws where a position is missing:
   * they are gapless and committed in order, so that is a fault of the ledger, and going on would hide it.
   */
  async read(
    from: Pick<Transaction, 'copyOut'>,
    stretches: readonly FeedStretch[],
    filter: FeedFilter = {},
  ): Promise<ReadFeed> {
    let end = 0;
    for await (const chunk of from.copyOut(feedStatement(stretches, filter))) {
      if (end + chunk.length > this.#bytes.length) this.#grow(end + chunk.length);
      this.#bytes.set(chunk, end);
      end += chunk.length;
    }
    const bytes = this.#bytes;
    const isWhole = conditionsOf(filter) === '';
    const entries = (): (() => FeedEntry | null) => {
      const rows = new FeedRows(bytes);
      return isWhole ? gapless(rows, stretches) : () => rows.next();
    };
    return {
      entries,
      visit: (each) => {
        const next = entries();
        for (let entry = next(); entry !== null; entry = next()) each(entry);
      },
    };
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafe(needed * 2);
    this.#bytes.copy(grown);
    this.#bytes = grown;
  }
}

/** All rows of some stretches, each where it must be. */
function gapless(rows: FeedRows, stretches: readonly FeedStretch[]): () => FeedEntry | null {
  let no = 0;
  let position = stretches[0]?.after ?? 0;
  return () => {
    while (no < stretches.length && position === stretches[no]!.upTo) position = stretches[++no]?.after ?? 0;
    if (no === stretches.length) return null;
    const { bucket } = stretches[no]!;
    position++;
    const entry = rows.next();
    if (entry === null || entry.bucket !== bucket || entry.position !== position) {
      throw new Error(`Cannot read the feed of bucket '${bucket}': there is no position '${position}'`);
    }
    return entry;
  };
}

/** COPY takes no parameters, so the numbers stand in its text. */
function feedStatement(stretches: readonly FeedStretch[], filter: FeedFilter): string {
  const [only, ...others] = stretches;
  if (only === undefined) throw new RangeError('Cannot read the feed: no stretch of it is asked for');
  const rows = others.length === 0 ? rowsOfOne(only, filter) : rowsOfMany(stretches, filter);
  return `copy (${rows}) to stdout (format binary)`;
}

/** By the index of the feed, and sent as they lie. */
function rowsOfOne({ bucket, after, upTo }: FeedStretch, filter: FeedFilter): string {
  return `select ${COLUMNS.join(', ')} from entry
    where bucket = ${whole(bucket)} and position > ${whole(after)} and position <= ${whole(upTo)}${conditionsOf(filter)}
    order by position`;
}

/**
 * One look at the index of the feed for each bucket and month, then its rows: joined without `lateral`, the planner
 * reads whole months.
 */
function rowsOfMany(stretches: readonly FeedStretch[], filter: FeedFilter): string {
  const values = stretches.map(
    ({ bucket, after, upTo }) => `(${whole(bucket)}::smallint, ${whole(after)}::bigint, ${whole(upTo)}::bigint)`,
  );
  return `select ${COLUMNS.map((name) => `e.${name}`).join(', ')}
    from (values ${values.join(', ')}) as s (bucket, after, up_to)
    cross join lateral (
      select * from entry
      where bucket = s.bucket and position > s.after and position <= s.up_to${conditionsOf(filter)} order by position
    ) as e`;
}

const FILTERED = {
  account: 'account',
  line: 'line',
  period: 'period',
  billedPeriod: 'billed_period',
  destination: 'destination',
} as const satisfies Readonly<Record<Exclude<keyof FeedFilter, 'kind'>, ColumnName>>;

/** What a filter asks of entries, as SQL without parameters. */
function conditionsOf(filter: FeedFilter): string {
  const numbers = Object.entries(FILTERED).flatMap(([field, column]) => {
    const value = filter[field as keyof typeof FILTERED];
    return value === undefined ? [] : [` and ${column} = ${whole(value)}`];
  });
  const kind = filter.kind === undefined ? [] : [` and kind = '${KIND_LETTERS[filter.kind]}'`];
  return [...numbers, ...kind].join('');
}

function whole(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`Cannot read the feed at '${value}': it is no whole number`);
  return value;
}

const FIRST = layoutOf(FIXED);
// Constants of the module are read faster than properties.
const {
  position: POSITION,
  identity: IDENTITY,
  started_at: STARTED_AT,
  called: CALLED,
  charge: CHARGE,
  metered_price: METERED_PRICE,
  period: PERIOD,
  billed_period: BILLED_PERIOD,
  account: ACCOUNT,
  line: LINE,
  duration_ms: DURATION_MS,
  billed_seconds: BILLED_SECONDS,
  destination: DESTINATION,
  rate_deck: RATE_DECK,
} = FIRST.at;
const OFFER_AT = FIRST.end;
const SECOND = layoutOf(AFTER_OFFER, 0);
const { bucket: BUCKET, revision: REVISION, flags: FLAGS, kind: KIND } = SECOND.at;
const REST_AT = SECOND.end;

/** Reads the rows of a binary COPY, one by one. */
class FeedRows {
  readonly #view: DataView;
  #at = COPY_HEADER_BYTES;
  readonly #entry: FeedEntry;

  constructor(bytes: Buffer) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const { reason: _reason, record: _record, ...fields } = newEntry();
    this.#entry = { ...fields, bytes, reasonStart: 0, reasonEnd: 0 };
  }

  /** `null` after the last. */
  next(): FeedEntry | null {
    const view = this.#view;
    const at = this.#at;
    if (isEndOfRows(view, at)) return null;
    const entry = this.#entry;
    entry.position = readInt64(view, at + POSITION);
    entry.identityHigh = view.getInt32(at + IDENTITY);
    entry.identityLow = view.getInt32(at + IDENTITY + 4);
    entry.startedAt = readInstant(view, at + STARTED_AT);
    entry.called = readInt64(view, at + CALLED);
    entry.charge = readInt64(view, at + CHARGE);
    entry.meteredPrice = readInt64(view, at + METERED_PRICE);
    entry.period = view.getInt32(at + PERIOD);
    entry.billedPeriod = view.getInt32(at + BILLED_PERIOD);
    entry.account = view.getInt32(at + ACCOUNT);
    entry.line = view.getInt32(at + LINE);
    entry.durationMs = view.getInt32(at + DURATION_MS);
    entry.billedSeconds = view.getInt32(at + BILLED_SECONDS);
    entry.destination = view.getInt32(at + DESTINATION);
    entry.rateDeck = view.getInt32(at + RATE_DECK);
    const offerAt = at + OFFER_AT;
    entry.offer = isNull(view, offerAt) ? null : view.getInt32(offerAt + 4);
    this.#afterOffer(valueEnd(view, offerAt));
    return entry;
  }

  #afterOffer(at: number): void {
    const view = this.#view;
    const entry = this.#entry;
    entry.bucket = view.getInt16(at + BUCKET);
    entry.revision = view.getInt16(at + REVISION);
    entry.flags = view.getInt16(at + FLAGS);
    entry.kind = KIND_BY_CODE[view.getUint8(at + KIND)]!;
    this.#rest(at + REST_AT);
  }

  #rest(begin: number): void {
    const view = this.#view;
    const entry = this.#entry;
    let at = begin;
    entry.coverage = this.#coverage(at);
    at = valueEnd(view, at);
    entry.coverageBefore = this.#coverage(at);
    at = valueEnd(view, at);
    entry.reasonStart = at + 4;
    entry.reasonEnd = valueEnd(view, at);
    entry.recordStart = entry.reasonEnd + 4;
    entry.recordEnd = valueEnd(view, entry.reasonEnd);
    this.#at = entry.recordEnd;
  }

  #coverage(at: number): Coverage | null {
    return isNull(this.#view, at) ? null : COVERAGE_BY_CODE[this.#view.getUint8(at + 4)]!;
  }
}
