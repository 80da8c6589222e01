import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { compilePrefixTrie, findPrefixes } from '../../tariffs/prefix-trie.ts';

const digits = (min: number, max: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[1-9][0-9]{${min - 1},${max - 1}}$`));

it('findPrefixes() finds exactly the prefixes that the digits begin with, shortest first', () => {
  const found = new Int32Array(15);
  fc.assert(
    fc.property(
      fc.uniqueArray(digits(1, 6), { maxLength: 60 }),
      fc.array(digits(1, 15), { minLength: 1 }),
      (prefixes, numbers) => {
        const trie = compilePrefixTrie(prefixes.map((prefix, value) => ({ prefix, value })));
        for (const number of [...numbers, ...prefixes, ...prefixes.map((prefix) => prefix.padEnd(15, '0'))]) {
          const expected = prefixes
            .filter((prefix) => number.startsWith(prefix))
            .toSorted((left, right) => left.length - right.length);
          const count = findPrefixes(trie, Number(number), found);
          expect(Array.from(found.subarray(0, count), (value) => prefixes[value])).toEqual(expected);
        }
      },
    ),
  );
});

it('findPrefixes() holds all 15 nested prefixes of a number of 15 digits', () => {
  const number = '999999999999999';
  const trie = compilePrefixTrie(Array.from(number, (_, value) => ({ prefix: number.slice(0, value + 1), value })));
  expect(findPrefixes(trie, Number(number), new Int32Array(15))).toBe(15);
});
