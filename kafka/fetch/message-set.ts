import { crc32 } from 'node:zlib';
import { MAGIC_AT, PREFIX_BYTES, readInt64 } from './batch-header.ts';
import { type Codec, codecOf, decompressUpTo } from './decompress.ts';
import { type BatchContext, FetchedMessage, NO_PLACES } from './fetched-message.ts';
import { KEPT_BYTES, MOST_BATCH_BYTES, MOST_MESSAGE_BYTES } from './limits.ts';
import { UnreadableError } from './unreadable-error.ts';

/**
 * Such a message that comes to more, decompressed, can't be read: the offsets of what it holds are counted from its
 * end, so that it can't be taken in parts. Producers have not written the format since 2017, and brokers refuse it
 * since Kafka 4.
 */
const MOST_WRAPPED_BYTES = 4 * MOST_BATCH_BYTES;

/** A message of the formats 0 and 1, which logs from before Kafka 0.11 hold. */
interface OldMessage {
  readonly offset: number;
  readonly format: number;
  readonly codec: Codec;
  readonly time: bigint;
  readonly value: Buffer | null;
}

/**
 * Reads the message of format 0 or 1 that is `bytes`: a compressed one holds others. Those before `fromOffset` are
 * passed over. Throws `UnreadableError`.
 */
export function readOldMessages(bytes: Buffer, fromOffset: number): FetchedMessage[] {
  const outer = readOldMessage(bytes);
  if (outer.codec === 'none') return outer.offset < fromOffset ? [] : [messageOf(outer, outer.offset)];
  const unpacked = decompressUpTo(outer.codec, outer.value ?? Buffer.alloc(0), MOST_WRAPPED_BYTES);
  if (unpacked === null) throw new UnreadableError(`it comes to more than ${MOST_WRAPPED_BYTES} bytes, decompressed`);
  const inner: OldMessage[] = [];
  for (let at = 0; at < unpacked.length;) {
    const length = lengthAt(unpacked, at);
    const message = readOldMessage(unpacked.subarray(at, at + length));
    if (message.codec !== 'none') throw new UnreadableError('a compressed message in it is compressed once more');
    inner.push(message);
    at += length;
  }
  const last = inner.at(-1);
  if (last === undefined) throw new UnreadableError('it holds no message');
  // In format 1 the offsets inside count from 0, and the outer one is that of the last.
  const first = outer.format === 0 ? 0 : outer.offset - last.offset;
  return inner
    .filter(({ offset }) => first + offset >= fromOffset)
    .map((message) => messageOf(message, first + message.offset));
}

/** How long the message that begins at `at` is, with what stands before it. */
function lengthAt(bytes: Buffer, at: number): number {
  const length = at + PREFIX_BYTES <= bytes.length ? PREFIX_BYTES + bytes.readInt32BE(at + 8) : Infinity;
  if (length <= MAGIC_AT || at + length > bytes.length) throw new UnreadableError('a message in it is cut off');
  return length;
}

function readOldMessage(bytes: Buffer): OldMessage {
  if (bytes.length <= MAGIC_AT + 1) throw new UnreadableError('a message in it is cut off');
  const format = bytes[MAGIC_AT]!;
  if (format > 1) throw new UnreadableError(`it is of format ${format}, which does not belong here`);
  if (crc32(bytes.subarray(MAGIC_AT)) !== bytes.readUInt32BE(PREFIX_BYTES)) {
    throw new UnreadableError('its checksum is wrong');
  }
  const keyAt = MAGIC_AT + (format === 0 ? 2 : 10);
  const key = partAt(bytes, keyAt);
  const value = partAt(bytes, key.end);
  return {
    offset: readInt64(bytes, 0),
    format,
    codec: codecOf(bytes[MAGIC_AT + 1]!),
    time: format === 0 ? -1n : bytes.readBigInt64BE(MAGIC_AT + 2),
    value: value.bytes,
  };
}

/** A key or a value, with its length in front. */
function partAt(bytes: Buffer, at: number): { readonly bytes: Buffer | null; readonly end: number } {
  const start = at + 4;
  const length = start <= bytes.length ? bytes.readInt32BE(at) : Infinity;
  if (length < 0) return { bytes: null, end: start };
  if (start + length > bytes.length) throw new UnreadableError('a message in it is cut off');
  return { bytes: bytes.subarray(start, start + length), end: start + length };
}

function messageOf({ format, time, value }: OldMessage, offset: number): FetchedMessage {
  const context = { ...CONTEXT, magicByte: format, firstTimestamp: time };
  const isTooLong = value !== null && value.length > MOST_MESSAGE_BYTES;
  const kept = isTooLong ? Buffer.from(value.subarray(0, KEPT_BYTES)) : (value ?? Buffer.alloc(0));
  const places = { ...NO_PLACES, valueEnd: value === null ? -1 : kept.length };
  return new FetchedMessage(String(offset), kept, places, context, value?.length ?? 0);
}

const CONTEXT: BatchContext = {
  producerId: '-1',
  inTransaction: false,
  isControlBatch: false,
  magicByte: 0,
  firstTimestamp: -1n,
  maxTimestamp: -1n,
  hasBrokerTime: false,
};
