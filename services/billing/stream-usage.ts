import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type Database,
  type FeedEnd,
  FeedReader,
  type FeedStretch,
  type ReadFeed,
  feedEnd,
  repeatWhileCut,
} from '../../ledger/index.ts';
import type { Refused } from '../refusals.ts';
import { ENTRY_BYTES, writeEntry } from './entry-json.ts';
import { type EntryNames, namesOf } from './entry-names.ts';
import { type FeedCursor, cursorText } from './feed-cursor.ts';
import { type FeedPart, beginningAt, partAfter } from './feed-part.ts';
import { JsonBytes } from './json-bytes.ts';
import { type MeantFilter, type UsageFilter, isFilter, meantFilter } from './usage-request.ts';

/** Everything after a cursor, up to now. */
export interface UsageStream {
  readonly kind: 'stream';
  /**
   * JSON objects, one a line, whole lines in each piece; each piece is the reader's to keep. Nothing is asked of the
   * database beyond the next part while nobody takes pieces.
   */
  readonly pieces: AsyncGenerator<Buffer, UsageEnd, undefined>;
}

/** Where a stream ended: there was nothing more as of `asOf`, in ms since the epoch. */
export interface UsageEnd {
  readonly next: string;
  readonly asOf: number;
}

/** Positions that are read at once, of one bucket where it has as many: twice as many are held, some 10 MB. */
const POSITIONS_A_PART = 10_000;
/** With a filter most of them may be of others. */
const LOOKED_AT_A_PART = 100_000;
/** As much as goes into one write of a socket: less than a millisecond of work. */
const PIECE_BYTES = 262_144;
const LINE_END = 0x0a;

/**
 * Opens the feed as a stream: each bucket in the order of its positions, nothing skipped or repeated, also while others
 * write. While one part is written out the database has the next. Refused as pages are.
 */
export function streamUsage(
  db: Database,
  after: string | null,
  asked: UsageFilter = {},
): Promise<UsageStream | Refused> {
  return repeatWhileCut(async () => {
    const meant = await meantFilter(db, asked);
    if ('code' in meant) return meant;
    const end = await feedEnd(db);
    const from = beginningAt(after, end, meant.bucket);
    if ('code' in from) return from;
    return { kind: 'stream', pieces: new UsagePieces(db, meant).after(from) };
  });
}

/** A part of the feed that was read. */
interface ReadPart extends FeedPart {
  readonly feed: ReadFeed | null;
}

class UsagePieces {
  readonly #db: Database;
  readonly #meant: MeantFilter;
  readonly #most: number;
  readonly #names: EntryNames;
  /** One is read into while the other is written out. */
  #readers = [new FeedReader(), new FeedReader()] as const;

  constructor(db: Database, meant: MeantFilter) {
    this.#db = db;
    this.#meant = meant;
    this.#names = namesOf(db);
    this.#most = isFilter(meant.filter) ? LOOKED_AT_A_PART : POSITIONS_A_PART;
  }

  async *after(from: FeedCursor): AsyncGenerator<Buffer, UsageEnd, undefined> {
    for (let part = await this.#read(from); ;) {
      const following = part.isLast ? null : this.#read(part.next);
      // Nobody may wait for it any more, where who reads us has gone.
      following?.catch(() => undefined);
      if (part.feed !== null) yield* this.#piecesOf(part.feed);
      if (following === null) return { next: cursorText(part.next), asOf: part.asOf };
      part = await following;
    }
  }

  #read(from: FeedCursor): Promise<ReadPart> {
    const [reader, other] = this.#readers;
    this.#readers = [other, reader];
    return repeatWhileCut(async () => {
      const end = await feedEnd(this.#db);
      const whole = partAfter(from, end, this.#most, this.#meant.bucket);
      const [first] = 'code' in whole ? [] : whole.stretches;
      // One bucket at a time where there is more than a part: its rows are read as they lie.
      const isFirstAlone = first !== undefined && !('code' in whole) && !whole.isLast;
      const part = isFirstAlone ? partAfter(from, end, this.#evenPartOf(first, end), this.#meant.bucket) : whole;
      if ('code' in part) throw new Error(`Cannot go on with the feed: ${part.code}`);
      const { stretches } = part;
      const feed = stretches.length === 0 ? null : await reader.read(this.#db, stretches, this.#meant.filter);
      return { ...part, feed };
    });
  }

  /**
   * How much of a bucket to read at once: all that is left of it, in parts of one size. After a long part a short one
   * would leave the database without work, and before a long one the writer.
   */
  #evenPartOf({ bucket, after }: FeedStretch, end: FeedEnd): number {
    const left = end.positions[bucket]! - after;
    return Math.ceil(left / Math.ceil(left / this.#most));
  }

  async *#piecesOf(feed: ReadFeed): AsyncGenerator<Buffer, void, undefined> {
    const out = new JsonBytes(PIECE_BYTES);
    const next = feed.entries();
    for (let entry = next(); entry !== null; entry = next()) {
      if (!this.#names.find(entry)) {
        const { bucket, position } = entry;
        await this.#findNames(feed);
        if (!this.#names.find(entry)) throw new Error(`Cannot name what entry '${bucket}-${position}' is of`);
      }
      const bytes = ENTRY_BYTES + this.#names.bytes + entry.recordEnd - entry.recordStart;
      if (out.length > 0 && out.length + bytes > PIECE_BYTES) {
        yield out.take();
        // Others are answered in between.
        await nextTurn();
      }
      out.reserve(bytes);
      writeEntry(out, entry, this.#names);
      out.byte(LINE_END);
    }
    if (out.length > 0) yield out.written;
  }

  /** Looks up what all entries of a part are of: a question or two, and mostly none. */
  #findNames(feed: ReadFeed): Promise<void> {
    return repeatWhileCut(async () => {
      do {
        feed.visit((entry) => void this.#names.find(entry));
      } while (await this.#names.loadMissing(this.#db));
    });
  }
}
