import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identityHash, SeenCalls } from '../../../rater/index.ts';
import { placeOf } from '../../../rater/fast/seen-calls.ts';

const halves = new Int32Array(2);

/** The identity hash of call `n`. */
function hashOf(n: number): readonly [high: number, low: number] {
  identityHash({ switchId: 'sbc-1', callId: `call-${n}`, legId: 'a' }, halves);
  return [halves[0] ?? 0, halves[1] ?? 0];
}

describe('SeenCalls', () => {
  it('finds the accounts under which an identity was put in, each once', () => {
    const seen = new SeenCalls(16);
    seen.add(5, 7, 42);
    seen.add(5, 7, 43);
    seen.add(5, 7, 42);
    expect(seen.find(5, 7).toSorted()).toEqual([42, 43]);
    expect(seen.has(5, 7)).toBe(true);
  });

  it('spreads under its own seed what was made to lie in one place under another', () => {
    const mask = (1 << 8) - 1;
    const hostile: [number, number][] = [];
    for (let n = 0; hostile.length < 200; n++) {
      const [high, low] = hashOf(n);
      if ((placeOf(high, low, 1) & mask) === 7) hostile.push([high, low]);
    }
    const places = new Set(hostile.map(([high, low]) => placeOf(high, low, 2) & mask));
    // Of 256 places 200 that are chosen by chance fill 139 on average.
    expect(places.size).toBeGreaterThan(110);
  });

  it('takes no more room for what is put in again', () => {
    const seen = new SeenCalls(16);
    for (let n = 0; n < 10_000; n++) seen.add(5, 7, n % 3);
    expect(seen.count).toBe(3);
    expect(seen.find(5, 7)).toEqual([0, 1, 2]);
  });

  it('knows a record in quarantine, which has account 0', () => {
    const seen = new SeenCalls(16);
    seen.add(0, 0, 0);
    expect(seen.find(0, 0)).toEqual([0]);
  });

  it('finds nothing while empty', () => {
    expect(new SeenCalls(16).find(0, 0)).toEqual([]);
    expect(new SeenCalls(16).has(0, 0)).toBe(false);
  });

  it('never misses what was put in, through growth, for any halves', () => {
    const half = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
    const put = fc.tuple(half, half, fc.integer({ min: 0, max: 5_000_000 }));
    fc.assert(
      fc.property(fc.array(put, { maxLength: 300 }), (all) => {
        const seen = new SeenCalls(16);
        for (const [high, low, account] of all) seen.add(high, low, account);
        for (const [high, low, account] of all) {
          expect(seen.has(high, low)).toBe(true);
          expect(seen.find(high, low)).toContain(account);
        }
      }),
    );
  });

  it('never misses what was put in before and after room was made', () => {
    const seen = new SeenCalls(16);
    const put = (from: number, to: number): void => {
      for (let n = from; n < to; n++) seen.add(...hashOf(n), n);
    };
    put(0, 5);
    seen.reserve(1000);
    put(5, 2000);
    seen.reserve(10);
    put(2000, 2100);
    for (let n = 0; n < 2100; n++) expect(seen.find(...hashOf(n))).toContain(n);
    expect(seen.count).toBe(2100);
  });

  it('takes at most 1 in 20,000 new identities for a suspect, through the fill and growth of its tables', () => {
    const seen = new SeenCalls(1 << 16);
    let asked = 0;
    let suspected = 0;
    for (let n = 0; n < 240_000; n++) {
      const [high, low] = hashOf(n);
      asked += 1;
      if (seen.has(high, low)) suspected += 1;
      seen.add(high, low, n % 1000);
    }
    expect(suspected / asked).toBeLessThan(1 / 20_000);
  });
});
