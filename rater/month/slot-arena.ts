/** Slots of 8 bytes a page; larger blocks have a page of their own. */
const PAGE_SLOTS = 1 << 16;

/** A run of 8-byte slots: as doubles, and the same bytes as pairs of 32-bit numbers. */
export interface Page {
  readonly doubles: Float64Array;
  readonly words: Uint32Array;
}

/** So many slots of a page, from `offset` on. */
export interface Block {
  /** The page's place in `SlotArena.pages`. */
  readonly page: number;
  readonly offset: number;
}

/** The page of blocks that have no slots. */
export const NO_PAGE = 0;

/**
 * Memory for very many small growing arrays. A typed array each costs 100 bytes and more beside its contents and an
 * allocation outside the heap at each growth; blocks of shared pages cost nothing beside, and a block that was
 * outgrown is given to the next array that needs one of its size. Pages go by number, so that who has a block can
 * note it in memory of its own.
 */
export class SlotArena {
  readonly pages: Page[] = [newPage(0)];
  /** The page that is being filled. */
  #filled = NO_PAGE;
  #used = 0;
  /** Free blocks by capacity. */
  readonly #free = new Map<number, Block[]>();
  /** Numbers of pages that were given up. */
  readonly #freePages: number[] = [];

  /** A free block of `capacity` slots, with whatever was in it before. */
  take(capacity: number): Block {
    const free = this.#free.get(capacity)?.pop();
    if (free !== undefined) return free;
    if (capacity > PAGE_SLOTS) return { page: this.#addPage(capacity), offset: 0 };
    if (this.#used + capacity > this.pages[this.#filled]!.doubles.length) {
      this.#filled = this.#addPage(PAGE_SLOTS);
      this.#used = 0;
    }
    const offset = this.#used;
    this.#used += capacity;
    return { page: this.#filled, offset };
  }

  /** Takes a block back for the next that asks for one of its size; the page of a large one is given up. */
  give(page: number, offset: number, capacity: number): void {
    if (capacity === 0) return;
    if (capacity > PAGE_SLOTS) {
      this.pages[page] = this.pages[NO_PAGE]!;
      this.#freePages.push(page);
      return;
    }
    const free = this.#free.get(capacity);
    if (free === undefined) this.#free.set(capacity, [{ page, offset }]);
    else free.push({ page, offset });
  }

  #addPage(slots: number): number {
    const page = this.#freePages.pop() ?? this.pages.length;
    this.pages[page] = newPage(slots);
    return page;
  }
}

function newPage(slots: number): Page {
  const doubles = new Float64Array(slots);
  return { doubles, words: new Uint32Array(doubles.buffer) };
}
