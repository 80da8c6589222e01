import type { Coverage, Entry } from '../../rater/index.ts';
import { POSTGRES_EPOCH_MS, TWO_TO_32 } from '../database/binary-copy.ts';
import {
  COVERAGE_LETTERS,
  ENTRY_COLUMNS,
  ENTRY_TABLE,
  KIND_LETTERS,
  layoutOf,
  LONGEST_FIXED_ROW,
} from './entry-columns.ts';

/** Writes what an `EntryCopyBuffer` holds into the ledger. */
export const ENTRY_COPY_STATEMENT = `copy entry (${ENTRY_COLUMNS}) from stdin (format binary)`;

const COLUMNS = ENTRY_TABLE.length;
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER_BYTES = 2;
/** What every row begins with, up to the account. */
const { at: AT } = layoutOf(['bucket', 'position', 'period', 'billed_period', 'account']);
const BUCKET_OFFSET = AT.bucket;
/** Of the position's length, since both are written anew. */
const POSITION_OFFSET = AT.position - 4;
const ACCOUNT_OFFSET = AT.account;
const INITIAL_BYTES = 1 << 20;
/** What of a whole number below 2^53 a 16-bit bucket leaves for the rest of a row's place in the order. */
const PLACE_BITS = 37;

const code = (letter: string): number => letter.charCodeAt(0);
const USAGE = code(KIND_LETTERS.usage);
const INCLUDED = code(COVERAGE_LETTERS.included);
const METERED = code(COVERAGE_LETTERS.metered);
const FREE = code(COVERAGE_LETTERS.free);

/**
 * Rows of one bucket that follow each other in a COPY, in order of their feed positions: from `start` to before
 * `end`.
 */
export interface BucketStretch {
  readonly bucket: number;
  readonly start: number;
  end: number;
}

/** Entries ready to be sent: the bytes are the memory of the buffer that made them, and hold until its next call. */
export interface OrderedCopy {
  /** A whole binary COPY. */
  readonly bytes: Uint8Array;
  /** Where in the bytes each bucket's rows are. */
  readonly stretches: readonly BucketStretch[];
}

/** Reasons are few words said again and again; beyond this many the cache starts anew. */
const MAX_CACHED_REASONS = 1024;

/**
 * Encodes entries as PostgreSQL's binary COPY, straight into one buffer that grows and is used again for every batch.
 * For overlap (filling one while another is being sent) use two of them.
 *
 * A field that its column can't hold is a bug, and throws a `RangeError` that names it; the entry is then not added.
 */
export class EntryCopyBuffer {
  #bytes: Buffer;
  #view: DataView;
  #end = HEADER.length;
  #count = 0;
  /** Where each entry's row begins; after the last, where it ends. */
  #rows = new Uint32Array(1024);
  /** The rows in the order in which they are sent, and where each begins; for so many of those appended. */
  #ordered = Buffer.alloc(0);
  #orderedRows = new Uint32Array(0);
  #arranged = -1;
  readonly #reasons = new Map<string, Uint8Array>();

