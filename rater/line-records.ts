import type { CompiledOffer } from './compiled-offer.ts';
import { epochAt, type LineState } from './line-state.ts';

/** One line of memory (64 bytes) a line of the directory. */
const RECORD_WORDS = 16;

/** The words of a line's record. `IS_KNOWN` is 0 where nothing is remembered of it. */
export const IS_KNOWN = 0;
export const LINE_NO = 1;
export const ACCOUNT = 2;
export const BUCKET = 3;
/** The offer in force, by its place in `LineRecords.offers`. */
export const OFFER = 4;
/** Whole ticks of the epoch: `[FIRST_TICK, END_TICK)`. */
export const FIRST_TICK = 5;
export const END_TICK = 6;
/** The device and address of the last call, as `CallColumns` tells them. */
export const DEVICE = 7;
export const ADDRESS = 8;
/** The line's last month, where its record begins in `monthRecords`. */
export const MONTH = 9;

/**
 * What the last ordinary call of a line showed, so that the next one like it, from the same device in the same month, is rated
 * without looking at anything else: see `rateOrdinary`. A cache of `LineState`, which has it forgotten when anything changes
 * that it hangs on: facts, holds, the month in memory.
 */
export class LineRecords {
  /** All records, by the line's place in the directory. Replaced when it grows: asked for anew at each call, never kept. */
  words = new Int32Array(64 * RECORD_WORDS);
  readonly offers: CompiledOffer[] = [];

  /** Where the record of the line at `place` begins. */
  at(place: number): number {
    return place * RECORD_WORDS;
  }

  /** Reads the record, so that it is near when it is asked for: where the record of the line's last month began, 0 for none. */
  monthOf(place: number): number {
    const record = this.at(place);
    return record < this.words.length ? this.words[record + MONTH]! : 0;
  }

  /**
   * Remembers what a call of the line at `startedAt` showed, from this device and address, if it was nothing: only a call
   * that was rated with no flag may be told. A line that is held, or has no offer or no month in memory, is not remembered.
   */
  remember(place: number, line: LineState, startedAt: number, device: number, address: number): void {
    const epoch = epochAt(line, startedAt);
    const { lastMonth, holds } = line;
    if (epoch === null || epoch.offer === null || lastMonth === null || holds.length > 0) return;
    const record = this.at(place);
    this.#reserve(record + RECORD_WORDS);
    const { words } = this;
    words[record + LINE_NO] = line.no;
    words[record + ACCOUNT] = line.account;
    words[record + BUCKET] = line.bucket;
    words[record + OFFER] = this.#placeOfOffer(epoch.offer);
    words[record + FIRST_TICK] = epoch.firstTick;
    words[record + END_TICK] = epoch.endTick;
    words[record + DEVICE] = device;
    words[record + ADDRESS] = address;
    words[record + MONTH] = lastMonth.month.record;
    words[record + IS_KNOWN] = 1;
  }

  /** Forgets the last call of the line at `place`. */
  forget(place: number): void {
    const record = this.at(place);
    if (record < this.words.length) this.words[record + IS_KNOWN] = 0;
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
  }
}
