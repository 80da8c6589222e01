const ZERO = 0x30;
const MINUS = 0x2d;
const DOT = 0x2e;
const QUOTE = 0x22;
const COLON = 0x3a;
const LETTER_Z = 0x5a;
export const DAY_MS = 86_400_000;
/** Pieces are written in so many bytes at once: what they write beyond their end is overwritten by what follows. */
export const WORD_BYTES = 8;
/** Longer ones are copied by the engine, shorter ones by a loop, which costs less than the call. */
const LONGEST_BY_WORDS = 64;
const SHORT_STRETCH = 48;

/** `00` to `99`, and `00` to `ff`: both digits at once, the first one lower. */
const PAIRS = Uint16Array.from({ length: 100 }, (_, pair) => pairOf(String(pair).padStart(2, '0')));
const HEX_PAIRS = Uint16Array.from({ length: 256 }, (_, pair) => pairOf(pair.toString(16).padStart(2, '0')));

function pairOf(text: string): number {
  return text.charCodeAt(0) | (text.charCodeAt(1) << 8);
}

/**
 * A constant piece of JSON, as bytes in words of eight. A word is moved as a float, which it can be taken for: no text
 * in UTF-8 has the bytes of one that is no number, whose bits an engine may change.
 */
export interface Piece {
  readonly bytes: Uint8Array;
  /** The same: the last word has zeros beyond the end. */
  readonly words: Float64Array;
  readonly length: number;
}

/** A constant piece of JSON. */
export function piece(json: string): Piece {
  const bytes = Buffer.from(json, 'utf8');
  const padded = new Uint8Array(Math.ceil(bytes.length / WORD_BYTES) * WORD_BYTES);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  const words = Float64Array.from({ length: padded.length / WORD_BYTES }, (_, word) =>
    view.getFloat64(word * WORD_BYTES, true),
  );
  return { bytes: padded.subarray(0, bytes.length), words, length: bytes.length };
}

/** `"2026-11-02T` of a day since the epoch. */
export function dateJson(day: number): string {
  return `"${new Date(day * DAY_MS).toISOString().slice(0, 11)}`;
}

/** A period `202611` as `"2026-11"`. */
export function periodJson(period: number): string {
  return `"${Math.floor(period / 100)}-${String(period % 100).padStart(2, '0')}"`;
}

/**
 * Writes JSON as bytes into a buffer that grows, without a string in between: strings cost four times as much, and this
 * is done for every call.
 */
export class JsonBytes {
  readonly #size: number;
  #bytes: Buffer;
  #view: DataView;
  #end = 0;

  constructor(bytes: number) {
    this.#size = bytes;
    this.#bytes = Buffer.allocUnsafe(bytes + WORD_BYTES);
    this.#view = viewOf(this.#bytes);
  }

  get length(): number {
    return this.#end;
  }

  /** Makes room; to be asked before more is written. */
  reserve(more: number): void {
    const needed = this.#end + more + WORD_BYTES;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#end);
    this.#use(grown);
  }

  #use(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }

  /** What was written; it holds until `clear`. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#end);
  }

  /** What was written, to keep: what is written next goes elsewhere. */
  take(): Buffer {
    const { written } = this;
    this.#use(Buffer.allocUnsafe(this.#size + WORD_BYTES));
    this.#end = 0;
    return written;
  }

  /** Begins anew. */
  clear(): void {
    this.#end = 0;
  }

  byte(value: number): void {
    this.#bytes[this.#end++] = value;
  }

  piece({ bytes, words, length }: Piece): void {
    let at = this.#end;
    this.#end = at + length;
    if (length > LONGEST_BY_WORDS) {
      this.#bytes.set(bytes, at);
      return;
    }
    const view = this.#view;
    for (let word = 0; word < words.length; word++, at += WORD_BYTES) view.setFloat64(at, words[word]!, true);
  }

  /** A piece of JSON that stands within other memory, with zeros after it up to a whole number of words of eight. */
  words(from: DataView, start: number, length: number): void {
    const view = this.#view;
    const shift = this.#end - start;
    this.#end += length;
    for (let at = start; at < start + length; at += WORD_BYTES) {
      view.setFloat64(at + shift, from.getFloat64(at, true), true);
    }
  }

