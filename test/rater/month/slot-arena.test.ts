import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Block, NO_PAGE, SlotArena } from '../../../rater/month/slot-arena.ts';

const PAGE_SLOTS = 65_536;

interface Held extends Block {
  readonly capacity: number;
  readonly mark: number;
}

function slotsOf(arena: SlotArena, { page, offset }: Block, capacity: number): Float64Array {
  const slots = arena.pages[page]!.doubles.subarray(offset, offset + capacity);
  expect(slots).toHaveLength(capacity);
  return slots;
}

const capacity = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(1, 2, 8, 12, 100, 1000) },
  { weight: 2, arbitrary: fc.constantFrom(30_000, PAGE_SLOTS - 1, PAGE_SLOTS) },
  { weight: 2, arbitrary: fc.constantFrom(PAGE_SLOTS + 1, PAGE_SLOTS + 8) },
);
/** Takes a block, or gives one back: which, by its place among those held. */
const step = fc.oneof(
  { weight: 2, arbitrary: capacity.map((slots) => ({ take: slots, give: 0 })) },
  { weight: 1, arbitrary: fc.nat(20).map((place) => ({ take: 0, give: place })) },
);

describe('SlotArena', () => {
  it('never gives a slot to two blocks, whatever is taken and given back', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const arena = new SlotArena();
        const held: Held[] = [];
        for (const [mark, { take, give }] of steps.entries()) {
          if (take === 0) {
            for (const { page, offset, capacity: slots } of held.splice(give, 1)) arena.give(page, offset, slots);
            continue;
          }
          const block = arena.take(take);
          slotsOf(arena, block, take).fill(mark);
          held.push({ ...block, capacity: take, mark });
        }
        for (const block of held) {
          expect(slotsOf(arena, block, block.capacity).every((slot) => slot === block.mark)).toBe(true);
        }
      }),
    );
  });

  it('shows the same bytes as doubles and as words', () => {
    const arena = new SlotArena();
    const { page, offset } = arena.take(8);
    const { doubles, words } = arena.pages[page]!;
    words[(offset + 7) * 2 + 1] = 0x3ff00000;
    expect(doubles[offset + 7]).toBe(1);
  });

  it('gives a block that came back to the next that asks for one of its size, and to no other', () => {
    const arena = new SlotArena();
    const first = arena.take(8);
    const second = arena.take(8);
    arena.give(first.page, first.offset, 8);
    expect([arena.take(12), arena.take(4)]).not.toContainEqual(first);
    expect(arena.take(8)).toEqual(first);
    expect([first, second]).not.toContainEqual(arena.take(8));
  });

  it('fills a page to its last slot before it begins another', () => {
    const arena = new SlotArena();
    const blocks = Array.from({ length: 5 }, () => arena.take(PAGE_SLOTS / 4));
    expect(new Set(blocks.slice(0, 4).map(({ page }) => page)).size).toBe(1);
    expect(blocks[4]?.page).not.toBe(blocks[0]?.page);
  });

  it('gives up the page of a large block, and uses its number again', () => {
    const arena = new SlotArena();
    const { page } = arena.take(PAGE_SLOTS + 1);
    const other = arena.take(PAGE_SLOTS + 1);
    expect(other.page).not.toBe(page);
    arena.give(page, 0, PAGE_SLOTS + 1);
    expect(arena.pages[page]?.doubles).toHaveLength(0);
    expect(arena.take(PAGE_SLOTS + 2)).toEqual({ page, offset: 0 });
    expect(arena.pages[page]?.doubles).toHaveLength(PAGE_SLOTS + 2);
    expect(arena.pages[other.page]?.doubles).toHaveLength(PAGE_SLOTS + 1);
  });

  it('uses the number of a page that was given up for one of small blocks too', () => {
    const arena = new SlotArena();
    const { page } = arena.take(PAGE_SLOTS + 1);
    arena.give(page, 0, PAGE_SLOTS + 1);
    expect(arena.take(8)).toEqual({ page, offset: 0 });
    expect(arena.pages).toHaveLength(2);
  });

  it('has a page without slots for blocks without slots', () => {
    const arena = new SlotArena();
    arena.give(NO_PAGE, 0, 0);
    expect(arena.take(8).page).not.toBe(NO_PAGE);
    expect(arena.pages[NO_PAGE]?.doubles).toHaveLength(0);
  });
});
