import {
  type Database,
  type FeedFilter,
  type FeedStretch,
  FeedReader,
  type KindTotal,
  type Queryable,
  type ReadFeed,
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
import { type EntryNames, namesOf } from './entry-names.ts';
import { cursorText } from './feed-cursor.ts';
import { beginningAt, endAfter, isBefore, partAfter, startingAt } from './feed-part.ts';
import { JsonBytes } from './json-bytes.ts';
import { type UsageFilter, isFilter, meantFilter } from './usage-request.ts';

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
  readonly #names: EntryNames;
  readonly #reader = new FeedReader();
  readonly #out = new JsonBytes(1 << 20);

  constructor(db: Database) {
    this.#db = db;
    this.#names = namesOf(db);
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
      const from = beginningAt(after, end, meant.bucket);
      if ('code' in from) return from;
      const most = isFilter(meant.filter) ? Math.max(limit, MOST_LOOKED_AT) : limit;
      const part = partAfter(from, end, most, meant.bucket);
      if ('code' in part) return part;
      const { count, upTo } = await this.#write(part.stretches, meant.filter, { limit, separator });
      const positions = part.next.positions.map((position, bucket) => upTo.get(bucket) ?? position);
      const isWhole = positions.every((position, bucket) => position === part.next.positions[bucket]);
      return {
        kind: 'usage',
        entries: this.#out.written,
        count,
        next: cursorText({ life: end.life, positions }),
        isCaughtUp: isWhole && part.isLast,
        asOf: end.asOf,
      };
    });
  }

  /** Writes the entries of the stretches, up to `limit`; says how far it came in buckets that it did not finish. */
  async #write(
    stretches: readonly FeedStretch[],
    filter: FeedFilter,
    { limit, separator }: { readonly limit: number; readonly separator: number },
  ): Promise<{ readonly count: number; readonly upTo: ReadonlyMap<number, number> }> {
    this.#out.clear();
    const upTo = new Map<number, number>();
    if (stretches.length === 0) return { count: 0, upTo };
    const feed = await this.#reader.read(this.#db, stretches, filter);
    await this.#findNames(feed);
    let count = 0;
    let lastBucket = -1;
    feed.visit((entry) => {
      if (count >= limit) {
        // The first that does not fit, and what comes after it, is left to the next page.
        if (entry.bucket !== lastBucket) upTo.set(entry.bucket, stretchOf(stretches, entry.bucket).after);
        lastBucket = entry.bucket;
        return;
      }
      if (!this.#names.find(entry)) throw new Error(`Cannot name what entry '${entry.bucket}-${entry.position}' is of`);
      this.#out.reserve(ENTRY_BYTES + this.#names.bytes + entry.recordEnd - entry.recordStart);
      if (count > 0) this.#out.byte(separator);
      writeEntry(this.#out, entry, this.#names);
      count++;
      lastBucket = entry.bucket;
      if (count === limit) upTo.set(entry.bucket, entry.position);
    });
    return { count, upTo };
  }

  async #findNames(feed: ReadFeed): Promise<void> {
    do {
      feed.visit((entry) => void this.#names.find(entry));
    } while (await this.#names.loadMissing(this.#db));
  }
}

function stretchOf(stretches: readonly FeedStretch[], bucket: number): FeedStretch {
  const stretch = stretches.find((each) => each.bucket === bucket);
  if (stretch === undefined) throw new Error(`Cannot page the feed: bucket '${bucket}' was not asked for`);
  return stretch;
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
    const from = beginningAt(after ?? null, end, meant.bucket);
    if ('code' in from) return from;
    const to = until === undefined ? endAfter(from, end, meant.bucket) : startingAt(until, end, meant.bucket);
    if ('code' in to) return to;
    if (!isBefore(from, to, meant.bucket)) {
      return refused(refusal('cursors-crossed', { after: after ?? '', until: cursorText(to) }));
    }
    const timeZone = await ledgerTimeZone(db);
    const between = { after: from.positions, upTo: to.positions };
    const totals = await feedTotals(db, between, meant.filter);
    const groups = groupBy === undefined ? [] : await feedTotalsBy(db, between, meant.filter, groupBy, timeZone);
    const { life, asOf } = end;
    return { kind: 'totals', until: cursorText({ life, positions: to.positions }), totals, groups, timeZone, asOf };
  });
}
