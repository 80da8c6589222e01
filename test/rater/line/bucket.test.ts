import { describe, expect, it } from 'vitest';
import { BUCKET_COUNT, bucketOf, murmur2 } from '../../../rater/line/bucket.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('murmur2()', () => {
  // From the tests of Kafka's Java client.
  it.each([
    ['21', -973_932_308],
    ['foobar', -790_332_482],
    ['a-little-bit-long-string', -985_981_536],
    ['a-little-bit-longer-string', -1_486_304_829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
    ['abc', 479_470_107],
  ])('hashes %s as the Java client does', (text, hash) => {
    expect(murmur2(bytes(text))).toBe(hash);
  });
});

describe('bucketOf()', () => {
  it('is the positive hash modulo 64', () => {
    expect(bucketOf('21')).toBe((-973_932_308 & 0x7fff_ffff) % 64);
    expect(bucketOf('abc')).toBe(479_470_107 % 64);
  });

  it('hashes the UTF-8 bytes of an id', () => {
    expect(bucketOf('société')).toBe((murmur2(bytes('société')) & 0x7fff_ffff) % BUCKET_COUNT);
  });

  it('lines up with any partition count that divides 64', () => {
    for (let account = 0; account < 1000; account++) {
      const positive = murmur2(bytes(`A${account}`)) & 0x7fff_ffff;
      for (const partitions of [1, 2, 4, 8, 16, 32, 64]) {
        expect(bucketOf(`A${account}`) % partitions).toBe(positive % partitions);
      }
    }
  });

  it('spreads accounts over all buckets', () => {
    const buckets = new Set(Array.from({ length: 2000 }, (_, account) => bucketOf(`A${account}`)));
    expect(buckets.size).toBe(BUCKET_COUNT);
  });
});
