import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallTimeline } from '../../rater/call-timeline.ts';
import { NumberSet } from '../../rater/number-set.ts';

describe('GrowingSlots', () => {
  it('keeps what arrays hold apart while they grow in turns, are given up and begin anew', () => {
    const turns = fc.array(fc.record({ which: fc.nat({ max: 4 }), release: fc.nat({ max: 30 }) }), { maxLength: 400 });
    fc.assert(
      fc.property(turns, (order) => {
        const sets = Array.from({ length: 5 }, () => ({ set: new NumberSet(), held: [] as number[] }));
        for (const { which, release } of order) {
          const owner = sets[which];
          if (owner === undefined) continue;
          if (release === 0) {
            owner.set.release();
            owner.held = [];
          }
          owner.held.push(which * 1000 + owner.held.length);
          owner.set.add(owner.held.at(-1) ?? 0);
        }
        for (const { set, held } of sets) expect(numbersOf(set)).toEqual(held);
      }),
    );
  });

  it('grows past the size of a page', () => {
    const set = new NumberSet();
    for (let called = 0; called < 100_000; called++) set.add(called);
    expect(set.count).toBe(100_000);
    expect([set.at(0), set.at(99_999)]).toEqual([0, 99_999]);
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
      expect(numbersOf(set)).toEqual(sorted);
    }
    expect(timelines.map(({ peak }) => peak)).toEqual([1, 1, 1]);
  });
});

function numbersOf(set: NumberSet): number[] {
  return Array.from({ length: set.count }, (_, index) => set.at(index));
}
