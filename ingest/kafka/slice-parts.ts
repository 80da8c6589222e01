import type { DeliveredRecord } from '../../engine/index.ts';
import type { MessageReader } from './message-reader.ts';
import type { PartitionSlice } from './partition-sink.ts';

/** Messages of a slice that are taken in by one transaction: mostly all of it. */
export interface SlicePart {
  /** Where the ledger must stand, and where it stands afterwards: offsets. */
  readonly from: number;
  readonly to: number;
  readonly records: readonly DeliveredRecord[];
  /** How many of its messages are tombstones, or hold nothing. */
  readonly emptyMessages: number;
  /** The first message that is not in it. */
  readonly next: number;
}

/** A part ends with the message in which it comes to so many records, or to so many bytes, unpacked. */
const MOST_RECORDS = 20_000;
const MOST_BYTES = 33_554_432;

/**
 * Reads messages of a slice from `first` on, where the ledger stands at `from`: a slice has so many messages and
 * bytes at most, but how many records that is turns out only when they are read.
 */
export function readPart(
  { messages, to }: PartitionSlice,
  reader: MessageReader,
  first: number,
  from: number,
): SlicePart {
  const records: DeliveredRecord[] = [];
  let emptyMessages = 0;
  let bytes = 0;
  let next = first;
  while (next < messages.length && records.length < MOST_RECORDS && bytes < MOST_BYTES) {
    const message = messages[next++]!;
    bytes += reader.readOne(message, records);
    if (message.value === null || message.value.length === 0) emptyMessages++;
  }
  const after = messages[next];
  return { from, to: after === undefined ? to : Number(after.offset), records, emptyMessages, next };
}
