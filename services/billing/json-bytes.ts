const ZERO = 0x30;
const MINUS = 0x2d;
const DOT = 0x2e;
const QUOTE = 0x22;
const COLON = 0x3a;
const DAY_MS = 86_400_000;
const HEX = Buffer.from('0123456789abcdef');
/** Longer pieces are copied by the engine, shorter ones by a loop, which costs less than the call. */
const SHORT_PIECE = 48;

/** Days whose dates are kept, by their remainders: those of two months, among which entries go to and fro. */
const KEPT_DAYS = 64;
const keptDays = new Float64Array(KEPT_DAYS).fill(Number.NaN);
const keptDates: Uint8Array[] = Array.from({ length: KEPT_DAYS }, () => new Uint8Array());

/** `"2026-11-02T` of a day since the epoch. */
function dateOf(day: number): Uint8Array {
  const at = day & (KEPT_DAYS - 1);
  if (keptDays[at] === day) return keptDates[at]!;
  keptDays[at] = day;
  return (keptDates[at] = piece(`"${new Date(day * DAY_MS).toISOString().slice(0, 11)}`));
}

/** A constant piece of JSON, as bytes. */
export function piece(json: string): Uint8Array {
  return new Uint8Array(Buffer.from(json));
}

/**
 * Writes JSON as bytes into a buffer that grows, without a string in between: strings cost four times as much, and this
 * is done for every call.
 */
export class JsonBytes {
  readonly #size: number;
  #bytes: Buffer;
  #end = 0;

  constructor(bytes: number) {
    this.#size = bytes;
    this.#bytes = Buffer.allocUnsafe(bytes);
  }

  get length(): number {
    return this.#end;
  }

  /** Makes room; to be asked before more is written. */
  reserve(more: number): void {
    const needed = this.#end + more;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#end);
    this.#bytes = grown;
  }

  /** What was written; it holds until `clear`. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#end);
  }

  /** What was written, to keep: what is written next goes elsewhere. */
  take(): Buffer {
    const { written } = this;
    this.#bytes = Buffer.allocUnsafe(this.#size);
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

  piece(json: Uint8Array): void {
    const bytes = this.#bytes;
    const end = this.#end;
    if (json.length > SHORT_PIECE) bytes.set(json, end);
    else for (let i = 0; i < json.length; i++) bytes[end + i] = json[i]!;
    this.#end = end + json.length;
  }

  /** Bytes of another buffer, as they are. */
  raw(from: Buffer, start: number, end: number): void {
    if (end - start > SHORT_PIECE) this.#end += from.copy(this.#bytes, this.#end, start, end);
    else for (let at = start; at < end; at++) this.#bytes[this.#end++] = from[at]!;
  }

  /** A whole number, not negative. */
  whole(value: number): void {
    let size = 1;
    for (let limit = 10; value >= limit; limit *= 10) size++;
    let at = this.#end + size;
    this.#end = at;
    const bytes = this.#bytes;
    let rest = value;
    while (rest > 0x7fff_ffff) {
      const tenth = Math.floor(rest / 10);
      bytes[--at] = ZERO + (rest - tenth * 10);
      rest = tenth;
    }
    let small = rest | 0;
    do {
      const tenth = (small / 10) | 0;
      bytes[--at] = ZERO + small - tenth * 10;
      small = tenth;
    } while (small > 0);
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
    this.#digits(size - units * 1_000_000, 6);
    bytes[this.#end++] = QUOTE;
  }

  /** ms since the epoch as quoted ISO 8601 in UTC. */
  instant(ms: number): void {
    const bytes = this.#bytes;
    const day = Math.floor(ms / DAY_MS);
    this.piece(dateOf(day));
    const inDay = ms - day * DAY_MS;
    const seconds = (inDay / 1000) | 0;
    const minutes = (seconds / 60) | 0;
    const hours = (minutes / 60) | 0;
    this.#digits(hours, 2);
    bytes[this.#end++] = COLON;
    this.#digits(minutes - hours * 60, 2);
    bytes[this.#end++] = COLON;
    this.#digits(seconds - minutes * 60, 2);
    bytes[this.#end++] = DOT;
    this.#digits(inDay - seconds * 1000, 3);
    bytes[this.#end++] = 0x5a;
    bytes[this.#end++] = QUOTE;
  }

  /** A period `202611` as `"2026-11"`. */
  period(period: number): void {
    const year = (period / 100) | 0;
    this.#bytes[this.#end++] = QUOTE;
    this.#digits(year, 4);
    this.#bytes[this.#end++] = MINUS;
    this.#digits(period - year * 100, 2);
    this.#bytes[this.#end++] = QUOTE;
  }

  /** 64 bits, in two halves, as 16 hex digits. */
  hex(high: number, low: number): void {
    this.#hex32(high);
    this.#hex32(low);
  }

  #hex32(value: number): void {
    const bytes = this.#bytes;
    let at = this.#end;
    for (let shift = 28; shift >= 0; shift -= 4) bytes[at++] = HEX[(value >>> shift) & 15]!;
    this.#end = at;
  }

  /** The last `count` digits of a number below 2^31. */
  #digits(value: number, count: number): void {
    const bytes = this.#bytes;
    let at = this.#end + count;
    this.#end = at;
    let rest = value | 0;
    for (let i = 0; i < count; i++) {
      const tenth = (rest / 10) | 0;
      bytes[--at] = ZERO + (rest - tenth * 10);
      rest = tenth;
    }
  }
}
