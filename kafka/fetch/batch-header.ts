import { crc32c } from './crc32c.ts';
import { type Codec, codecOf } from './decompress.ts';
import type { BatchContext } from './fetched-message.ts';
import { UnreadableError } from './unreadable-error.ts';

/** Up to and with the length: what every format of Kafka's log begins with. */
export const PREFIX_BYTES = 12;
/** The header of a batch, after which its records come. */
export const HEADER_BYTES = 61;
/** Where the number of the format stands, in all of them. */
export const MAGIC_AT = 16;
/** What the checksum is of begins here. */
const CHECKED_FROM = 21;

/** The header of a batch of records, format 2. */
export interface BatchHeader {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly codec: Codec;
  readonly checksum: number;
  /** How many records it says it has. */
  readonly count: number;
  readonly context: BatchContext;
}

/**
 * Reads the header of the batch that is `bytes`, and checks the batch by its checksum. Throws `UnreadableError`
 * where it can't be one.
 */
export function readBatchHeader(bytes: Buffer): BatchHeader {
  if (bytes.length < HEADER_BYTES) throw new UnreadableError('it is shorter than the header of a batch');
  const checksum = bytes.readUInt32BE(17);
  if (crc32c(bytes, CHECKED_FROM, bytes.length) !== checksum) throw new UnreadableError('its checksum is wrong');
  const firstOffset = readInt64(bytes, 0);
  const attributes = bytes.readInt16BE(21);
  const lastOffset = firstOffset + bytes.readInt32BE(23);
  const count = bytes.readInt32BE(57);
  if (firstOffset < 0 || lastOffset < firstOffset) throw new UnreadableError('its offsets can not be');
  if (count < 0 || count > lastOffset - firstOffset + 1) throw new UnreadableError('its count of records can not be');
  return {
    firstOffset,
    lastOffset,
    codec: codecOf(attributes),
    checksum,
    count,
    context: {
      firstOffset: String(firstOffset),
      lastOffsetDelta: lastOffset - firstOffset,
      producerId: String(bytes.readBigInt64BE(43)),
      inTransaction: (attributes & 0x10) !== 0,
      isControlBatch: (attributes & 0x20) !== 0,
      magicByte: 2,
      firstTimestamp: bytes.readBigInt64BE(27),
      maxTimestamp: bytes.readBigInt64BE(35),
      hasBrokerTime: (attributes & 8) !== 0,
    },
  };
}

/** A number of 64 bits as a double; one that it can't hold is none of Kafka's. */
export function readInt64(bytes: Buffer, at: number): number {
  const value = bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
  if (!Number.isSafeInteger(value)) throw new UnreadableError('its offsets can not be');
  return value;
}
