/** Slots of 8 bytes a page; larger blocks have a page of their own. */
const PAGE_SLOTS = 1 << 16;

/** A run of 8-byte slots: as doubles, and the same bytes as pairs of 32-bit numbers. */
export interface Page {
  readonly doubles: Float64Array;
  readonly words: Uint32Array;
}

/** A block of an arena: `capacity` slots of a page from `offset` on. */
export interface Block {
  page: Page;
  offset: number;
  capacity: number;
}

const NO_PAGE = newPage(0);

/** A block without room, to begin with. */
export function emptyBlock(): Block {
  return { page: NO_PAGE, offset: 0, capacity: 0 };
}

/**
 * Memory for very many small growing arrays. A typed array each costs 100 bytes and more beside its contents and an
 * allocation outside the heap at each growth; blocks of shared pages cost nothing beside, and a block that was outgrown
 * is given to the next array that needs one of its size.
 */
export class BlockArena {
  #page = NO_PAGE;
  #used = 0;
  /** Free blocks by capacity. */
  readonly #free = new Map<number, { readonly page: Page; readonly offset: number }[]>();

  /** Moves the first `size` slots of `block` to a larger block: a quarter more room, at least four slots. */
  grow(block: Block, size: number): void {
    const capacity = block.capacity + Math.max(4, (block.capacity >> 4) << 2);
    const { page, offset } = this.#take(capacity);
    // As words: a double may change its bits on the way when they happen to make a NaN.
    const from = block.page.words;
    for (let word = 0; word < size * 2; word++) page.words[offset * 2 + word] = from[block.offset * 2 + word]!;
    this.#give(block);
    block.page = page;
    block.offset = offset;
    block.capacity = capacity;
  }

  #take(capacity: number): { readonly page: Page; readonly offset: number } {
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

  #give({ page, offset, capacity }: Block): void {
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

/** The arena of all months in this process: blocks never leave it, so there is no state to hand around. */
export const monthArena = new BlockArena();
