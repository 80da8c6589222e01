import type { LineState } from './line-state.ts';

/** A slot: the length of an id, its bytes, and which line it is of, in the last of its words. */
const SLOT_BYTES = 32;
const SLOT_WORDS = SLOT_BYTES / 4;
const LONGEST = SLOT_BYTES - 5;
const MAX_LOAD = 0.5;

/**
 * Lines by their id, also as it stands in the bytes of a record: no text is made to look it up, and one place in memory
 * tells whose it is, where a `Map` would read a chain, a hash and a text. Open addressing; 32 to 64 bytes a line.
 */
export class LineIndex {
  #words = new Int32Array(64 * SLOT_WORDS);
  #bytes = new Uint8Array(this.#words.buffer);
  /** By the place in their slot; `null` for one that was taken out, whose slot and place stay its id's. */
  readonly #lines: (LineState | null)[] = [];
  /** Those whose id is too long for a slot, or no plain ASCII. */
  readonly #others = new Map<string, LineState>();

  /** All lines, in no order. */
  *[Symbol.iterator](): Generator<LineState> {
    for (const line of this.#lines) if (line !== null) yield line;
    yield* this.#others.values();
  }

  get(id: string): LineState | undefined {
    const length = writeScratch(id);
    return length < 0 ? this.#others.get(id) : (this.find(scratch, 0, length) ?? undefined);
  }

  /** The line whose id is the ASCII text in `[start, end)` of `bytes`, if it is short; else `null`: `get` must be asked. */
  find(bytes: Uint8Array, start: number, end: number): LineState | null {
    const place = this.placeOf(bytes, start, end);
    return place < 0 ? null : this.#lines[place]!;
  }

  /** The place of that line, which stays its id's for good; -1 where `find` finds none. Places are small integers from 0 on. */
  placeOf(bytes: Uint8Array, start: number, end: number): number {
    if (end - start > LONGEST) return -1;
    const slot = this.#slotOf(bytes, start, end);
    return this.#bytes[slot * SLOT_BYTES] === 0 ? -1 : this.#words[(slot + 1) * SLOT_WORDS - 1]!;
  }

  /** The line at a place; `null` when it was taken out. */
  at(place: number): LineState | null {
    return this.#lines[place] ?? null;
  }

  /** Reads the slot where the search for an id begins, so that it is near when it is searched; returns what it read. */
  touch(bytes: Uint8Array, start: number, end: number): number {
    return this.#words[firstSlot(bytes, start, end, this.#words.length / SLOT_WORDS - 1) * SLOT_WORDS]!;
  }

  /** Adds a line, or replaces the one of the same id. Returns its place; -1 for an id that has none. */
  put(line: LineState): number {
    if (this.#lines.length >= (this.#words.length / SLOT_WORDS) * MAX_LOAD) this.#grow();
    const length = writeScratch(line.id);
    if (length < 0) {
      this.#others.set(line.id, line);
      return -1;
    }
    const slot = this.#slotOf(scratch, 0, length);
    if (this.#bytes[slot * SLOT_BYTES] === 0) {
      this.#bytes[slot * SLOT_BYTES] = length;
      this.#bytes.set(scratch.subarray(0, length), slot * SLOT_BYTES + 1);
      this.#words[(slot + 1) * SLOT_WORDS - 1] = this.#lines.length;
      return this.#lines.push(line) - 1;
    }
    const place = this.#words[(slot + 1) * SLOT_WORDS - 1]!;
    this.#lines[place] = line;
    return place;
  }

  remove(id: string): void {
    const length = writeScratch(id);
    if (length < 0) this.#others.delete(id);
    else if (this.find(scratch, 0, length) !== null) {
      this.#lines[this.#words[(this.#slotOf(scratch, 0, length) + 1) * SLOT_WORDS - 1]!] = null;
    }
  }

  /** The slot of the id in `[start, end)` of `bytes`, or the free one where it would go. */
  #slotOf(bytes: Uint8Array, start: number, end: number): number {
    const known = this.#bytes;
    const mask = known.length / SLOT_BYTES - 1;
    let slot = firstSlot(bytes, start, end, mask);
    while (known[slot * SLOT_BYTES] !== 0 && !isIdAt(known, slot * SLOT_BYTES, bytes, start, end)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  /** Every id, of lines that were taken out too, moves to its slot in twice the room and keeps its place. */
  #grow(): void {
    const words = this.#words;
    const bytes = this.#bytes;
    this.#words = new Int32Array(words.length * 2);
    this.#bytes = new Uint8Array(this.#words.buffer);
    for (let from = 0; from < bytes.length; from += SLOT_BYTES) {
      const length = bytes[from]!;
      if (length === 0) continue;
      const slot = this.#slotOf(bytes, from + 1, from + 1 + length);
      this.#bytes.set(bytes.subarray(from, from + SLOT_BYTES), slot * SLOT_BYTES);
    }
  }
}

/** Where the search for an id begins: FNV-1a. */
function firstSlot(bytes: Uint8Array, start: number, end: number, mask: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return (hash ^ (hash >>> 15)) & mask;
}

const scratch = new Uint8Array(LONGEST);

/** Writes an id that fits a slot and returns its length; -1 for the others. */
function writeScratch(id: string): number {
  if (id.length === 0 || id.length > LONGEST) return -1;
  for (let at = 0; at < id.length; at++) {
    const unit = id.charCodeAt(at);
    if (unit > 0x7f) return -1;
    scratch[at] = unit;
  }
  return id.length;
}

function isIdAt(known: Uint8Array, slotStart: number, bytes: Uint8Array, start: number, end: number): boolean {
  if (known[slotStart] !== end - start) return false;
  for (let at = start; at < end; at++) if (known[slotStart + 1 + at - start] !== bytes[at]) return false;
  return true;
}
