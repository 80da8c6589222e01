import { COPY_HEADER_BYTES, readInstant, readInt64 } from './binary-copy.ts';
import { rowEnd } from './copy-rows.ts';

/** The upper halves of the database's own infinities; no instant that it can hold has them. */
const MOST = 0x7fffffff;
const LEAST = -0x80000000;

/**
 * The rows of a binary COPY, value by value: for hundreds of thousands of small rows, of which a driver would make as
 * many objects and a text of each value.
 */
export class CopiedRows {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at: number;
  /** Of each column, the text that was read last: most rows have the same. */
  readonly #last: { bytes: Buffer; text: string }[] = [];
  #column = 0;

  private constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.#at = at;
  }

  /** Reads a COPY to its end; all of it is in memory then. */
  static async of(chunks: AsyncIterable<Uint8Array>): Promise<CopiedRows> {
    const all: Uint8Array[] = [];
    for await (const chunk of chunks) all.push(chunk);
    return new CopiedRows(Buffer.concat(all), COPY_HEADER_BYTES);
  }

  /**
   * Reads a COPY part by part, as its chunks come: each part has whole rows, some or none, and holds until the next is
   * asked for.
   */
  static async *inParts(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<CopiedRows> {
    let rest = Buffer.alloc(0);
    let header = COPY_HEADER_BYTES;
    for await (const chunk of chunks) {
      const bytes = Buffer.concat([rest, chunk]);
      const end = endOfWholeRows(viewOf(bytes), header);
      if (end > header) {
        yield new CopiedRows(bytes.subarray(0, end), header);
        header = 0;
        rest = bytes.subarray(end);
      } else rest = bytes;
    }
  }

  /** Goes to the next row, whose values are then read in order, each once; `false` when there is none. */
  next(): boolean {
    if (this.#at === this.#bytes.length) return false;
    this.#column = 0;
    const columns = this.#view.getInt16(this.#at);
    this.#at += 2;
    return columns >= 0;
  }

  /** An int that is not null. */
  int32(): number {
    this.#length();
    return this.#view.getInt32((this.#at += 4) - 4);
  }

  /** A smallint that is not null. */
  int16(): number {
    this.#length();
    return this.#view.getInt16((this.#at += 2) - 2);
  }

  /** A bigint, exact up to 2^53; `null` for null. */
  int64(): number | null {
    return this.#length() < 0 ? null : readInt64(this.#view, (this.#at += 8) - 8);
  }

  /** The upper half of a bigint that is not null; the lower one is read next. */
  highInt32(): number {
    this.#length();
    return this.#view.getInt32((this.#at += 4) - 4);
  }

  /** The lower half of the bigint whose upper one was just read. */
  lowInt32(): number {
    return this.#view.getInt32((this.#at += 4) - 4);
  }

  /** A boolean that is not null. */
  boolean(): boolean {
    this.#length();
    return this.#view.getUint8(this.#at++) === 1;
  }

  /** The code of a "char"; `null` for null. */
  letter(): number | null {
    return this.#length() < 0 ? null : this.#view.getUint8(this.#at++);
  }

  /** A timestamptz as ms since the epoch, cut to whole ms, or an infinity; `null` for null. */
  instant(): number | null {
    if (this.#length() < 0) return null;
    const at = (this.#at += 8) - 8;
    const high = this.#view.getInt32(at);
    if (high === MOST || high === LEAST) return high === MOST ? Infinity : -Infinity;
    return Math.floor(readInstant(this.#view, at));
  }

  /** A text that is not null. */
  text(): string {
    const length = this.#length();
    return this.#bytes.toString('utf8', this.#at, (this.#at += length));
  }

  /** A text of which rows have the same few: equal ones that follow each other in a column are one string. */
  sharedText(): string | null {
    const column = this.#column;
    const length = this.#length();
    if (length < 0) return null;
    const from = this.#at;
    const end = (this.#at += length);
    const last = this.#last[column];
    if (last !== undefined && last.bytes.length === length && isSame(last.bytes, this.#bytes, from)) return last.text;
    const bytes = this.#bytes.subarray(from, end);
    const text = bytes.toString();
    this.#last[column] = { bytes, text };
    return text;
  }

  #length(): number {
    this.#column++;
    return this.#view.getInt32((this.#at += 4) - 4);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Where the last row ends that is there as a whole, of those that begin at `at`; what marks their end is left out. */
function endOfWholeRows(view: DataView, at: number): number {
  for (;;) {
    const end = rowEnd(view, at);
    if (end === null || end === at) return at;
    at = end;
  }
}

function isSame(bytes: Buffer, others: Buffer, from: number): boolean {
  for (let index = 0; index < bytes.length; index++) if (bytes[index] !== others[from + index]) return false;
  return true;
}
