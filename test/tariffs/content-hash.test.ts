import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { contentHash } from '../../tariffs/content-hash.ts';

it('contentHash() gives the published FNV-1a 64 values', () => {
  expect(contentHash('')).toBe('cbf29ce484222325');
  expect(contentHash('a')).toBe('af63dc4c8601ec8c');
  expect(contentHash('foobar')).toBe('85944171f73967e8');
});

it('contentHash() equals the same sum in big integers', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      let hash = 0xcbf29ce484222325n;
      for (const byte of new TextEncoder().encode(text))
        hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
      expect(contentHash(text)).toBe(hash.toString(16).padStart(16, '0'));
    }),
  );
});