  constructor() {
    this.#bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    this.#view = viewOf(this.#bytes);
    HEADER.copy(this.#bytes);
  }

  /** Entries appended since the last that were taken. */
  get count(): number {
    return this.#count;
  }

  append(entry: Entry): void {
    const reason = this.#reasonBytes(entry.reason);
    const recordBytes = entry.record === null ? 0 : entry.recordEnd - entry.recordStart;
    this.#reserve(LONGEST_FIXED_ROW + reason.length + recordBytes);
    const view = this.#view;
    let at = this.#end;
    this.#noteRow(at);

    view.setInt16(at, COLUMNS);
    at = writeInt16(view, at + 2, entry.bucket, 'bucket');
    at = writeInt64(view, at, entry.position, 'position');
    at = writeInt32(view, at, entry.period, 'period');
    at = writeInt32(view, at, entry.billedPeriod, 'billedPeriod');
    at = writeInt32(view, at, entry.account, 'account');
    at = writeInt32(view, at, entry.line, 'line');
    view.setInt32(at, 8);
    view.setInt32(at + 4, entry.identityHigh);
    view.setInt32(at + 8, entry.identityLow);
    at = writeInt16(view, at + 12, entry.revision, 'revision');
    at = writeChar(view, at, entry.kind === 'usage' ? USAGE : code(KIND_LETTERS[entry.kind]));
    at = writeInt64(view, at, (entry.startedAt - POSTGRES_EPOCH_MS) * 1000, 'startedAt');
    at = writeInt32(view, at, entry.durationMs, 'durationMs');
    at = writeInt64(view, at, entry.called, 'called');
    at = writeInt32(view, at, entry.destination, 'destination');
    at = writeCoverage(view, at, entry.coverage);
    at = writeCoverage(view, at, entry.coverageBefore);
    at = writeBytes(view, this.#bytes, at, reason);
    at = writeInt32(view, at, entry.billedSeconds, 'billedSeconds');
    at = writeInt64(view, at, entry.charge, 'charge');
    at = writeInt64(view, at, entry.meteredPrice, 'meteredPrice');
    at = writeInt32(view, at, entry.rateDeck, 'rateDeck');
    at = entry.offer === null ? writeNull(view, at) : writeInt32(view, at, entry.offer, 'offer');
    at = writeInt16(view, at, entry.flags, 'flags');
    if (entry.record === null) {
      at = writeNull(view, at);
    } else {
      view.setInt32(at, recordBytes);
      entry.record.copy(this.#bytes, at + 4, entry.recordStart, entry.recordEnd);
      at += 4 + recordBytes;
    }

    this.#end = at;
    this.#count++;
  }

  /**
   * Puts what was appended into the order in which `takeInOrder` gives it out: all that can be done before feed
   * positions are known. What is appended after it is not lost: then it is done again.
   */
  arrange(): void {
    if (this.#arranged === this.#count) return;
    const rows = this.#rows;
    rows[this.#count] = this.#end;
    if (this.#ordered.length < this.#bytes.length) this.#ordered = Buffer.allocUnsafeSlow(this.#bytes.length);
    if (this.#orderedRows.length < rows.length) this.#orderedRows = new Uint32Array(rows.length);
    let end = this.#bytes.copy(this.#ordered, 0, 0, HEADER.length);
    const rowFactor = 2 ** this.#rowBits();
    let place = 0;
    for (const key of this.#keysInOrder()) {
      const index = key - Math.floor(key / rowFactor) * rowFactor;
      this.#orderedRows[place++] = end;
      end += this.#bytes.copy(this.#ordered, end, rows[index], rows[index + 1]);
    }
    this.#ordered.writeInt16BE(-1, end);
    this.#arranged = this.#count;
  }

  /**
   * The whole COPY of what was appended, ordered by bucket and account, each entry with its feed position:
   * `nextOf(bucket)`, asked in that order. Neighbours then meet in the pages of both indexes, which costs the
   * database a quarter less than the order in which calls come. Entries of one account stay in the order in which
   * they were appended. The bytes are this buffer's own memory: send them before the next call.
   */
  takeInOrder(nextOf: (bucket: number) => number): OrderedCopy {
    this.arrange();
    const end = this.#end;
    const view = viewOf(this.#ordered);
    const stretches: BucketStretch[] = [];
    let last: BucketStretch | undefined;
    for (let place = 0; place < this.#count; place++) {
      const row = this.#orderedRows[place]!;
      const bucket = view.getInt16(row + BUCKET_OFFSET);
      writeInt64(view, row + POSITION_OFFSET, nextOf(bucket), 'position');
      if (last?.bucket === bucket) continue;
      if (last !== undefined) last.end = row;
      last = { bucket, start: row, end };
      stretches.push(last);
    }
    this.#empty();
    return { bytes: this.#ordered.subarray(0, end + TRAILER_BYTES), stretches };
  }

  /** The whole COPY of what was appended, as it was appended. It is this buffer's own memory, as above. */
  take(): Uint8Array {
    this.#view.setInt16(this.#end, -1);
    const copy = this.#bytes.subarray(0, this.#end + TRAILER_BYTES);
    this.#empty();
    return copy;
  }

  /**
   * Of each row its bucket, account and number, as one number, in order: numbers are sorted ten times faster than what
   * needs a function to compare. Of accounts the lower bits, since near is enough.
   */
  #keysInOrder(): Float64Array {
    const rowBits = this.#rowBits();
    const accountMask = 2 ** Math.min(31, PLACE_BITS - rowBits) - 1;
    const keys = new Float64Array(this.#count);
    for (let index = 0; index < keys.length; index++) {
      const row = this.#rows[index]!;
      const account = this.#view.getInt32(row + ACCOUNT_OFFSET) & accountMask;
      const bucket = this.#view.getInt16(row + BUCKET_OFFSET);
      keys[index] = bucket * 2 ** PLACE_BITS + account * 2 ** rowBits + index;
    }
    return keys.toSorted();
  }

  #rowBits(): number {
    return 32 - Math.clz32(this.#count);
  }

  #empty(): void {
    this.#end = HEADER.length;
    this.#count = 0;
    this.#arranged = -1;
  }

  #noteRow(at: number): void {
    if (this.#count + 1 === this.#rows.length) {
      const rows = new Uint32Array(this.#rows.length * 2);
      rows.set(this.#rows);
      this.#rows = rows;
    }
    this.#rows[this.#count] = at;
  }

  #reserve(rowBytes: number): void {
    const needed = this.#end + rowBytes + TRAILER_BYTES;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#end);
    this.#bytes = grown;
    this.#view = viewOf(grown);
  }

  #reasonBytes(reason: string): Uint8Array {
    const known = this.#reasons.get(reason);
    if (known !== undefined) return known;
    if (this.#reasons.size >= MAX_CACHED_REASONS) this.#reasons.clear();
    const bytes = Buffer.from(reason, 'utf8');
    this.#reasons.set(reason, bytes);
    return bytes;
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function writeInt16(view: DataView, at: number, value: number, field: string): number {
  if ((value << 16) >> 16 !== value) outOfRange(field, value);
  view.setInt32(at, 2);
  view.setInt16(at + 4, value);
  return at + 6;
}

function writeInt32(view: DataView, at: number, value: number, field: string): number {
  if ((value | 0) !== value) outOfRange(field, value);
  view.setInt32(at, 4);
  view.setInt32(at + 4, value);
  return at + 8;
}

/** Two halves of a double: exact up to 2^53, and no BigInt is made. */
function writeInt64(view: DataView, at: number, value: number, field: string): number {
  if (!Number.isSafeInteger(value)) outOfRange(field, value);
  // A product is exact here, and takes a third of a division's time.
  const high = Math.floor(value * (1 / TWO_TO_32));
  view.setInt32(at, 8);
  view.setInt32(at + 4, high);
  view.setInt32(at + 8, value - high * TWO_TO_32);
  return at + 12;
}

function writeChar(view: DataView, at: number, value: number): number {
  view.setInt32(at, 1);
  view.setUint8(at + 4, value);
  return at + 5;
}

function writeCoverage(view: DataView, at: number, coverage: Coverage | null): number {
  if (coverage === null) return writeNull(view, at);
  // A property whose name differs from call to call is looked up the slow way.
  if (coverage === 'included') return writeChar(view, at, INCLUDED);
  return writeChar(view, at, coverage === 'metered' ? METERED : FREE);
}

function writeNull(view: DataView, at: number): number {
  view.setInt32(at, -1);
  return at + 4;
}

/** Reasons are a few bytes, for which a loop beats a call of `set`. */
function writeBytes(view: DataView, target: Buffer, at: number, bytes: Uint8Array): number {
  view.setInt32(at, bytes.length);
  for (let i = 0; i < bytes.length; i++) target[at + 4 + i] = bytes[i] ?? 0;
  return at + 4 + bytes.length;
}

function outOfRange(field: string, value: number): never {
  throw new RangeError(`Cannot encode an entry: field '${field}' is '${value}', which its column does not hold`);
}
