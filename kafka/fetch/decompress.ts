import { setImmediate } from 'node:timers/promises';
import {
  type Gunzip,
  type ZstdDecompress,
  createGunzip,
  createZstdDecompress,
  gunzipSync,
  zstdDecompressSync,
} from 'node:zlib';
import { lz4Chunks } from './lz4-frame.ts';
import { snappyChunks } from './snappy-blocks.ts';
import { UnreadableError } from './unreadable-error.ts';

/** Kafka's compressions, by the number that a batch has for each. */
const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Codec = (typeof codecs)[number];

/**
 * The compression of a batch or message with these attributes. Throws `UnreadableError` where there is none of the
 * number.
 */
export function codecOf(attributes: number): Codec {
  const codec = codecs[attributes & 7];
  if (codec === undefined) throw new UnreadableError(`it is compressed in way ${attributes & 7}, which is not known`);
  return codec;
}

/** Node.js takes so much from its libraries at once. */
const CHUNK_BYTES = 262_144;

/**
 * Decompresses at once what comes to `mostBytes` at most; `null` when it would be more. Throws `UnreadableError`
 * where the data is damaged or cut off.
 */
export function decompressUpTo(codec: Codec, bytes: Buffer, mostBytes: number): Buffer | null {
  switch (codec) {
    case 'none':
      return bytes;
    case 'gzip':
    case 'zstd':
      return unzipUpTo(codec, bytes, mostBytes);
    case 'lz4':
    case 'snappy':
      return gather(codec === 'lz4' ? lz4Chunks(bytes) : snappyChunks(bytes), mostBytes);
  }
}

function unzipUpTo(codec: 'gzip' | 'zstd', bytes: Buffer, mostBytes: number): Buffer | null {
  const unzip = codec === 'gzip' ? gunzipSync : zstdDecompressSync;
  const parts: Buffer[] = [];
  let left = mostBytes;
  for (let at = 0; at < bytes.length || at === 0;) {
    try {
      const options = {
        maxOutputLength: Math.max(1, left),
        chunkSize: Math.min(CHUNK_BYTES, roomFor(bytes)),
        info: true,
      };
      const { buffer, engine } = unzip(at === 0 ? bytes : bytes.subarray(at), options) as unknown as Unzipped;
      parts.push(buffer);
      left -= buffer.length;
      // zstd ends with its frame: another may follow. gzip goes through all of its members by itself.
      at = codec === 'gzip' || engine.bytesWritten === 0 ? bytes.length : at + engine.bytesWritten;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') return null;
      throw damaged(codec, error);
    }
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

/** What Node.js answers when it is asked for `info`. */
interface Unzipped {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** Most batches have room in one chunk, and then need not be put together. */
function roomFor({ length }: Buffer): number {
  return Math.max(16_384, 16 * length);
}

function gather(chunks: Iterable<Buffer>, mostBytes: number): Buffer | null {
  const parts: Buffer[] = [];
  let bytes = 0;
  for (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > mostBytes) return null;
    parts.push(chunk);
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

/**
 * Decompresses as it is asked for, some 256 KiB to 4 MiB at a time, however much there is in all. Throws
 * `UnreadableError` where the data is damaged or cut off.
 */
export function decompressedChunks(codec: Codec, bytes: Buffer): AsyncGenerator<Buffer> {
  switch (codec) {
    case 'none':
      return inTurns([bytes]);
    case 'gzip':
    case 'zstd':
      return unzippedChunks(codec, bytes);
    case 'lz4':
      return inTurns(lz4Chunks(bytes));
    case 'snappy':
      return inTurns(snappyChunks(bytes));
  }
}

async function* inTurns(chunks: Iterable<Buffer>): AsyncGenerator<Buffer> {
  for (const chunk of chunks) {
    yield chunk;
    await setImmediate();
  }
}

async function* unzippedChunks(codec: 'gzip' | 'zstd', bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length || at === 0;) {
    const stream: Gunzip | ZstdDecompress =
      codec === 'gzip' ? createGunzip({ chunkSize: CHUNK_BYTES }) : createZstdDecompress({ chunkSize: CHUNK_BYTES });
    try {
      stream.end(bytes.subarray(at));
      for await (const chunk of stream) yield chunk as Buffer;
    } catch (error) {
      throw damaged(codec, error);
    } finally {
      stream.destroy();
    }
    at = codec === 'gzip' || stream.bytesWritten === 0 ? bytes.length : at + stream.bytesWritten;
  }
}

function damaged(codec: Codec, error: unknown): UnreadableError {
  return new UnreadableError(`${codec}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
