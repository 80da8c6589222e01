const SLOT_BYTES = 32;
const LONGEST = SLOT_BYTES - 4;

/**
 * Gives equal ASCII texts the same string, without making it again: lines, switches and user agents repeat.
 * A direct-mapped cache of fixed size: two texts that meet in one slot push each other out, which costs time only.
 * The same string object also carries its hash along, so a `Map` finds it faster downstream, and it keeps no window alive.
 */
export class InternTable {
  readonly #mask: number;
  /** Per slot: the length, then the bytes, in 32-bit words, zero-filled. */
  readonly #words: Int32Array;
  readonly #texts: string[];

  /** `slots` is a power of two; the table takes about 40 bytes a slot. */
  constructor(slots: number) {
    this.#mask = slots - 1;
    this.#words = new Int32Array(slots * (SLOT_BYTES / 4));
    this.#texts = Array.from({ length: slots }, () => '');
  }

  /**
   * The text of bytes `[start, end)` of `view`, at least 4 of them readable after `end`; `window` is the text of the bytes
   * from `windowStart` on. Texts longer than 28 bytes are cut from the window.
   */
  read(view: DataView, start: number, end: number, window: string, windowStart: number): string {
    const length = end - start;
    if (length > LONGEST) return window.substring(start - windowStart, end - windowStart);
    const whole = length & ~3;
    const restMask = (1 << ((length & 3) * 8)) - 1;
    let hash = length;
    for (let i = 0; i < whole; i += 4) hash = Math.imul(hash ^ view.getInt32(start + i, true), 0x9e3779b1);
    const rest = view.getInt32(start + whole, true) & restMask;
    hash = Math.imul(hash ^ rest ^ (hash >>> 15), 0x85ebca6b);
    const slot = (hash ^ (hash >>> 13)) & this.#mask;
    const words = this.#words;
    const base = slot * (SLOT_BYTES / 4);
    let isSame = words[base] === length && words[base + 1 + (whole >> 2)] === rest;
    for (let i = 0; isSame && i < whole; i += 4) {
      isSame = words[base + 1 + (i >> 2)] === view.getInt32(start + i, true);
    }
    if (isSame) return this.#texts[slot] ?? '';
    return this.#store(slot, view, start, length, rest);
  }

  #store(slot: number, view: DataView, start: number, length: number, rest: number): string {
    const base = slot * (SLOT_BYTES / 4);
    const whole = length & ~3;
    for (let i = 0; i < whole; i += 4) this.#words[base + 1 + (i >> 2)] = view.getInt32(start + i, true);
    this.#words[base + 1 + (whole >> 2)] = rest;
    this.#words[base] = length;
    // A string of its own, not a slice that would keep its window alive.
    const text = Buffer.from(view.buffer, view.byteOffset + start, length).toString('latin1');
    this.#texts[slot] = text;
    return text;
  }
}
