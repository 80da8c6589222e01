import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import kafkajs from 'kafkajs';

/**
 * Of rated usage level 1 leaves a tenth, in less time than the checksum takes of what it saves; higher levels save
 * hardly more.
 */
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/**
 * Teaches kafkajs, which brings gzip alone, to read what producers compressed with zstd, and to write it. A batch that it
 * can't read stops its partition: nothing tells its records from one another. It is done at once: half a megabyte takes a
 * millisecond, and handing it to another thread and back costs more.
 */
export function addZstdCodec(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: async ({ buffer }: { readonly buffer: Buffer }) => zstdCompressSync(buffer, LEVEL),
    decompress: async (buffer: Buffer) => zstdDecompressSync(buffer),
  });
}
