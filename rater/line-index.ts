import type { LineState } from './line-state.ts';

const MAX_LOAD = 0.5;

/**
 * Lines by their id, also as it stands in the bytes of a record: no text is made to look it up. Open addressing, 12 bytes
 * a slot; a `Map` would read the id's text, its hash and a chain besides.
 */
export class LineIndex {
  #hashes = new Int32Array(64);
  #lines: (LineState | null)[] = emptySlots(64);
  #count = 0;

  /** All lines, in no order. */
  *[Symbol.iterator](): Generator<LineState> {
    for (const line of this.#lines) if (line !== null) yield line;
  }

  get(id: string): LineState | undefined {
    return this.#lines[this.#slotOfText(id)] ?? undefined;
  }

  /** The line whose id is the ASCII text in `[start, end)` of `bytes`; `null` when none has it. */
  find(bytes: Uint8Array, start: number, end: number): LineState | null {
    let hash = SEED;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, PRIME);
    let slot = this.#homeOf(hash);
    for (let line = this.#lines[slot]!; line !== null; line = this.#lines[slot]!) {
      if (this.#hashes[slot] === hash && isTextAt(line.id, bytes, start, end)) return line;
      slot = this.#next(slot);
    }
    return null;
  }

  /** Adds a line, or replaces the one of the same id. */
  put(line: LineState): void {
    if (this.#count >= this.#lines.length * MAX_LOAD) this.#grow();
    const slot = this.#slotOfText(line.id);
    if (this.#lines[slot] === null) this.#count++;
    this.#hashes[slot] = hashOfText(line.id);
    this.#lines[slot] = line;
  }

  remove(id: string): void {
    const free = this.#slotOfText(id);
    if (this.#lines[free] === null) return;
    this.#count--;
    this.#lines[free] = null;
    // Those that follow may have walked past the slot: they are put in again, up to the next free one.
    for (let slot = this.#next(free); this.#lines[slot] !== null; slot = this.#next(slot)) {
      const line = this.#lines[slot]!;
      this.#lines[slot] = null;
      this.#count--;
      this.put(line);
    }
  }

  /** The slot of the line of that id, or the free one where it would go. */
  #slotOfText(id: string): number {
    const hash = hashOfText(id);
    let slot = this.#homeOf(hash);
    for (let line = this.#lines[slot]!; line !== null && line.id !== id; line = this.#lines[slot]!) {
      slot = this.#next(slot);
    }
    return slot;
  }

  #homeOf(hash: number): number {
    return (hash ^ (hash >>> 15)) & (this.#lines.length - 1);
  }

  #next(slot: number): number {
    return (slot + 1) & (this.#lines.length - 1);
  }

  #grow(): void {
    const lines = this.#lines;
    this.#hashes = new Int32Array(lines.length * 2);
    this.#lines = emptySlots(lines.length * 2);
    this.#count = 0;
    for (const line of lines) if (line !== null) this.put(line);
  }
}

// FNV-1a over the id's characters; what is not ASCII is never looked up by its bytes.
const SEED = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

function hashOfText(text: string): number {
  let hash = SEED;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
  return hash;
}

function isTextAt(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== bytes[start + at]) return false;
  return true;
}

function emptySlots(count: number): (LineState | null)[] {
  return Array.from({ length: count }, () => null);
}
