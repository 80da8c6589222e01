import type { MonthCall } from '../entries/month-call.ts';
import { CALLED, DURATION, FACTS, LINE, OFFER, PACKED_WORDS, START, unpackFacts } from './packed-call.ts';

/** Words of a kept call: of its packed entry those that a line's month is built from. */
const KEPT_WORDS = 6;
const KEPT_START = 1;
const KEPT_DURATION = 2;
const KEPT_CALLED = 3;
const KEPT_OFFER = 4;
const KEPT_FACTS = 5;

/**
 * What calls of a block are ordered by: the last bits of their line's number. A power of two; of the lines of a bucket,
 * few share one.
 */
export const LINE_PLACES = 1 << 12;

/** What a month is built from of a call: whose it is and which call it is, a kept call does not say. */
export type KeptCall = Omit<MonthCall, 'account' | 'identityHigh' | 'identityLow'>;

/** Some calls of one bucket and month, packed and by line: 24 bytes a call. What is asked for is one line's calls. */
export class PackedBlock {
  readonly #words: Int32Array;
  readonly #monthStart: number;

  /**
   * @param words packed entries, copied
   * @param ordered the numbers of those to keep, ordered by their `LINE_PLACES`
   * @param monthStart from when their starts count (`startOfMonth`)
   */
  constructor(words: Int32Array, ordered: Uint32Array, monthStart: number) {
    const kept = new Int32Array(ordered.length * KEPT_WORDS);
    let to = 0;
    for (const entry of ordered) {
      const at = entry * PACKED_WORDS;
      kept[to] = words[at + LINE]!;
      kept[to + KEPT_START] = words[at + START]!;
      kept[to + KEPT_DURATION] = words[at + DURATION]!;
      kept[to + KEPT_CALLED] = words[at + CALLED]!;
      kept[to + KEPT_OFFER] = words[at + OFFER]!;
      kept[to + KEPT_FACTS] = words[at + FACTS]!;
      to += KEPT_WORDS;
    }
    this.#words = kept;
    this.#monthStart = monthStart;
  }

  /** How many calls there are, of all lines. */
  get count(): number {
    return this.#words.length / KEPT_WORDS;
  }

  /** The numbers of the lines that have calls here; some more than once. */
  *lines(): Generator<number> {
    let last = Number.NaN;
    for (let at = 0; at < this.#words.length; at += KEPT_WORDS) {
      const line = this.#words[at]!;
      if (line !== last) yield line;
      last = line;
    }
  }

  /**
   * Visits the calls of a line, in the order in which they were posted; returns how many. The same object for every
   * visit.
   */
  visitLine(line: number, visit: (call: KeptCall) => void): number {
    const words = this.#words;
    const place = placeOf(line);
    let visited = 0;
    for (let at = this.#firstOf(place); at < words.length && placeOf(words[at]!) === place; at += KEPT_WORDS) {
      if (words[at] !== line) continue;
      call.line = line;
      unpackFacts(
        call,
        this.#monthStart + (words[at + KEPT_START]! >>> 0),
        words[at + KEPT_DURATION]!,
        words[at + KEPT_CALLED]!,
        words[at + KEPT_OFFER]!,
        words[at + KEPT_FACTS]!,
      );
      visit(call);
      visited++;
    }
    return visited;
  }

  /** Where the first call of a place, or of one after it, begins. */
  #firstOf(place: number): number {
    const words = this.#words;
    let from = 0;
    let to = this.count;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (placeOf(words[middle * KEPT_WORDS]!) < place) from = middle + 1;
      else to = middle;
    }
    return from * KEPT_WORDS;
  }
}

/** By what a block is ordered. */
export function placeOf(line: number): number {
  return line & (LINE_PLACES - 1);
}

const call: KeptCall = { line: 0, startedAt: 0, durationMs: 0, called: 0, isFree: false, offer: 0, flags: 0 };
