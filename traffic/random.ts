/**
 * Random numbers from a seed (sfc32, 128 bits of state): the same seed and stream give the same numbers on every
 * machine. Every line draws from a stream of its own, so that no line's traffic hangs on how many lines there are
 * before it.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;
  #spareNormal = Number.NaN;

  constructor(seed: string, stream: string) {
    const text = `${seed.length}:${seed}/${stream}`;
    this.#a = hashOf(text, 0x9e3779b9);
    this.#b = hashOf(text, 0x243f6a88);
    this.#c = hashOf(text, 0xb7e15162);
    this.#counter = 1;
    for (let round = 0; round < 12; round++) this.bits();
  }

  /** 32 random bits, as a signed integer. */
  bits(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum;
  }

  /** From 0 (inclusive) to 1 (exclusive). */
  fraction(): number {
    return (this.bits() >>> 0) / 4_294_967_296;
  }

  /** A whole number from 0 to `end - 1`. */
  below(end: number): number {
    return Math.floor(this.fraction() * end);
  }

  /** A whole number from `min` to `max`, both possible. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** One of the items. Throws `RangeError` when there is none. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('Cannot pick an item: there is none');
    return item;
  }

  /** Normally distributed, mean 0, standard deviation 1 (Box and Muller). */
  normal(): number {
    if (!Number.isNaN(this.#spareNormal)) {
      const spare = this.#spareNormal;
      this.#spareNormal = Number.NaN;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.fraction()));
    const angle = 2 * Math.PI * this.fraction();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  lognormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.fraction());
  }

  /** The items in a random order, as a new array. */
  shuffled<T>(items: readonly T[]): T[] {
    const tickets = items.map((item) => ({ item, ticket: this.bits() }));
    return tickets.toSorted((a, b) => a.ticket - b.ticket).map(({ item }) => item);
  }

  /** Eight hexadecimal digits. */
  hex8(): string {
    const bits = this.bits();
    return `${hex4[bits >>> 16]}${hex4[bits & 0xffff]}`;
  }
}

const hex4 = Array.from({ length: 65_536 }, (_, bits) => bits.toString(16).padStart(4, '0'));

/** FNV-1a with MurmurHash3's finalizer, over UTF-16 units. */
function hashOf(text: string, start: number): number {
  let hash = start | 0;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
