/** Slots of 8 bytes a page; larger blocks have a page of their own. */
const PAGE_SLOTS = 1 << 16;

/** A run of 8-byte slots: as doubles, and the same bytes as pairs of 32-bit numbers. */
export interface Page {
  readonly doubles: Float64Array;
  readonly words: Uint32Array;
}

/** So many slots of a page, from `offset` on. */
export interface Block {
  readonly page: Page;
  readonly offset: number;
}

/** The page of blocks that have no slots. */
export const NO_PAGE = newPage(0);

/**
 * Memory for very many small growing arrays. A typed array each costs 100 bytes and more beside its contents and an
 * allocation outside the heap at each growth; blocks of shared pages cost nothing beside, and a block that was outgrown
 * is given to the next array that needs one of its size.
 */
export class SlotArena {
  #page = NO_PAGE;
  #used = 0;
  /** Free blocks by capacity. */
  readonly #free = new Map<number, Block[]>();

  /** A free block of `capacity` slots, with whatever was in it before. */
  take(capacity: number): Block {
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
