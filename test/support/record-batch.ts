import { crc32, gzipSync, zstdCompressSync } from 'node:zlib';
import * as lz4 from 'lz4js';
import snappy from 'snappyjs';
import { crc32c } from '../../kafka/fetch/crc32c.ts';

/** A record of a batch, to be written as Kafka's log has it. */
export interface RecordToWrite {
  readonly value: Buffer | string | null;
  readonly key?: Buffer | string | null;
  readonly headers?: Readonly<Record<string, Buffer | string>>;
  /** Behind the batch's first offset; by default its place in the list. */
  readonly offsetDelta?: number;
}

export interface BatchToWrite {
  readonly firstOffset?: number;
  readonly codec?: keyof typeof COMPRESS | 5 | 6 | 7;
  /** How many records it says it has. */
  readonly count?: number;
  /** Behind the first offset, that of its last record: compaction may have taken that away. */
  readonly lastOffsetDelta?: number;
  readonly attributes?: number;
  readonly checksum?: number;
  readonly length?: number;
  /** What stands in place of the compressed records. */
  readonly records?: Buffer;
}

const COMPRESS = {
  none: (bytes: Buffer): Buffer => bytes,
  gzip: (bytes: Buffer): Buffer => gzipSync(bytes),
  snappy: (bytes: Buffer): Buffer => xerial(bytes),
  lz4: (bytes: Buffer): Buffer => Buffer.from(lz4.compress(bytes)),
  zstd: (bytes: Buffer): Buffer => zstdCompressSync(bytes),
};
export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** A batch of format 2, as brokers keep and send it, with whatever faults are asked for. */
export function recordBatch(records: readonly RecordToWrite[], given: BatchToWrite = {}): Buffer {
  const { firstOffset = 0, codec = 'none', lastOffsetDelta = Math.max(0, records.length - 1) } = given;
  const number = typeof codec === 'number' ? codec : CODECS.indexOf(codec);
  const plain = recordBytes(records);
  const body = given.records ?? (typeof codec === 'number' ? plain : COMPRESS[codec](plain));
  const batch = Buffer.concat([Buffer.alloc(61), body]);
  batch.writeBigInt64BE(BigInt(firstOffset), 0);
  batch.writeInt32BE(given.length ?? batch.length - 12, 8);
  batch.writeInt32BE(-1, 12);
  batch[16] = 2;
  batch.writeInt16BE((given.attributes ?? 0) | number, 21);
  batch.writeInt32BE(lastOffsetDelta, 23);
  batch.writeBigInt64BE(1_700_000_000_000n, 27);
  batch.writeBigInt64BE(1_700_000_000_000n, 35);
  batch.writeBigInt64BE(-1n, 43);
  batch.writeInt16BE(-1, 51);
  batch.writeInt32BE(-1, 53);
  batch.writeInt32BE(given.count ?? records.length, 57);
  batch.writeUInt32BE(given.checksum ?? crc32c(batch, 21, batch.length), 17);
  return batch;
}

/** The records of a batch, uncompressed. */
export function recordBytes(records: readonly RecordToWrite[]): Buffer {
  return Buffer.concat(
    records.flatMap(({ value, key = null, headers = {}, offsetDelta }, index) => {
      const pairs = Object.entries(headers).flatMap(([name, text]) => [sized(name), sized(text)]);
      const body = Buffer.concat([
        Buffer.from([0]),
        varint(index),
        varint(offsetDelta ?? index),
        sized(key),
        sized(value),
        varint(pairs.length / 2),
        ...pairs,
      ]);
      return [varint(body.length), body];
    }),
  );
}

function sized(bytes: Buffer | string | null): Buffer {
  if (bytes === null) return varint(-1);
  const all = Buffer.from(bytes);
  return Buffer.concat([varint(all.length), all]);
}

/** A signed number of up to 32 bits as Kafka writes it. */
export function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = ((value << 1) ^ (value >> 31)) >>> 0; ; left >>>= 7) {
    if (left < 0x80) return Buffer.from([...bytes, left]);
    bytes.push((left & 0x7f) | 0x80);
  }
}

/** Blocks of snappy as Java's clients frame them. */
export function xerial(bytes: Buffer, blockBytes = 32_768): Buffer {
  const parts = [Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = Buffer.from(snappy.compress(bytes.subarray(at, at + blockBytes)));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

/** A message of format 0 or 1, as logs from before Kafka 0.11 hold them. */
export function oldMessage(format: 0 | 1, offset: number, value: Buffer | null, codec = 0): Buffer {
  const fields = [Buffer.from([format, codec])];
  if (format === 1) fields.push(Buffer.from([0, 0, 1, 0x8b, 0xcf, 0xe5, 0x68, 0]));
  const length = Buffer.alloc(8);
  length.writeInt32BE(-1, 0);
  length.writeInt32BE(value === null ? -1 : value.length, 4);
  const body = Buffer.concat([...fields, length, value ?? Buffer.alloc(0)]);
  const head = Buffer.alloc(16);
  head.writeBigInt64BE(BigInt(offset), 0);
  head.writeInt32BE(body.length + 4, 8);
  head.writeUInt32BE(crc32(body), 12);
  return Buffer.concat([head, body]);
}
