import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/**
 * The value of a re-keyed message: a byte that names this layout, then records, compressed with zstd. Each record is
 * 20 bytes, big-endian, and two texts: offset of its message in the source (64 bits), which record of that message
 * (32), length of the record as the switch wrote it (32), length of its canonical form (32; 0 when the record is
 * canonical itself); then those bytes.
 */
const LAYOUT = 1;
const HEAD_BYTES = 20;
const WORD = 0x1_0000_0000;

/** A record to be handed on, with the place where it stood. */
export interface FramedRecord {
  readonly position: number;
  readonly item: number;
  /** The record as the switch wrote it. */
  readonly record: Uint8Array;
  /** The same in canonical form; `null` when the record is canonical itself. */
  readonly canonical: Uint8Array | null;
}

/** Gathers the records of one message. */
export class MessageFrame {
  #buffer = Buffer.allocUnsafeSlow(4096);
  #used = 0;

  /** How long the message is so far, before it is compressed; 0 while it has no record. */
  get bytes(): number {
    return this.#used;
  }

  add({ position, item, record, canonical }: FramedRecord): void {
    const canonicalBytes = canonical === null ? 0 : canonical.length;
    this.#reserve(HEAD_BYTES + record.length + canonicalBytes);
    const buffer = this.#buffer;
    let at = buffer.writeUInt32BE(Math.floor(position / WORD), this.#used);
    at = buffer.writeUInt32BE(position % WORD, at);
    at = buffer.writeUInt32BE(item, at);
    at = buffer.writeUInt32BE(record.length, at);
    at = buffer.writeUInt32BE(canonicalBytes, at);
    buffer.set(record, at);
    if (canonical !== null) buffer.set(canonical, at + record.length);
    this.#used = at + record.length + canonicalBytes;
  }

  /** The message's value; what is added next begins another. */
  take(): Buffer {
    const compressed = zstdCompressSync(this.#buffer.subarray(0, this.#used), {
      params: COMPRESSION,
      chunkSize: CHUNK_BYTES,
    });
    this.#used = 0;
    return Buffer.concat([Uint8Array.of(LAYOUT), compressed]);
  }

  #reserve(bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
    larger.set(this.#buffer.subarray(0, this.#used));
    this.#buffer = larger;
  }
}

/**
 * Records that follow one another are alike: a seventh is left of them, for less work than kafkajs has with the bytes
 * that are saved (checksum, copies). The checksum tells a damaged message from a whole one.
 */
const COMPRESSION = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 };

/** Room for a usual message, whole: Node.js would take it in pieces of 16 KiB. */
const CHUNK_BYTES = 524_288;

/** The records of a message, and where they stand in a buffer of their own. */
export interface MessageRecords {
  readonly buffer: Buffer;
  readonly count: number;
  /** By record: offset of its message in the source, and which record of that message. */
  readonly positions: readonly number[];
  readonly items: readonly number[];
  /** Start and end of each record as the switch wrote it: `[2i]` and `[2i + 1]`. */
  readonly records: Uint32Array;
  /** Start and end of each record in canonical form. */
  readonly canonical: Uint32Array;
}

/** Finds the records in the value of a message; `null` when it is no such value, whole. */
export function unframeMessage(value: Buffer): MessageRecords | null {
  const buffer = value[0] === LAYOUT ? decompressed(value.subarray(1)) : null;
  if (buffer === null) return null;
  const positions: number[] = [];
  const items: number[] = [];
  const records: number[] = [];
  const canonical: number[] = [];
  let next = 0;
  while (next < buffer.length) {
    const start = next + HEAD_BYTES;
    if (start > buffer.length || positions.length === MOST_RECORDS) return null;
    const recordEnd = start + buffer.readUInt32BE(next + 12);
    const canonicalBytes = buffer.readUInt32BE(next + 16);
    const end = recordEnd + canonicalBytes;
    if (end > buffer.length) return null;
    positions.push(buffer.readUInt32BE(next) * WORD + buffer.readUInt32BE(next + 4));
    items.push(buffer.readUInt32BE(next + 8));
    records.push(start, recordEnd);
    if (canonicalBytes === 0) canonical.push(start, recordEnd);
    else canonical.push(recordEnd, end);
    next = end;
  }
  const { length: count } = positions;
  return {
    buffer,
    count,
    positions,
    items,
    records: Uint32Array.from(records),
    canonical: Uint32Array.from(canonical),
  };
}

/** No message of ours comes near these; one that claims to is somebody's mistake or worse. */
const MOST_BYTES = 4_194_304;
const MOST_RECORDS = 50_000;

function decompressed(compressed: Buffer): Buffer | null {
  try {
    return zstdDecompressSync(compressed, { maxOutputLength: MOST_BYTES, chunkSize: CHUNK_BYTES });
  } catch {
    return null;
  }
}
