/** Slots of 8 bytes a page; larger blocks have a page of their own. */
const PAGE_SLOTS = 1 << 16;

/** A run of 8-byte slots: as doubles, and the same bytes as pairs of 32-bit numbers. */
interface Page {
  readonly doubles: Float64Array;
  readonly words: Uint32Array;
}

const NO_PAGE = newPage(0);

/**
 * An array of 8-byte slots that grows within an arena. Made to be extended, so that the array and what it is for are one
 * object: with tens of thousands of lines every object more is memory that the processor waits for.
 */
export class GrowingSlots {
  protected page = NO_PAGE;
  /** Index of the first slot in the page. */
  protected offset = 0;
  protected capacity = 0;
  protected size = 0;

  /** Makes room for one slot more. */
  protected reserve(): void {
    if (this.size < this.capacity) return;
    const capacity = this.capacity + Math.max(8, (this.capacity >> 4) << 2);
    const { page, offset } = monthArena.take(capacity);
    // As words: a double may change its bits on the way when they happen to make a NaN.
    const from = this.page.words;
    for (let word = 0; word < this.size * 2; word++) page.words[offset * 2 + word] = from[this.offset * 2 + word]!;
    monthArena.give(this.page, this.offset, this.capacity);
    this.page = page;
    this.offset = offset;
    this.capacity = capacity;
  }

  /** Gives the memory back; the array is empty and can't be told from a new one. */
  release(): void {
    monthArena.give(this.page, this.offset, this.capacity);
    this.page = NO_PAGE;
    this.offset = 0;
    this.capacity = 0;
    this.size = 0;
  }
}

/**
 * Memory for very many small growing arrays. A typed array each costs 100 bytes and more beside its contents and an
 * allocation outside the heap at each growth; blocks of shared pages cost nothing beside, and a block that was outgrown
 * is given to the next array that needs one of its size.
 */
class BlockArena {
  #page = NO_PAGE;
  #used = 0;
  /** Free blocks by capacity. */
  readonly #free = new Map<number, { readonly page: Page; readonly offset: number }[]>();

  /** A free block of `capacity` slots, with whatever was in it before. */
  take(capacity: number): { readonly page: Page; readonly offset: number } {
    const free = this.#free.get(capacity)?.pop();
    if (free !== undefined) return free;
    if (capacity > PAGE_SLOTS) return { page: newPage(capacity), offset: 0 };
    if (this.#used + capacity > this.#page.doubles.length) {
      this.#page = newPage(PAGE_SLOTS);
      this.#used = 0;
    }
    const offset = this.#used;
    this.#used += capacity;
    return { page: this.#page, offset };
  }

  /** Takes a block back for the next that asks for one of its size. */
  give(page: Page, offset: number, capacity: number): void {
    if (capacity === 0 || capacity > PAGE_SLOTS) return;
    const free = this.#free.get(capacity);
    if (free === undefined) this.#free.set(capacity, [{ page, offset }]);
    else free.push({ page, offset });
  }
}

function newPage(slots: number): Page {
  const doubles = new Float64Array(slots);
  return { doubles, words: new Uint32Array(doubles.buffer) };
}

/** The arena of all months in this process: whoever drops a month releases it first. */
const monthArena = new BlockArena();
