import { LONGEST_ID, LineRecords } from './line-records.ts';
import type { LineState } from './line-state.ts';

const MAX_LOAD = 0.5;

/**
 * Lines by their id, also as it stands in the bytes of a record: no text is made to look it up. A line's place is a
 * small integer, from 0 on, that stays its id's for good. Open addressing, with slots that are small and ids in
 * `LineRecords`, beside what is asked next, since what it costs is waiting for memory, where a `Map` would read a
 * chain, a hash and a text.
 */
export class LineIndex {
  /** Holds the ids, by place. */
  readonly records = new LineRecords();
  /** 1 and the place of the id; 0 where a slot is free. */
  #slots = new Int32Array(64);
  /** By place; `null` for a line that was taken out. */
  readonly #lines: (LineState | null)[] = [];
  /** Those whose id is too long for the index, or no plain ASCII. */
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

  /**
   * The line whose id is the ASCII text in `[start, end)` of `bytes`, if it is short; else `null`: `get` must be
   * asked.
   */
  find(bytes: Uint8Array, start: number, end: number): LineState | null {
    const place = this.placeOf(hashOfId(bytes, start, end), bytes, start, end);
    return place < 0 ? null : this.#lines[place]!;
  }

  /** The place of the id, of which `hash` is `hashOfId`, also when its line was taken out; -1 for one that has none. */
  placeOf(hash: number, bytes: Uint8Array, start: number, end: number): number {
    if (end - start > LONGEST_ID) return -1;
    return this.#slots[this.#slotOf(hash, bytes, start, end)]! - 1;
  }

  /** The line at a place; `null` when it was taken out. */
  at(place: number): LineState | null {
    return this.#lines[place] ?? null;
  }

  /**
   * Where an id of that hash may be: reads the slot where its search begins, so that it is near when it is searched. -1
   * for nowhere.
   */
  guess(hash: number): number {
    return this.#slots[hash & (this.#slots.length - 1)]! - 1;
  }

  /** Adds a line, or replaces the one of the same id. Returns its place; -1 for an id that has none. */
  put(line: LineState): number {
    const length = writeScratch(line.id);
    if (length < 0) {
      this.#others.set(line.id, line);
      return -1;
    }
    if (this.#lines.length >= this.#slots.length * MAX_LOAD) this.#grow();
    const slot = this.#slotOf(hashOfId(scratch, 0, length), scratch, 0, length);
    const known = this.#slots[slot]! - 1;
    if (known >= 0) {
      this.#lines[known] = line;
      return known;
    }
    const place = this.#lines.push(line) - 1;
    this.#slots[slot] = place + 1;
    this.records.add(place, scratch, length);
    return place;
  }

  remove(id: string): void {
    const length = writeScratch(id);
    if (length < 0) {
      this.#others.delete(id);
      return;
    }
    const place = this.placeOf(hashOfId(scratch, 0, length), scratch, 0, length);
    if (place >= 0) this.#lines[place] = null;
  }

  /** The slot of the id in `[start, end)` of `bytes`, or the free one where it would go. */
  #slotOf(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const { records } = this;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    while (slots[slot] !== 0 && !records.hasIdAt(slots[slot]! - 1, bytes, start, end)) slot = (slot + 1) & mask;
    return slot;
  }

  /** Twice the room: every id, of lines that were taken out too, gets another slot and keeps its place. */
  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let place = 0; place < this.#lines.length; place++) {
      const id = this.records.idAt(place);
      this.#slots[this.#slotOf(hashOfId(id, 0, id.length), id, 0, id.length)] = place + 1;
    }
  }
}

/** The hash by which an index finds the id in `[start, end)` of `bytes`: FNV-1a. */
export function hashOfId(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

const scratch = new Uint8Array(LONGEST_ID);

/** Writes an id that the index can hold and returns its length; -1 for the others. */
function writeScratch(id: string): number {
  if (id.length === 0 || id.length > LONGEST_ID) return -1;
  for (let at = 0; at < id.length; at++) {
    const unit = id.charCodeAt(at);
    if (unit > 0x7f) return -1;
    scratch[at] = unit;
  }
  return id.length;
}
