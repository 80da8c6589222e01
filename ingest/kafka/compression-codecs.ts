import { setImmediate } from 'node:timers/promises';
import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import kafkajs from 'kafkajs';
import { decompress as decompressLz4 } from 'lz4js';
import snappy from 'snappyjs';

/** A codec as kafkajs takes it. Everything is done at once: handing half a megabyte to another thread and back costs more. */
interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
}

/**
 * Teaches kafkajs, which brings gzip alone, to read all of Kafka's compressions and to write zstd: a batch that it can't read would stop its partition,
 * since nothing tells its records from one another. And to read a fetch without keeping everything else from running for a
 * quarter of a second: what it decodes passes by its codec, batch by batch, uncompressed batches too.
 */
export function addCompressionCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  Object.assign(CompressionCodecs, { [CompressionTypes.None]: () => inTurns(uncompressed) });
  CompressionCodecs[CompressionTypes.GZIP] = () => inTurns(gzip);
  CompressionCodecs[CompressionTypes.ZSTD] = () => inTurns(zstd);
  CompressionCodecs[CompressionTypes.LZ4] = () => inTurns(lz4Frame);
  CompressionCodecs[CompressionTypes.Snappy] = () => inTurns(xerialSnappy);
}

/** So long kafkajs may decode before whatever else waits gets its turn, in ms. */
const LONGEST_TURN_MS = 4;
let turnBeganAt = 0;

/** A codec that lets the event loop turn, now and then, before the next batch is decoded. */
function inTurns({ compress, decompress }: Codec): Codec {
  return {
    compress,
    async decompress(buffer) {
      if (performance.now() - turnBeganAt > LONGEST_TURN_MS) {
        await setImmediate();
        turnBeganAt = performance.now();
      }
      return decompress(buffer);
    },
  };
}

const uncompressed: Codec = {
  compress: async ({ buffer }) => buffer,
  decompress: async (buffer) => buffer,
};

// Level 1 of each: of rated usage it leaves a tenth, and higher levels save hardly more for three times the work.
const gzip: Codec = {
  compress: async ({ buffer }) => gzipSync(buffer, { level: 1 }),
  decompress: async (buffer) => gunzipSync(buffer),
};

const zstd: Codec = {
  compress: async ({ buffer }) => zstdCompressSync(buffer, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
  decompress: async (buffer) => zstdDecompressSync(buffer),
};

const lz4Frame: Codec = {
  compress: refuse,
  decompress: async (buffer) => Buffer.from(decompressLz4(buffer)),
};

/** The frame that Java's snappy puts around blocks, each with its length; other clients send one block without it. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
/** Magic, then the versions of the writer and of the oldest reader, four bytes each. */
const XERIAL_HEADER_BYTES = 16;

const xerialSnappy: Codec = {
  compress: refuse,
  decompress: async (buffer) => {
    if (!buffer.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return snappy.uncompress(buffer);
    const blocks: Buffer[] = [];
    for (let at = XERIAL_HEADER_BYTES; at < buffer.length;) {
      const end = at + 4 + buffer.readUInt32BE(at);
      blocks.push(snappy.uncompress(buffer.subarray(at + 4, end)));
      at = end;
    }
    return Buffer.concat(blocks);
  },
};

function refuse(): never {
  throw new Error('Cannot compress with lz4 or snappy: they are read alone');
}
