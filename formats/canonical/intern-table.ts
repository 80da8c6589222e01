const SLOT_WORDS = 16;
const LONGEST = (SLOT_WORDS - 1) * 4 - 1;

/**
 * More texts than this get no number: a switch that writes something else in each record would fill memory with them.
 */
const MAX_NUMBERS = 1 << 16;

/**
 * Gives equal ASCII texts the same string, without making it again, and the same number: switches have few user
 * agents. A direct-mapped cache of fixed size: two texts that meet in one slot push each other out, which costs time
 * only. The same string is equal to itself at first sight, and it keeps no buffer alive.
 */
export class InternTable {
  readonly #mask: number;
  /** Per slot: the length, then the bytes, in 32-bit words, zero-filled. */
  readonly #words: Int32Array;
  readonly #texts: string[];
  /** Per slot, the number of its text, from 1 on; -1 for a text that came when all were given out. */
  readonly #numbers: Int32Array;
  readonly #numberOfText = new Map<string, number>();

  /** `slots` is a power of two; the table takes about 72 bytes a slot. */
  constructor(slots: number) {
    this.#mask = slots - 1;
    this.#words = new Int32Array(slots * SLOT_WORDS);
    this.#texts = Array.from({ length: slots }, () => '');
    this.#numbers = new Int32Array(slots);
  }

  /**
   * The text of bytes `[start, end)` of `view`, at least 4 of them readable after `end`; beyond 59 bytes it is made
   * anew.
   */
  read(view: DataView, start: number, end: number): string {
    return end - start > LONGEST ? asciiText(view, start, end) : this.#texts[this.#slotOf(view, start, end)]!;
  }

  /** A number above 0 for the text, the same for equal texts and for no others; -1 for texts that have none. */
  numberOf(view: DataView, start: number, end: number): number {
    return end - start > LONGEST ? -1 : this.#numbers[this.#slotOf(view, start, end)]!;
  }

  /** The slot that holds the text, by now. */
  #slotOf(view: DataView, start: number, end: number): number {
    const length = end - start;
    const whole = length & ~3;
    const rest = view.getInt32(start + whole, true) & ((1 << ((length & 3) * 8)) - 1);
    let hash = length;
    for (let i = 0; i < whole; i += 4) hash = Math.imul(hash ^ view.getInt32(start + i, true), 0x9e3779b1);
    hash = Math.imul(hash ^ rest ^ (hash >>> 15), 0x85ebca6b);
    const slot = (hash ^ (hash >>> 13)) & this.#mask;
    const words = this.#words;
    const base = slot * SLOT_WORDS;
    let isSame = words[base] === length && words[base + 1 + (whole >> 2)] === rest;
    for (let i = 0; isSame && i < whole; i += 4) {
      isSame = words[base + 1 + (i >> 2)] === view.getInt32(start + i, true);
    }
    if (!isSame || this.#numbers[slot] === 0) this.#store(slot, view, start, length, rest);
    return slot;
  }

  #store(slot: number, view: DataView, start: number, length: number, rest: number): void {
    const base = slot * SLOT_WORDS;
    const whole = length & ~3;
    for (let i = 0; i < whole; i += 4) this.#words[base + 1 + (i >> 2)] = view.getInt32(start + i, true);
    this.#words[base + 1 + (whole >> 2)] = rest;
    this.#words[base] = length;
    const text = asciiText(view, start, start + length);
    this.#texts[slot] = text;
    this.#numbers[slot] = this.#numberOfNew(text);
  }

  #numberOfNew(text: string): number {
    const known = this.#numberOfText.get(text);
    if (known !== undefined) return known;
    if (this.#numberOfText.size === MAX_NUMBERS) return -1;
    const number = this.#numberOfText.size + 1;
    this.#numberOfText.set(text, number);
    return number;
  }
}

/** The bytes `[start, end)` of `view`, all ASCII, as text. */
export function asciiText(view: DataView, start: number, end: number): string {
  return Buffer.from(view.buffer, view.byteOffset + start, end - start).toString('latin1');
}
