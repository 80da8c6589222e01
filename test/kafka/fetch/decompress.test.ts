import { gzipSync, zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import * as lz4 from 'lz4js';
import snappy from 'snappyjs';
import { describe, expect, it } from 'vitest';
import { type Codec, decompressUpTo, decompressedChunks } from '../../../kafka/fetch/decompress.ts';
import { UnreadableError } from '../../../kafka/fetch/unreadable-error.ts';
import { xerial } from '../../support/record-batch.ts';

/** Bytes that compress in all ways: random ones, runs, and repetitions near and far. */
const plainBytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((some) => Buffer.from(some)),
      fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 3_000 })).map(([byte, length]) => Buffer.alloc(length, byte)),
      fc
        .tuple(fc.string({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 400 }))
        .map(([text, times]) => Buffer.from(text.repeat(times))),
    ),
    { maxLength: 30 },
  )
  .map((parts) => Buffer.concat([...parts, ...parts.slice(0, 3)]));

const WAYS: readonly (readonly [string, Codec, (plain: Buffer) => Buffer])[] = [
  ['gzip', 'gzip', (plain) => gzipSync(plain)],
  [
    'gzip in two members',
    'gzip',
    (plain) => Buffer.concat([gzipSync(plain.subarray(0, 9)), gzipSync(plain.subarray(9))]),
  ],
  ['zstd', 'zstd', (plain) => zstdCompressSync(plain)],
  [
    'zstd in two frames',
    'zstd',
    (plain) => Buffer.concat([zstdCompressSync(plain.subarray(0, 9)), zstdCompressSync(plain.subarray(9))]),
  ],
  ['lz4', 'lz4', (plain) => Buffer.from(lz4.compress(plain))],
  [
    'lz4 in two frames',
    'lz4',
    (plain) => Buffer.concat([lz4.compress(plain.subarray(0, 9)), lz4.compress(plain.subarray(9))]),
  ],
  ['snappy in one block', 'snappy', (plain) => Buffer.from(snappy.compress(plain))],
  ['snappy as Java frames it', 'snappy', (plain) => xerial(plain, 1_000)],
];

async function streamed(codec: Codec, compressed: Buffer): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of decompressedChunks(codec, compressed)) parts.push(chunk);
  return Buffer.concat(parts);
}

describe.each(WAYS)('%s', (_name, codec, compress) => {
  it('is read as it was written, at once and in parts', async () => {
    await fc.assert(
      fc.asyncProperty(plainBytes, async (plain) => {
        const compressed = compress(plain);
        expect(decompressUpTo(codec, compressed, plain.length + 1)?.equals(plain)).toBe(true);
        expect((await streamed(codec, compressed)).equals(plain)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('is not read beyond what there is room for, and told to be damaged where it is cut off', async () => {
    const plain = Buffer.alloc(3_000_000, 'abcdefghij');
    const compressed = compress(plain);
    expect(decompressUpTo(codec, compressed, 1_000_000)).toBe(null);
    expect((await streamed(codec, compressed)).equals(plain)).toBe(true);
    const cut = compressed.subarray(0, compressed.length >> 1);
    expect(() => decompressUpTo(codec, cut, 10_000_000)).toThrow(UnreadableError);
    await expect(streamed(codec, cut)).rejects.toThrow(UnreadableError);
  });

  it('never breaks down over damage', async () => {
    const compressed = compress(Buffer.from('a call, and another call, and one more call '.repeat(50)));
    await fc.assert(
      fc.asyncProperty(fc.nat(compressed.length - 1), fc.nat(255), async (at, byte) => {
        const damaged = Buffer.from(compressed);
        damaged[at] = byte;
        const outcome = await streamed(codec, damaged).catch((error: unknown) => error);
        const isSmall = Buffer.isBuffer(outcome) && outcome.length < 10_000_000;
        expect(outcome instanceof UnreadableError || isSmall).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

describe('lengths that are forged', () => {
  it('take no memory: lz4 with a content of 8 exabytes, snappy with blocks of 4 GB', async () => {
    const lz4Frame = Buffer.from('04224d1868400000000000000080', 'hex');
    const flagged = Buffer.concat([lz4Frame, Buffer.from([0, 2, 0, 0, 0x80, 1, 2])]);
    const snappyBlock = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x61]);
    const before = process.memoryUsage().rss;
    for (const [codec, forged] of [
      ['lz4', flagged],
      ['snappy', snappyBlock],
    ] as const) {
      expect(() => decompressUpTo(codec, forged, 16_777_216)).toThrow(UnreadableError);
      await expect(streamed(codec, forged)).rejects.toThrow(UnreadableError);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  });
});

describe('frames of lz4 as other writers make them', () => {
  it('are read with checksums, the size of the content, and blocks that go back to the one before', () => {
    const plain = Buffer.from('fairtally '.repeat(3));
    const literals = Buffer.from(plain);
    const flags = 0x40 | 0x10 | 0x08 | 0x04;
    const head = Buffer.concat([
      Buffer.from('04224d18', 'hex'),
      Buffer.from([flags, 0x40]),
      Buffer.alloc(8),
      Buffer.from([0]),
    ]);
    const first = block(Buffer.concat([Buffer.from([0xf0, literals.length - 15]), literals]));
    // Ten literals of nothing, then a match of 30 bytes that stand 30 before, in the first block; then five literals.
    const second = block(Buffer.from([0x0f, 30, 0, 11, 0x50, ...Buffer.from('-end-')]));
    const frame = Buffer.concat([head, first, second, Buffer.alloc(4), Buffer.alloc(4)]);
    expect(decompressUpTo('lz4', frame, 1_000)?.toString()).toBe(`${plain.toString().repeat(2)}-end-`);
  });
});

/** A compressed block, with its length in front and a checksum behind. */
function block(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes, Buffer.alloc(4)]);
}
