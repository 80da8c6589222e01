import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gunzipChunks, peek, skip } from '../../../ingest/files/byte-chunks.ts';
import { SourceError } from '../../../ingest/files/source-error.ts';
import { fileChunks } from '../../../ingest/files/source-file.ts';

let folder: string;
let path: string;
/** More than two reads of a file, and no two places in it alike. */
const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => `${index} line\n`).join(''));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-chunks-'));
  path = join(folder, 'calls.ndjson');
  writeFileSync(path, bytes);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Chunks of `sizes` bytes and then the rest, all in one buffer: each holds until the next is asked for. */
async function* chunksInOneBuffer(content: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  const buffer = Buffer.alloc(content.length);
  let at = 0;
  for (const size of [...sizes, content.length]) {
    const chunk = content.subarray(at, at + size);
    if (chunk.length === 0) return;
    buffer.fill('?');
    chunk.copy(buffer);
    yield buffer.subarray(0, chunk.length);
    at += chunk.length;
  }
}

/** All bytes of the chunks, each copied as soon as it comes. */
async function bytesOf(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const chunk of chunks) copies.push(Buffer.from(chunk));
  return Buffer.concat(copies);
}

describe('fileChunks()', () => {
  test.each([0, 1, 1_048_575, 1_048_576, 1_048_577])('reads a file of several reads from byte %d on', async (from) => {
    expect((await bytesOf(fileChunks(path, from))).equals(bytes.subarray(from))).toBe(true);
  });

  test('lays every chunk into the same buffer', async () => {
    const buffers = new Set<ArrayBufferLike>();
    for await (const chunk of fileChunks(path)) buffers.add(chunk.buffer);
    expect(buffers.size).toBe(1);
  });
});

describe('peek()', () => {
  const text = Buffer.from('abcdefghij');

  test.each([
    ['a first read of one byte', [1]],
    ['several short reads', [1, 2, 1]],
    ['a first read that is enough', [5]],
  ])('keeps what it took when the source uses its buffer again: %s', async (_, sizes) => {
    const { head, chunks } = await peek(chunksInOneBuffer(text, sizes), 4);
    expect(head.toString()).toBe('abcd');
    expect((await bytesOf(chunks)).toString()).toBe('abcdefghij');
    // Also after all of the source was read.
    expect(head.toString()).toBe('abcd');
  });

  test('gives what there is of a source that is shorter', async () => {
    const { head, chunks } = await peek(chunksInOneBuffer(text, [3]), 100);
    expect(head.toString()).toBe('abcdefghij');
    expect((await bytesOf(chunks)).toString()).toBe('abcdefghij');
  });

  test('twice in a row, across the reads of a file, loses nothing', async () => {
    const first = await peek(fileChunks(path), 2);
    const second = await peek(first.chunks, 1_500_000);
    expect(first.head.toString()).toBe('0 ');
    expect(second.head.equals(bytes.subarray(0, 1_500_000))).toBe(true);
    expect((await bytesOf(second.chunks)).equals(bytes)).toBe(true);
  });
});

describe('skip()', () => {
  test.each([0, 1, 3, 4, 9])('leaves out %d bytes, wherever the reads end', async (count) => {
    const chunks = skip(chunksInOneBuffer(Buffer.from('abcdefghij'), [1, 2, 1]), count, 'x');
    expect((await bytesOf(chunks)).toString()).toBe('abcdefghij'.slice(count));
  });

  test('refuses a source that is shorter than its position', async () => {
    const chunks = skip(chunksInOneBuffer(Buffer.from('abc'), []), 4, 'calls.ndjson');
    await expect(bytesOf(chunks)).rejects.toThrow(`Cannot go on with 'calls.ndjson' at byte 4: it has only 3`);
  });
});

/** What is read, and how reading ends. */
async function unpacked(...parts: readonly (string | Buffer)[]): Promise<readonly [string, string]> {
  const copies: Buffer[] = [];
  try {
    const packed = Buffer.concat(parts.map((part) => (typeof part === 'string' ? gzipSync(part) : part)));
    for await (const chunk of gunzipChunks(chunksInOneBuffer(packed, [100_000]), 'f')) copies.push(Buffer.from(chunk));
    return [Buffer.concat(copies).toString('latin1'), 'end'];
  } catch (error) {
    return [Buffer.concat(copies).toString('latin1'), error instanceof SourceError ? error.code : String(error)];
  }
}

describe('gunzipChunks()', () => {
  const [first, second] = ['first line\n', 'second line\n'];
  /** Whose compressed form ends just where so much of it was fed. */
  const fitting = randomBytes(65_498);

  test('reads members in a row, and padding of zero bytes, wherever they meet what is fed at a time', async () => {
    expect(gzipSync(fitting, { level: 0 }).length).toBe(65_536 - 15);
    expect(await unpacked(first, second)).toEqual([first + second, 'end']);
    expect(await unpacked(first, Buffer.alloc(700), Buffer.alloc(300_000))).toEqual([first, 'end']);
    for (const padding of [0, 14, 15, 16, 65_536]) {
      const padded = await unpacked(gzipSync(fitting, { level: 0 }), Buffer.alloc(padding));
      expect(padded).toEqual([fitting.toString('latin1'), 'end']);
    }
    expect(await unpacked('')).toEqual(['', 'end']);
  });

  test('gives all that can be read before it refuses what follows: nothing is passed over', async () => {
    const whole = gzipSync(second);
    expect((await unpacked(first, Buffer.from('garbage')))[1]).toBe('corrupt-gzip');
    expect(await unpacked(first, Buffer.alloc(9), second)).toEqual([first, 'corrupt-gzip']);
    expect(await unpacked(first, Buffer.alloc(200_000), second)).toEqual([first, 'corrupt-gzip']);
    expect((await unpacked(first, whole.subarray(0, whole.length - 9)))[1]).toBe('truncated-gzip');
    expect(await unpacked(whole.subarray(0, 2))).toEqual(['', 'truncated-gzip']);
  });

  test('holds little of a file that comes to a thousand times its size', async () => {
    const packed = gzipSync(Buffer.alloc(300_000_000), { level: 9 });
    const before = process.memoryUsage().rss;
    let length = 0;
    let most = 0;
    for await (const chunk of gunzipChunks(chunksInOneBuffer(packed, []), 'f')) {
      length += chunk.length;
      most = Math.max(most, process.memoryUsage.rss());
    }
    expect(length).toBe(300_000_000);
    expect(most - before).toBeLessThan(250_000_000);
  });
});
