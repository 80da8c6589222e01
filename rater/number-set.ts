import { GrowingSlots } from './growing-slots.ts';

/**
 * A sorted set of numbers: 8 bytes a number and a little slack, with neighbours side by side, as the measures of
 * sequence and range need them. (A `Set<number>` takes 42 bytes a number, see docs/performance.md.)
 */
export class NumberSet extends GrowingSlots {
  get count(): number {
    return this.size;
  }

  /** The number at `index` in ascending order. */
  at(index: number): number {
    return this.page.doubles[this.offset + index]!;
  }

  /** Adds `value`; `true` when it was not there. */
  add(value: number): boolean {
    const at = this.#lowerBound(value);
    if (at < this.offset + this.size && this.page.doubles[at] === value) return false;
    this.#insert(at - this.offset, value);
    return true;
  }

  #insert(index: number, value: number): void {
    this.reserve();
    const { doubles } = this.page;
    const at = this.offset + index;
    for (let slot = this.offset + this.size; slot > at; slot--) doubles[slot] = doubles[slot - 1]!;
    doubles[at] = value;
    this.size++;
  }

  #lowerBound(value: number): number {
    const { doubles } = this.page;
    let low = this.offset;
    let high = low + this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (doubles[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
