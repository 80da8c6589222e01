import { NO_PAGE, SlotArena } from './slot-arena.ts';

/**
 * The numbers and the calls of a line's month, 8 bytes each and a little slack, in one block: numbers in ascending order
 * from its beginning, calls by their start from its end, so that either may grow into the room between. One block and one
 * object, because with tens of thousands of lines every place more is memory that the processor waits for.
 * (A `Set<number>` takes 42 bytes a number, see docs/performance.md.)
 */
export class MonthSlots {
  #page = NO_PAGE;
  #start = 0;
  #end = 0;
  #numbers = 0;
  #calls = 0;

  get numberCount(): number {
    return this.#numbers;
  }

  get callCount(): number {
    return this.#calls;
  }

  /** The number at `index` in ascending order. */
  numberAt(index: number): number {
    return this.#page.doubles[this.#start + index]!;
  }

  /** Start of the call at `index` in order of starts, ms since the start of the period. */
  callStart(index: number): number {
    return this.#page.words[(this.#end - 1 - index) * 2]!;
  }

  callDuration(index: number): number {
    return this.#page.words[(this.#end - 1 - index) * 2 + 1]!;
  }

  /** Adds a number; its index, or -1 when it was there. */
  protected addNumber(value: number): number {
    this.#reserve();
    const { doubles } = this.#page;
    const at = lowerBound(doubles, this.#start, this.#start + this.#numbers, value);
    const end = this.#start + this.#numbers;
    if (at < end && doubles[at] === value) return -1;
    for (let slot = end; slot > at; slot--) doubles[slot] = doubles[slot - 1]!;
    doubles[at] = value;
    this.#numbers++;
    return at - this.#start;
  }

  /** Adds a call; its index, after those that started with it or before. */
  protected addCall(startMs: number, durationMs: number): number {
    this.#reserve();
    const { words } = this.#page;
    let index = this.#calls;
    let slot = (this.#end - 1 - index) * 2;
    for (; index > 0 && words[slot + 2]! > startMs; index--, slot += 2) {
      words[slot] = words[slot + 2]!;
      words[slot + 1] = words[slot + 3]!;
    }
    words[slot] = startMs;
    words[slot + 1] = durationMs;
    this.#calls++;
    return index;
  }

  /** Gives its memory back; the month is not used after. */
  release(): void {
    arena.give(this.#page, this.#start, this.#end - this.#start);
    this.#page = NO_PAGE;
    this.#start = 0;
    this.#end = 0;
    this.#numbers = 0;
    this.#calls = 0;
  }

  /** Makes room for one slot more. */
  #reserve(): void {
    const before = this.#end - this.#start;
    if (this.#numbers + this.#calls < before) return;
    const capacity = before + Math.max(8, (before >> 4) << 2);
    const { page, offset } = arena.take(capacity);
    const end = offset + capacity;
    // As words: a double may change its bits on the way when they happen to make a NaN.
    copyWords(this.#page.words, this.#start, page.words, offset, this.#numbers);
    copyWords(this.#page.words, this.#end - this.#calls, page.words, end - this.#calls, this.#calls);
    arena.give(this.#page, this.#start, before);
    this.#page = page;
    this.#start = offset;
    this.#end = end;
  }
}

/** The first index from `low` to `high` whose value is not below `value`. */
function lowerBound(values: Float64Array, low: number, high: number, value: number): number {
  let from = low;
  let to = high;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (values[middle]! < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

function copyWords(from: Uint32Array, fromSlot: number, to: Uint32Array, toSlot: number, slots: number): void {
  for (let word = 0; word < slots * 2; word++) to[toSlot * 2 + word] = from[fromSlot * 2 + word]!;
}

/** The memory of all months in this process: whoever drops a month releases it first. */
const arena = new SlotArena();
