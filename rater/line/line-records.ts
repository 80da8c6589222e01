import type { CompiledOffer } from '../rate/compiled-offer.ts';
import { factSpanAt, type LineState } from './line-state.ts';

/**
 * Two lines of memory (128 bytes) a line of the directory, side by side: the processor fetches both when it is asked
 * for one.
 */
const RECORD_WORDS = 32;
const RECORD_BYTES = RECORD_WORDS * 4;
/** After the words: the length of the line's id, then its bytes. */
const ID_BYTE = 40;
/** Bytes of the longest id that there is room for. */
export const LONGEST_ID = RECORD_BYTES - ID_BYTE - 1;

/** The words of a line's record. `IS_KNOWN` is 0 where nothing is remembered of it. */
export const IS_KNOWN = 0;
export const LINE_NO = 1;
export const ACCOUNT = 2;
export const BUCKET = 3;
/** The offer in force, by its place in `LineRecords.offers`. */
export const OFFER = 4;
/** Whole ticks of the span of facts: `[FIRST_TICK, END_TICK)`. */
export const FIRST_TICK = 5;
export const END_TICK = 6;
/** The device and address of the last call, as `CallColumns` tells them. */
export const DEVICE = 7;
export const ADDRESS = 8;
/** The line's last month, where its record begins in `monthRecords`. */
export const MONTH = 9;

/**
 * Ids of lines, and what the last ordinary call of each showed, so that the next one like it, from the same device in
 * the same month, is rated without looking at anything else: see `rateOrdinary`. A cache of `LineState`, which has it
 * forgotten when anything changes that it hangs on: facts, holds, the month in memory. A line's id stays as long as
 * the table.
 */
export class LineRecords {
  /**
   * All records, by the line's place in the directory. Replaced when it grows: asked for anew at each call, never
   * kept.
   */
  words = new Int32Array(64 * RECORD_WORDS);
  /** The same memory. */
  #bytes = new Uint8Array(this.words.buffer);
  readonly offers: CompiledOffer[] = [];

  /** Where the record of the line at `place` begins. */
  at(place: number): number {
    return place * RECORD_WORDS;
  }

  /** Where the record of the month that is remembered begins; 0 where none is, which is some other month's. */
  monthOf(place: number): number {
    return this.words[this.at(place) + MONTH]!;
  }

  /** Reads the id and what is remembered, so that they are near when they are asked for; returns what it read. */
  touch(place: number): number {
    return this.#bytes[place * RECORD_BYTES + ID_BYTE]! ^ this.monthOf(place);
  }

  /** Makes the record of a new line, whose id is `[0, length)` of `bytes`, at the next place. */
  add(place: number, bytes: Uint8Array, length: number): void {
    this.#reserve(this.at(place) + RECORD_WORDS);
    const idAt = place * RECORD_BYTES + ID_BYTE;
    this.#bytes[idAt] = length;
    this.#bytes.set(bytes.subarray(0, length), idAt + 1);
  }

  /** Whether the id at a place is what stands in `[start, end)` of `bytes`. */
  hasIdAt(place: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.#bytes;
    const idAt = place * RECORD_BYTES + ID_BYTE;
    if (own[idAt] !== end - start) return false;
    const offset = idAt + 1 - start;
    for (let at = start; at < end; at++) if (own[at + offset] !== bytes[at]) return false;
    return true;
  }

  /** The id at a place. */
  idAt(place: number): Uint8Array {
    const start = place * RECORD_BYTES + ID_BYTE + 1;
    return this.#bytes.subarray(start, start + this.#bytes[start - 1]!);
  }

  /**
   * Remembers what a call of the line at `startedAt` showed, from this device and address, if it was nothing: only a
   * call that was rated with no flag may be told. A line that is held, or has no offer or no month in memory, is not
   * remembered, nor one whose offer asks what the lane does not know.
   */
  remember(place: number, line: LineState, startedAt: number, device: number, address: number): void {
    const factSpan = factSpanAt(line, startedAt);
    const { lastMonth, holds } = line;
    if (factSpan === null || factSpan.offer === null || lastMonth === null || holds.length > 0) return;
    if (!factSpan.offer.isKnownToFastLane) return;
    const record = this.at(place);
    const { words } = this;
    words[record + LINE_NO] = line.no;
    words[record + ACCOUNT] = line.account;
    words[record + BUCKET] = line.bucket;
    words[record + OFFER] = this.#placeOfOffer(factSpan.offer);
    words[record + FIRST_TICK] = factSpan.firstTick;
    words[record + END_TICK] = factSpan.endTick;
    words[record + DEVICE] = device;
    words[record + ADDRESS] = address;
    words[record + MONTH] = lastMonth.month.record;
    words[record + IS_KNOWN] = 1;
  }

  /** Forgets the last call of the line at `place`. */
  forget(place: number): void {
    this.words[this.at(place) + IS_KNOWN] = 0;
  }

  #placeOfOffer(offer: CompiledOffer): number {
    const known = this.offers.indexOf(offer);
    return known >= 0 ? known : this.offers.push(offer) - 1;
  }

  #reserve(words: number): void {
    if (words <= this.words.length) return;
    const grown = new Int32Array(2 ** Math.ceil(Math.log2(words)));
    grown.set(this.words);
    this.words = grown;
    this.#bytes = new Uint8Array(grown.buffer);
  }
}
