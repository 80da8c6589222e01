import type { BatchHeader } from './batch-header.ts';
import { FetchedMessage, type MessagePlaces, NO_PLACES } from './fetched-message.ts';
import { KEPT_BYTES, MESSAGE_OVERHEAD_BYTES, MOST_MESSAGE_BYTES } from './limits.ts';
import { UnreadableError } from './unreadable-error.ts';
import { readVarint, readVarlong, varintEnd } from './varint.ts';

/** How far the records of a batch are read. */
export interface RecordsProgress {
  /** How many of its records were read. */
  read: number;
  /** The offset of the last one; before the batch while there is none. */
  lastOffset: number;
}

/**
 * Reads whole records in `bytes` from `at` on, until there are no more of the batch, or `bytes` ends, or `messages`
 * take `room` bytes of memory; those before `fromOffset` are passed over. Answers up to where it read. Throws
 * `UnreadableError`.
 */
export function readRecords(
  bytes: Buffer,
  at: number,
  header: BatchHeader,
  progress: RecordsProgress,
  fromOffset: number,
  room: number,
  messages: FetchedMessage[],
): number {
  let next = at;
  let left = room;
  while (progress.read < header.count && left > 0 && next < bytes.length) {
    const start = startOfRecord(bytes, next);
    if (start < 0) return next;
    const length = readVarint(bytes, next);
    if (length < 0) throw new UnreadableError('a record in it has no length');
    const end = start + length;
    if (end > bytes.length) return next;
    const offset = takeOffset(bytes, start, end, header, progress);
    if (offset >= fromOffset) {
      messages.push(readRecord(bytes, start, end, offset, header));
      left -= length + MESSAGE_OVERHEAD_BYTES;
    }
    next = end;
  }
  return next;
}

/** Where the record whose length stands at `at` begins; -1 when the length itself is not whole. */
export function startOfRecord(bytes: Buffer, at: number): number {
  if (bytes[at]! < 0x80) return at + 1;
  for (let next = at + 1; next < bytes.length; next++) {
    if (bytes[next]! < 0x80) return next + 1;
    if (next - at === 4) throw new UnreadableError('a number in it has no end');
  }
  return -1;
}

/** The offset of the record that begins at `start`; it is the one read last from now on. */
export function takeOffset(
  bytes: Buffer,
  start: number,
  end: number,
  header: BatchHeader,
  progress: RecordsProgress,
): number {
  const at = varintEnd(bytes, start + 1);
  if (at >= end) throw new UnreadableError('a record in it is cut off');
  const offset = header.firstOffset + readVarint(bytes, at);
  if (offset <= progress.lastOffset || offset > header.lastOffset) {
    throw new UnreadableError('the offsets of its records can not be');
  }
  progress.read++;
  progress.lastOffset = offset;
  return offset;
}

function readRecord(bytes: Buffer, start: number, end: number, offset: number, header: BatchHeader): FetchedMessage {
  const offsetAt = varintEnd(bytes, start + 1);
  const keyAt = varintEnd(bytes, offsetAt);
  const keyLength = readVarint(bytes, keyAt);
  const keyStart = varintEnd(bytes, keyAt);
  const valueAt = keyStart + Math.max(0, keyLength);
  if (valueAt >= end) throw new UnreadableError('a record in it is cut off');
  const valueLength = readVarint(bytes, valueAt);
  const valueStart = varintEnd(bytes, valueAt);
  const headersStart = valueStart + Math.max(0, valueLength);
  if (headersStart >= end) throw new UnreadableError('a record in it is cut off');
  places.timestampDelta = readVarlong(bytes, start + 1);
  places.keyStart = keyStart;
  places.keyEnd = keyLength < 0 ? -1 : keyStart + keyLength;
  places.valueStart = valueStart;
  places.valueEnd = valueLength < 0 ? -1 : valueStart + valueLength;
  places.headersStart = headersStart;
  places.end = end;
  if (valueLength > MOST_MESSAGE_BYTES) return cutMessage(bytes, offset, header, places);
  return new FetchedMessage(String(offset), bytes, places, header.context);
}

/** Where the parts of the record being read lie: one object for all. */
const places: { -readonly [Name in keyof MessagePlaces]: number } = {
  timestampDelta: 0,
  keyStart: 0,
  keyEnd: 0,
  valueStart: 0,
  valueEnd: 0,
  headersStart: 0,
  end: 0,
};

/** The message with the beginning of its value alone, in memory of its own: all else can be given back. */
function cutMessage(bytes: Buffer, offset: number, header: BatchHeader, { valueStart, valueEnd }: MessagePlaces) {
  return beginningOf(
    Buffer.from(bytes.subarray(valueStart, valueStart + KEPT_BYTES)),
    valueEnd - valueStart,
    offset,
    header,
  );
}

/** A message of which only the beginning of the value is kept. */
export function beginningOf(kept: Buffer, valueBytes: number, offset: number, header: BatchHeader): FetchedMessage {
  return new FetchedMessage(String(offset), kept, { ...NO_PLACES, valueEnd: kept.length }, header.context, valueBytes);
}