  /** Bytes of another buffer, as they are. */
  raw(from: Buffer, start: number, end: number): void {
    if (end - start > SHORT_STRETCH) this.#end += from.copy(this.#bytes, this.#end, start, end);
    else for (let at = start; at < end; at++) this.#bytes[this.#end++] = from[at]!;
  }

  /** A whole number, not negative. */
  whole(value: number): void {
    if (value <= 0x7fff_ffff) this.#small(value | 0);
    else {
      const millions = Math.floor(value / 1_000_000);
      this.whole(millions);
      this.#sixDigits(value - millions * 1_000_000);
    }
  }

  /** One below 2^31. */
  #small(value: number): void {
    const bytes = this.#bytes;
    const view = this.#view;
    let at = this.#end + digitsOf(value);
    this.#end = at;
    let rest = value;
    while (rest >= 100) {
      const hundredth = (rest / 100) | 0;
      at -= 2;
      view.setUint16(at, PAIRS[rest - hundredth * 100]!, true);
      rest = hundredth;
    }
    if (rest >= 10) view.setUint16(at - 2, PAIRS[rest]!, true);
    else bytes[at - 1] = ZERO + rest;
  }

  #sixDigits(value: number): void {
    const thousands = (value / 10_000) | 0;
    const rest = value - thousands * 10_000;
    const hundreds = (rest / 100) | 0;
    this.#pair(thousands);
    this.#pair(hundreds);
    this.#pair(rest - hundreds * 100);
  }

  #pair(value: number): void {
    this.#view.setUint16(this.#end, PAIRS[value]!, true);
    this.#end += 2;
  }

  /** Micros as quoted decimal with six places. */
  money(micros: number): void {
    const bytes = this.#bytes;
    bytes[this.#end++] = QUOTE;
    if (micros < 0) bytes[this.#end++] = MINUS;
    const size = Math.abs(micros);
    const units = Math.floor(size / 1_000_000);
    this.whole(units);
    bytes[this.#end++] = DOT;
    this.#sixDigits(size - units * 1_000_000);
    bytes[this.#end++] = QUOTE;
  }

  /** The time of an instant, ms since its day began, as `10:00:00.000Z"`: what follows `dateJson`. */
  time(inDay: number): void {
    const bytes = this.#bytes;
    const seconds = (inDay / 1000) | 0;
    const minutes = (seconds / 60) | 0;
    const hours = (minutes / 60) | 0;
    const ms = (inDay - seconds * 1000) | 0;
    const tenths = (ms / 10) | 0;
    this.#pair(hours);
    bytes[this.#end++] = COLON;
    this.#pair(minutes - hours * 60);
    bytes[this.#end++] = COLON;
    this.#pair(seconds - minutes * 60);
    bytes[this.#end++] = DOT;
    this.#pair(tenths);
    bytes[this.#end++] = ZERO + ms - tenths * 10;
    bytes[this.#end++] = LETTER_Z;
    bytes[this.#end++] = QUOTE;
  }

  /** 64 bits, in two halves, as 16 hex digits. */
  hex(high: number, low: number): void {
    this.#hex32(high);
    this.#hex32(low);
  }

  #hex32(value: number): void {
    const view = this.#view;
    const at = this.#end;
    view.setUint16(at, HEX_PAIRS[value >>> 24]!, true);
    view.setUint16(at + 2, HEX_PAIRS[(value >>> 16) & 255]!, true);
    view.setUint16(at + 4, HEX_PAIRS[(value >>> 8) & 255]!, true);
    view.setUint16(at + 6, HEX_PAIRS[value & 255]!, true);
    this.#end = at + 8;
  }
}

/** Its bytes, as numbers of any width. */
export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function digitsOf(value: number): number {
  if (value < 100_000) {
    if (value < 100) return value < 10 ? 1 : 2;
    if (value < 1_000) return 3;
    return value < 10_000 ? 4 : 5;
  }
  if (value < 10_000_000) return value < 1_000_000 ? 6 : 7;
  if (value < 100_000_000) return 8;
  return value < 1_000_000_000 ? 9 : 10;
}
