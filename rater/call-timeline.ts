import { GrowingSlots } from './growing-slots.ts';

/**
 * The calls of a line's period on one time line, kept sorted by start, and the most that were in progress at one
 * instant. A call is in progress in `[start, start + duration)`. A slot of 8 bytes a call: its start, in ms since the
 * start of the period, and its duration in ms.
 */
export class CallTimeline extends GrowingSlots {
  #longestMs = 0;
  #peak = 0;

  /** Most calls in progress at one instant. */
  get peak(): number {
    return this.#peak;
  }

  /** Adds a call, in any order of starts. The peak can only be at the start of some call. */
  add(startMs: number, durationMs: number): void {
    const index = this.#insert(startMs, durationMs);
    if (durationMs > this.#longestMs) this.#longestMs = durationMs;
    this.#peak = Math.max(this.#peak, this.#inProgressAt(index));
    const end = startMs + durationMs;
    for (let later = index + 1; later < this.size && this.#start(later) < end; later++) {
      this.#peak = Math.max(this.#peak, this.#inProgressAt(later));
    }
  }

  #start(index: number): number {
    return this.page.words[(this.offset + index) * 2]!;
  }

  #duration(index: number): number {
    return this.page.words[(this.offset + index) * 2 + 1]!;
  }

  #insert(startMs: number, durationMs: number): number {
    this.reserve();
    const { words } = this.page;
    let index = this.size;
    while (index > 0 && this.#start(index - 1) > startMs) index--;
    const at = (this.offset + index) * 2;
    if (index < this.size) words.copyWithin(at + 2, at, (this.offset + this.size) * 2);
    words[at] = startMs;
    words[at + 1] = durationMs;
    this.size++;
    return index;
  }

  /** Calls in progress at the start of the call at `index`; those of equal start that follow it count too. */
  #inProgressAt(index: number): number {
    const instant = this.#start(index);
    let count = 0;
    for (let other = index; other < this.size && this.#start(other) === instant; other++) count++;
    for (let other = index - 1; other >= 0; other--) {
      const start = this.#start(other);
      if (start + this.#longestMs <= instant) break;
      if (start + this.#duration(other) > instant) count++;
    }
    return count;
  }
}
