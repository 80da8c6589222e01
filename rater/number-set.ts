/**
 * A sorted set of numbers in one typed array: 8 bytes a number and a little slack, with neighbours side by side, as the
 * measures of sequence and range need them. (A `Set<number>` takes 42 bytes a number, see docs/performance.md.)
 */
export class NumberSet {
  #values = new Float64Array(4);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number at `index` in ascending order. */
  at(index: number): number {
    return this.#values[index]!;
  }

  /** Adds `value`; `true` when it was not there. */
  add(value: number): boolean {
    const index = this.#lowerBound(value);
    if (index < this.#size && this.#values[index] === value) return false;
    if (this.#size === this.#values.length) this.#grow();
    this.#values.copyWithin(index + 1, index, this.#size);
    this.#values[index] = value;
    this.#size++;
    return true;
  }

  #lowerBound(value: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#values[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #grow(): void {
    const values = new Float64Array(grownLength(this.#values.length));
    values.set(this.#values);
    this.#values = values;
  }
}

/** The next length of a growing typed array: a quarter more, which wastes an eighth on average. */
export function grownLength(length: number): number {
  return length + Math.max(4, length >> 2);
}
