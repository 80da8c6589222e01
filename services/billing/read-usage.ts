import {
  type Database,
  type FeedEnd,
  type FeedFilter,
  type FeedStretch,
  FeedReader,
  type KindTotal,
  type Queryable,
  type ReadFeed,
  type Transaction,
  feedEnd,
  feedTotals,
  feedTotalsBy,
  type GroupTotal,
  type TotalsGroup,
  repeatWhileCut,
} from '../../ledger/index.ts';
import { ledgerTimeZone } from '../ledger-civil-time.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { ENTRY_BYTES, writeEntry } from './entry-json.ts';
import { EntryNames } from './entry-names.ts';
import { type FeedCursor, cursorText, readCursorText } from './feed-cursor.ts';
import { JsonBytes } from './json-bytes.ts';
import { type UsageFilter, meantFilter } from './usage-request.ts';

/** A page of the feed of entries. */
export interface UsagePage {
  readonly kind: 'usage';
  /** JSON objects, with the separator between them. They hold until the reader reads its next page. */
  readonly entries: Buffer;
  readonly count: number;
  /** The cursor with which the next page is asked for: for good, also when this page was the last. */
  readonly next: string;
  /** Whether nothing came after this page, as of `asOf`. */
  readonly isCaughtUp: boolean;
  /** When the ledger was looked at, ms since the epoch. */
  readonly asOf: number;
}

/** Positions that a page with a filter looks at, at most: it may hold few entries, or none, and lead on. */
const MOST_LOOKED_AT = 100_000;

/**
 * Reads the feed page by page. What it has looked up of names, and its memory, is used again: one reader, one page at
 * a time.
 */
