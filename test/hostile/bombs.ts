import { once } from 'node:events';
import { Readable } from 'node:stream';
import { createGzip, createZstdCompress } from 'node:zlib';
import { varint, xerial } from '../support/record-batch.ts';

/**
 * A record with a value of so many times the byte `a`, as it stands in a batch: what comes before the value, and
 * after it.
 */
function recordAround(valueBytes: number): { readonly before: Buffer; readonly after: Buffer } {
  const inner = Buffer.concat([Buffer.from([0, 0, 0, 1]), varint(valueBytes)]);
  return { before: Buffer.concat([varint(inner.length + valueBytes + 1), inner]), after: Buffer.from([0]) };
}

const PIECE = Buffer.alloc(1_048_576, 'a');

/** The compressed records of a batch of one record, whose value has `valueBytes` bytes; made in little memory. */
export async function bomb(codec: 'gzip' | 'zstd' | 'lz4' | 'snappy', valueBytes: number): Promise<Buffer> {
  const { before, after } = recordAround(valueBytes);
  if (codec === 'snappy') return snappyBomb(before, valueBytes, after);
  if (codec === 'lz4') return lz4Bomb(before, valueBytes, after);
  const pieces = (function* () {
    yield before;
    for (let left = valueBytes; left > 0; left -= PIECE.length) yield PIECE.subarray(0, left);
    yield after;
  })();
  const stream = codec === 'gzip' ? createGzip({ level: 1 }) : createZstdCompress();
  const parts: Buffer[] = [];
  stream.on('data', (part: Buffer) => parts.push(part));
  Readable.from(pieces).pipe(stream);
  await once(stream, 'end');
  return Buffer.concat(parts);
}

/** Blocks of 32 KiB, as Java writes them, nearly all of them the same. */
function snappyBomb(before: Buffer, valueBytes: number, after: Buffer): Buffer {
  const block = xerial(Buffer.alloc(32_768, 'a')).subarray(16);
  const blocks = Array.from({ length: Math.floor(valueBytes / 32_768) }, () => block);
  const rest = Buffer.concat([Buffer.alloc(valueBytes % 32_768, 'a'), after]);
  return Buffer.concat([xerial(before), ...blocks, xerial(rest).subarray(16)]);
}

const LZ4_BLOCK_BYTES = 4_194_304;

function lz4Bomb(before: Buffer, valueBytes: number, after: Buffer): Buffer {
  const block = lz4Run(LZ4_BLOCK_BYTES);
  const blocks = Array.from({ length: Math.floor(valueBytes / LZ4_BLOCK_BYTES) }, () => block);
  const rest = Buffer.concat([Buffer.alloc(valueBytes % LZ4_BLOCK_BYTES, 'a'), after]);
  // Version 1, blocks apart from each other, of 4 MiB at most; then the checksum of these two bytes.
  const head = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73]);
  return Buffer.concat([head, plainBlock(before), ...blocks, plainBlock(rest), Buffer.alloc(4)]);
}

/** A block that is not compressed. */
function plainBlock(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length + 0x8000_0000);
  return Buffer.concat([length, bytes]);
}

/** A block of so many times `a`: one literal, a match of all but the last five, and those. */
function lz4Run(bytes: number): Buffer {
  const matched = bytes - 1 - 5 - 4 - 15;
  const body = Buffer.concat([
    Buffer.from([0x1f, 0x61, 1, 0]),
    Buffer.alloc(Math.floor(matched / 255), 255),
    Buffer.from([matched % 255, 0x50, ...Buffer.from('aaaaa')]),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
}
