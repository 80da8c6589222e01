import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockArena, emptyBlock } from '../../rater/block-arena.ts';
import { CallTimeline } from '../../rater/call-timeline.ts';
import { NumberSet } from '../../rater/number-set.ts';

describe('BlockArena', () => {
  it('keeps what blocks hold apart while they grow in turns and take over what others outgrew', () => {
    const turns = fc.array(fc.nat({ max: 4 }), { maxLength: 400 });
    fc.assert(
      fc.property(turns, (order) => {
        const arena = new BlockArena();
        const blocks = Array.from({ length: 5 }, () => ({ block: emptyBlock(), size: 0 }));
        for (const which of order) {
          const owner = blocks[which];
          if (owner === undefined) continue;
          if (owner.size === owner.block.capacity) arena.grow(owner.block, owner.size);
          owner.block.page.doubles[owner.block.offset + owner.size] = which * 1000 + owner.size;
          owner.size += 1;
        }
        for (const [which, { block, size }] of blocks.entries()) {
          const held = Array.from(block.page.doubles.slice(block.offset, block.offset + size));
          expect(held).toEqual(Array.from({ length: size }, (_, index) => which * 1000 + index));
        }
      }),
    );
  });

  it('gives a block larger than a page a page of its own', () => {
    const arena = new BlockArena();
    const block = emptyBlock();
    for (let size = 0; size < 100_000; size++) {
      if (size === block.capacity) arena.grow(block, size);
      block.page.doubles[block.offset + size] = size;
    }
    expect(block.page.doubles[block.offset]).toBe(0);
    expect(block.page.doubles[block.offset + 99_999]).toBe(99_999);
  });

  it('never mixes the numbers of one line with the calls of another', () => {
    const numbers = [new NumberSet(), new NumberSet(), new NumberSet()];
    const timelines = [new CallTimeline(), new CallTimeline(), new CallTimeline()];
    for (let step = 0; step < 900; step++) {
      numbers[step % 3]?.add(33_140_000_000 + ((step * 7919) % 1009));
      timelines[(step * 2) % 3]?.add((step * 104_729) % 2_600_000_000, 1);
    }
    for (const [which, set] of numbers.entries()) {
      const added = Array.from({ length: 300 }, (_, turn) => 33_140_000_000 + (((turn * 3 + which) * 7919) % 1009));
      const sorted = [...new Set(added)].toSorted((a, b) => a - b);
      expect(Array.from({ length: set.size }, (_, index) => set.at(index))).toEqual(sorted);
    }
    expect(timelines.map(({ peak }) => peak)).toEqual([1, 1, 1]);
  });
});
