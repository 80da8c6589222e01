import { COPY_HEADER_BYTES, readInstant, readInt64 } from './binary-copy.ts';

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
  #at = COPY_HEADER_BYTES;
  /** Of each column, the text that was read last: most rows have the same. */
  readonly #last: { bytes: Buffer; text: string }[] = [];
  #column = 0;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Reads a COPY to its end; all of it is in memory then. */
  static async of(chunks: AsyncIterable<Uint8Array>): Promise<CopiedRows> {
    const all: Uint8Array[] = [];
    for await (const chunk of chunks) all.push(chunk);
    return new CopiedRows(Buffer.concat(all));
  }

  /** Goes to the next row, whose values are then read in order, each once; `false` when there is none. */
  next(): boolean {
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

function isSame(bytes: Buffer, others: Buffer, from: number): boolean {
  for (let index = 0; index < bytes.length; index++) if (bytes[index] !== others[from + index]) return false;
  return true;
}
