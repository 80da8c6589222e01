import { type Block, emptyBlock, monthArena } from './block-arena.ts';

/**
 * A sorted set of numbers: 8 bytes a number and a little slack, with neighbours side by side, as the measures of
 * sequence and range need them. (A `Set<number>` takes 42 bytes a number, see docs/performance.md.)
 */
export class NumberSet {
  readonly #block: Block = emptyBlock();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number at `index` in ascending order. */
  at(index: number): number {
    return this.#block.page.doubles[this.#block.offset + index]!;
  }

  /** Adds `value`; `true` when it was not there. */
  add(value: number): boolean {
    const block = this.#block;
    const first = block.offset;
    const at = this.#lowerBound(value);
    if (at < first + this.#size && block.page.doubles[at] === value) return false;
    this.#insert(at - first, value);
    return true;
  }

  #insert(index: number, value: number): void {
    const block = this.#block;
    if (this.#size === block.capacity) monthArena.grow(block, this.#size);
    const { doubles } = block.page;
    const at = block.offset + index;
    for (let slot = block.offset + this.#size; slot > at; slot--) doubles[slot] = doubles[slot - 1]!;
    doubles[at] = value;
    this.#size++;
  }

  #lowerBound(value: number): number {
    const { doubles } = this.#block.page;
    let low = this.#block.offset;
    let high = low + this.#size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (doubles[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