export class UsageReader {
  readonly #db: Database;
  readonly #names = new EntryNames();
  readonly #reader = new FeedReader();
  readonly #out = new JsonBytes(1 << 20);

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * The entries after a cursor (`null`: from the beginning), at most `limit` of them, each bucket in the order of its
   * positions: none is ever skipped or repeated by who follows `next`, also while others write. Refused: a cursor of
   * another life of the ledger, one ahead of it, names that it does not know.
   */
  read(after: string | null, limit: number, asked: UsageFilter = {}, separator = 0x0a): Promise<UsagePage | Refused> {
    return repeatWhileCut(async () => {
      const meant = await meantFilter(this.#db, asked);
      if ('code' in meant) return meant;
      const end = await feedEnd(this.#db);
      const from = after === null ? beginning(end) : startingAt(after, end);
      if ('code' in from) return from;
      const isFiltered = Object.values(meant.filter).some((value) => value !== undefined);
      const most = isFiltered ? Math.max(limit, MOST_LOOKED_AT) : limit;
      const stretches = stretchesOf(from.positions, end.positions, most, meant.bucket);
      const { count, upTo } = await this.#write(stretches, meant.filter, { limit, separator });
      const positions = from.positions.map((position, bucket) => upTo.get(bucket) ?? position);
      const isLast = positions.every(
        (position, bucket) => (meant.bucket ?? bucket) !== bucket || position >= end.positions[bucket]!,
      );
      return {
        kind: 'usage',
        entries: this.#out.written,
        count,
        next: cursorText({ life: end.life, positions }),
        isCaughtUp: isLast,
        asOf: end.asOf,
      };
    });
  }

  /** Writes the entries of the stretches, up to `limit`; says how far it came in each bucket. */
  #write(
    stretches: readonly FeedStretch[],
    filter: FeedFilter,
    { limit, separator }: { readonly limit: number; readonly separator: number },
  ): Promise<{ readonly count: number; readonly upTo: ReadonlyMap<number, number> }> {
    this.#out.clear();
    const upTo = new Map(stretches.map(({ bucket, upTo: last }) => [bucket, last]));
    if (stretches.length === 0) return Promise.resolve({ count: 0, upTo });
    return this.#db.transaction(async (tx) => {
      const feed = await this.#reader.read(tx, stretches, filter);
      await this.#findNames(tx, feed);
      this.#out.clear();
      let count = 0;
      let lastBucket = -1;
      feed.visit((entry) => {
        if (count >= limit) {
          // The first that does not fit, and what comes after it, is left to the next page.
          if (entry.bucket !== lastBucket) upTo.set(entry.bucket, stretchOf(stretches, entry.bucket).after);
          lastBucket = entry.bucket;
          return;
        }
        if (!this.#names.find(entry))
          throw new Error(`Cannot name what entry '${entry.bucket}-${entry.position}' is of`);
        this.#out.reserve(ENTRY_BYTES + this.#names.bytes + entry.recordEnd - entry.recordStart);
        if (count > 0) this.#out.byte(separator);
        writeEntry(this.#out, entry, this.#names);
        count++;
        lastBucket = entry.bucket;
        if (count === limit) upTo.set(entry.bucket, entry.position);
      });
      return { count, upTo };
    });
  }

  async #findNames(tx: Transaction, feed: ReadFeed): Promise<void> {
    do {
      feed.visit((entry) => void this.#names.find(entry));
    } while (await this.#names.loadMissing(tx));
  }
}

function stretchOf(stretches: readonly FeedStretch[], bucket: number): FeedStretch {
  const stretch = stretches.find((each) => each.bucket === bucket);
  if (stretch === undefined) throw new Error(`Cannot page the feed: bucket '${bucket}' was not asked for`);
  return stretch;
}

function beginning({ life, positions }: FeedEnd): FeedCursor {
  return { life, positions: positions.map(() => 0) };
}

/** The place that a cursor names in the ledger as it is. */
export function startingAt(cursor: string, { life, positions }: FeedEnd): FeedCursor | Refused {
  const from = readCursorText(cursor);
  if (from === null) return refused(refusal('usage-cursor-unreadable', { cursor }));
  if (from.life !== life) return refused(refusal('cursor-of-another-life', { life: from.life, here: life }));
  const isAhead = from.positions.some((position, bucket) => position > positions[bucket]!);
  return isAhead ? refused(refusal('cursor-ahead', { cursor })) : from;
}

/** What to read next: bucket by bucket, `most` positions in all. */
function stretchesOf(
  from: readonly number[],
  end: readonly number[],
  most: number,
  only: number | null,
): FeedStretch[] {
  const stretches: FeedStretch[] = [];
  let left = most;
  for (const [bucket, after] of from.entries()) {
    if (left === 0) break;
    if (only !== null && bucket !== only) continue;
    const upTo = Math.min(end[bucket]!, after + left);
    if (upTo > after) stretches.push({ bucket, after, upTo });
    left -= upTo - after;
  }
  return stretches;
}

/** What the entries up to a cursor come to. */
export interface UsageTotals {
  readonly kind: 'totals';
  readonly until: string;
  readonly totals: readonly KindTotal[];
  /** The same by day, line or destination; empty where it was not asked for. */
  readonly groups: readonly GroupTotal[];
  readonly timeZone: string;
  readonly asOf: number;
}

/** Between which cursors, and by what. */
export interface TotalsRequest {
  readonly after?: string | undefined;
  readonly until?: string | undefined;
  readonly groupBy?: TotalsGroup | undefined;
}

/**
 * How many entries there are up to a cursor (`null`: up to now), and what they come to, by kind and currency: a reader
 * who followed the feed to that cursor has just these. With `after`, only those beyond that cursor. With `groupBy`,
 * also by the civil day of the call's start, by line or by destination.
 */
export function usageTotals(
  db: Queryable,
  { after, until, groupBy }: TotalsRequest,
  asked: UsageFilter = {},
): Promise<UsageTotals | Refused> {
  return repeatWhileCut(async () => {
    const meant = await meantFilter(db, asked);
    if ('code' in meant) return meant;
    const end = await feedEnd(db);
    const from = after === undefined ? beginning(end) : startingAt(after, end);
    if ('code' in from) return from;
    const to = until === undefined ? end : startingAt(until, end);
    if ('code' in to) return to;
    const timeZone = await ledgerTimeZone(db);
    const between = { after: from.positions, upTo: to.positions };
    const totals = await feedTotals(db, between, meant.filter);
    const groups = groupBy === undefined ? [] : await feedTotalsBy(db, between, meant.filter, groupBy, timeZone);
    const { life, asOf } = end;
    return { kind: 'totals', until: cursorText({ life, positions: to.positions }), totals, groups, timeZone, asOf };
  });
}
