/** A constant piece of text, as bytes. */
export function pieceOf(ascii: string): Uint8Array {
  return Uint8Array.from(Buffer.from(ascii, 'latin1'));
}

const MILLION = 1_000_000;

/**
 * Writes ASCII texts one after the other into memory that has room for them: the caller sees to that. Texts of records
 * are short, and a loop over their bytes costs less than a call that copies them.
 */
export class ByteWriter {
  bytes: Uint8Array;
  /** Where the next byte goes. */
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  piece(piece: Uint8Array): void {
    const { bytes } = this;
    let { at } = this;
    for (let from = 0; from < piece.length; from++) bytes[at++] = piece[from]!;
    this.at = at;
  }

  /** The bytes `[start, end)` of `from`. */
  copy(from: Uint8Array, start: number, end: number): void {
    const { bytes } = this;
    let { at } = this;
    for (let place = start; place < end; place++) bytes[at++] = from[place]!;
    this.at = at;
  }

  /** A whole number from 0 to 10^15, in decimal. */
  number(value: number): void {
    if (value < MILLION) return this.#digits(value, 1);
    const high = Math.floor(value / MILLION);
    if (high < MILLION) this.#digits(high, 1);
    else {
      this.#digits(Math.floor(high / MILLION), 1);
      this.#digits(high % MILLION, 6);
    }
    this.#digits(value - high * MILLION, 6);
  }

  /** The same below a million, with zeros before it up to so many digits. */
  #digits(value: number, atLeast: number): void {
    let count = atLeast;
    for (let bound = POWERS[atLeast]!; value >= bound; bound *= 10) count++;
    const { bytes, at } = this;
    let rest = value | 0;
    for (let place = at + count - 1; place >= at; place--) {
      const tens = (rest / 10) | 0;
      bytes[place] = 0x30 + rest - tens * 10;
      rest = tens;
    }
    this.at = at + count;
  }

  /** A number below a thousand, with zeros before it up to so many digits. */
  padded(value: number, digits: number): void {
    this.#digits(value, digits);
  }

  /** Leaves room for the length of a text; returns where that text begins. */
  beginText(): number {
    return (this.at += 4);
  }

  /** Sets the length, 4 bytes, big-endian, of the text that began at `from` and ends here. */
  endText(from: number): void {
    const { bytes } = this;
    const length = this.at - from;
    bytes[from - 4] = length >>> 24;
    bytes[from - 3] = length >>> 16;
    bytes[from - 2] = length >>> 8;
    bytes[from - 1] = length;
  }
}

const POWERS = [1, 10, 100, 1_000, 10_000, 100_000, MILLION];

/** Whether the bytes `[aStart, aEnd)` of `a` are the bytes `[bStart, bEnd)` of `b`. */
export function areSameBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): boolean {
  if (aEnd - aStart !== bEnd - bStart) return false;
  for (let at = aStart, other = bStart; at < aEnd; at++, other++) if (a[at] !== b[other]) return false;
  return true;
}
