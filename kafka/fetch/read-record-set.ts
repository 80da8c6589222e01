import { setImmediate } from 'node:timers/promises';
import { type BatchHeader, HEADER_BYTES, MAGIC_AT, PREFIX_BYTES, readBatchHeader } from './batch-header.ts';
import { decompressUpTo } from './decompress.ts';
import { type FetchedMessage, UnreadableBatch, fillerMessage } from './fetched-message.ts';
import type { HeldBatches } from './held-batches.ts';
import { MESSAGE_OVERHEAD_BYTES, MOST_BATCH_BYTES } from './limits.ts';
import { readOldMessages } from './message-set.ts';
import { readRecords } from './read-records.ts';
import { UnreadableError } from './unreadable-error.ts';

/** What a broker sent of one partition. */
export interface FetchedRecords {
  /** The partition, as a key. */
  readonly key: string;
  /** Batches in a row, the last of which may be cut off. */
  readonly bytes: Buffer;
  readonly fromOffset: number;
  /** The offset after the last that may be read. */
  readonly end: number;
}

/** What was read of it. */
export interface ReadRecords {
  readonly messages: (FetchedMessage | UnreadableBatch)[];
  /** What it takes in memory, about. */
  readonly takenBytes: number;
}

/**
 * Reads the messages of one partition from `fromOffset` on, until they take `room` bytes of memory; a batch that
 * comes to far more than it shows is read in parts, by `held`. Never throws: what can't be read ends the messages
 * with an `UnreadableBatch`.
 */
export async function readRecordSet(fetched: FetchedRecords, room: number, held: HeldBatches): Promise<ReadRecords> {
  const { bytes, key, fromOffset } = fetched;
  const messages: (FetchedMessage | UnreadableBatch)[] = [];
  let takenBytes = 0;
  held.readsFrom(key, fromOffset);
  for (let at = 0; at < bytes.length && takenBytes < room;) {
    const batch = batchAt(bytes, at);
    if (batch === null) break;
    try {
      if (batch.length === 0) throw new UnreadableError('its length can not be');
      const read = await readBatch(batch, fetched, room - takenBytes, held, messages as FetchedMessage[]);
      takenBytes += read.takenBytes;
      if (!read.isWhole) break;
    } catch (error) {
      // A bug of ours in reading it, too, must stop no other partition.
      const problem = error instanceof Error ? error.message : String(error);
      held.forget(key);
      messages.push(new UnreadableBatch(nextOffset(messages, fromOffset), problem, endOf(batch, fetched)));
      break;
    }
    at += batch.length;
    await giveWay();
  }
  return { messages, takenBytes };
}

/**
 * The batch that begins at `at`; `null` when it is cut off, which only what follows another can be: brokers send
 * the first one whole. Empty when its length can't be.
 */
function batchAt(bytes: Buffer, at: number): Buffer | null {
  const isFirst = at === 0;
  if (at + MAGIC_AT >= bytes.length) return isFirst ? bytes.subarray(0, 0) : null;
  const length = bytes.readInt32BE(at + 8);
  if (length < MAGIC_AT - PREFIX_BYTES) return bytes.subarray(0, 0);
  const end = at + PREFIX_BYTES + length;
  if (end > bytes.length) return isFirst ? bytes.subarray(0, 0) : null;
  return bytes.subarray(at, end);
}

async function readBatch(
  batch: Buffer,
  { key, fromOffset }: FetchedRecords,
  room: number,
  held: HeldBatches,
  messages: FetchedMessage[],
): Promise<{ readonly takenBytes: number; readonly isWhole: boolean }> {
  if (batch[MAGIC_AT]! < 2) {
    const old = readOldMessages(batch, fromOffset);
    for (const message of old) messages.push(message);
    return { takenBytes: batch.length + old.length * MESSAGE_OVERHEAD_BYTES, isWhole: true };
  }
  if (batch[MAGIC_AT] !== 2) throw new UnreadableError(`it is of format ${batch[MAGIC_AT]}, which is not known`);
  const header = readBatchHeader(batch);
  // Brokers begin with the batch that has the offset asked for, and offsets only grow.
  if (header.lastOffset < fromOffset || (messages.length > 0 && header.firstOffset < nextOffset(messages, 0))) {
    throw new UnreadableError('its offsets can not be');
  }
  const compressed = batch.subarray(HEADER_BYTES);
  const before = messages.length;
  const plain = held.isLarge(key, header) ? null : decompressUpTo(header.codec, compressed, MOST_BATCH_BYTES);
  if (plain === null) {
    const isWhole = await held.readOn(key, header, compressed, fromOffset, room, messages);
    if (isWhole) fillUp(header, fromOffset, messages, before);
    return { takenBytes: messages.length > before ? room : 0, isWhole };
  }
  const isWhole = readPlain(plain, header, fromOffset, room, messages);
  if (isWhole) fillUp(header, fromOffset, messages, before);
  const count = messages.length - before;
  return { takenBytes: (count === 0 ? 0 : plain.length) + count * MESSAGE_OVERHEAD_BYTES, isWhole };
}

/** Reads a decompressed batch, or as much as there is room for; answers whether it was all. */
function readPlain(
  plain: Buffer,
  header: BatchHeader,
  fromOffset: number,
  room: number,
  messages: FetchedMessage[],
): boolean {
  const progress = { read: 0, lastOffset: header.firstOffset - 1 };
  const before = messages.length;
  // Most batches are small, and read whole, even beyond the room: the broker would send all of a batch again.
  const isSmall = plain.length + header.count * MESSAGE_OVERHEAD_BYTES <= 2 * MOST_BATCH_BYTES;
  const next = readRecords(plain, 0, header, progress, fromOffset, isSmall ? Infinity : room, messages);
  if (progress.read < header.count) {
    if (next < plain.length && messages.length > before && !isSmall) return false;
    throw new UnreadableError('its records are cut off');
  }
  if (next < plain.length) throw new UnreadableError('it holds more than its records');
  return true;
}

/** The offset after the messages. */
function nextOffset(messages: readonly { readonly offset: string }[], fromOffset: number): number {
  const last = messages.at(-1);
  return last === undefined ? fromOffset : Number(last.offset) + 1;
}

/** The messages of a batch go up to its last offset. */
function fillUp(header: BatchHeader, fromOffset: number, messages: FetchedMessage[], before: number): void {
  const last = messages.length > before ? Number(messages.at(-1)!.offset) : fromOffset - 1;
  if (last < header.lastOffset) messages.push(fillerMessage(header.lastOffset, header.context));
}

/** The offset after the batch, as far as its header can be believed. */
function endOf(batch: Buffer, { fromOffset, end }: FetchedRecords): number | null {
  if (batch.length < HEADER_BYTES) return null;
  const next = Number(batch.readBigInt64BE(0)) + batch.readInt32BE(23) + 1;
  return next > fromOffset && next <= end ? next : null;
}

/** So long messages may be read before whatever else waits gets its turn, in ms. */
const LONGEST_TURN_MS = 4;
let turnBeganAt = 0;

async function giveWay(): Promise<void> {
  if (performance.now() - turnBeganAt <= LONGEST_TURN_MS) return;
  await setImmediate();
  turnBeganAt = performance.now();
}
