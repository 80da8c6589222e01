import { grownLength } from './number-set.ts';

/**
 * The calls of a line's period on one time line, kept sorted by start, and the most that were in progress at one
 * instant. A call is in progress in `[start, start + duration)`. 8 bytes a call.
 */
export class CallTimeline {
  /** ms since the start of the period, and ms. */
  #starts = new Uint32Array(4);
  #durations = new Uint32Array(4);
  #size = 0;
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
    for (let later = index + 1; later < this.#size && this.#starts[later]! < end; later++) {
      this.#peak = Math.max(this.#peak, this.#inProgressAt(later));
    }
  }

  #insert(startMs: number, durationMs: number): number {
    if (this.#size === this.#starts.length) this.#grow();
    let index = this.#size;
    while (index > 0 && this.#starts[index - 1]! > startMs) index--;
    if (index < this.#size) {
      this.#starts.copyWithin(index + 1, index, this.#size);
      this.#durations.copyWithin(index + 1, index, this.#size);
    }
    this.#starts[index] = startMs;
    this.#durations[index] = durationMs;
    this.#size++;
    return index;
  }

  /** Calls in progress at the start of the call at `index`; those of equal start that follow it count too. */
  #inProgressAt(index: number): number {
    const instant = this.#starts[index]!;
    let count = 0;
    for (let other = index; other < this.#size && this.#starts[other] === instant; other++) count++;
    for (let other = index - 1; other >= 0; other--) {
      const start = this.#starts[other]!;
      if (start + this.#longestMs <= instant) break;
      if (start + this.#durations[other]! > instant) count++;
    }
    return count;
  }

  #grow(): void {
    const length = grownLength(this.#starts.length);
    this.#starts = copied(this.#starts, length);
    this.#durations = copied(this.#durations, length);
  }
}

function copied(values: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const copy = new Uint32Array(length);
  copy.set(values);
  return copy;
}
