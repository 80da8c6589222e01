import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import kafkajs from 'kafkajs';
import { type Codec as CodecName, decompressUpTo } from './fetch/decompress.ts';
import { MOST_BATCH_BYTES } from './fetch/limits.ts';

/**
 * A codec as kafkajs takes it. Everything is done at once: handing half a megabyte to another thread and back costs
 * more.
 */
interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
}

/**
 * Teaches kafkajs, which brings gzip alone, to write zstd, and to read all of Kafka's compressions. Our own consumers
 * don't read by it (`fetch/take-over-fetches.ts`).
 */
export function addCompressionCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.GZIP] = () => codec('gzip', gzip);
  CompressionCodecs[CompressionTypes.ZSTD] = () => codec('zstd', zstd);
  CompressionCodecs[CompressionTypes.LZ4] = () => codec('lz4', refuse);
  CompressionCodecs[CompressionTypes.Snappy] = () => codec('snappy', refuse);
}

function codec(name: CodecName, compress: (bytes: Buffer) => Buffer): Codec {
  return {
    compress: async ({ buffer }) => compress(buffer),
    decompress: async (bytes) => {
      const plain = decompressUpTo(name, bytes, MOST_BATCH_BYTES);
      if (plain === null)
        throw new Error(`Cannot decompress with ${name}: it comes to more than ${MOST_BATCH_BYTES} bytes`);
      return plain;
    },
  };
}

// Level 1 of each: of rated usage it leaves a tenth, and higher levels save hardly more for three times the work.
function gzip(bytes: Buffer): Buffer {
  return gzipSync(bytes, { level: 1 });
}

function zstd(bytes: Buffer): Buffer {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
}

function refuse(): never {
  throw new Error('Cannot compress with lz4 or snappy: they are read alone');
}
