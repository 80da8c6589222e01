import type { Receipt } from '../../ledger/index.ts';
import { type DeliveredRecord, type RecordOrigin, UndecodedRecord } from '../delivery.ts';
import { canonicalNdjson } from '../formats/canonical-ndjson.ts';
import { bad } from '../formats/format.ts';
import { type MessageRecords, unframeMessage } from './frame-message.ts';
import type { MessageReader, TopicMessage } from './message-reader.ts';
import { receiptsOf } from './receipt-headers.ts';

/** Headers of a re-keyed message: where its records stood. All records of a message are of one partition of one source. */
const SOURCE = 'fairtally-source';
const PARTITION = 'fairtally-partition';
const FORMAT = 'fairtally-format';

/** The headers that say where the records of a message stood. */
export function originHeaders({ source, partition, format }: RecordOrigin): Record<string, string> {
  return { [SOURCE]: source, [PARTITION]: String(partition), [FORMAT]: format };
}

/**
 * Reads what the re-keyer wrote. Its records are calls in canonical form, so nothing needs to be known here of the formats
 * that they came in; quarantine keeps them as the switch wrote them, and where they stood in its topic.
 */
export const rekeyedReader: MessageReader = {
  format: canonicalNdjson.id,
  read: (messages) => messages.flatMap(readMessage),
};

function readMessage(message: TopicMessage): DeliveredRecord[] {
  const { value, offset } = message;
  if (value === null) return [];
  const origin = originOf(message);
  const found = unframeMessage(value);
  const receipts = found === null ? null : receiptsOf(message, found.count);
  if (origin === null || found === null || receipts === null) {
    const decoded = bad('broken-frame', 'Cannot read the message: the re-keyer did not write it');
    return [{ decoded, position: Number(offset), item: 0, buffer: value, start: 0, end: value.length }];
  }
  return Array.from(
    { length: found.count },
    (_, index) => new RekeyedRecord(found, index, origin, receipts[index] ?? null),
  );
}

/** A record as the switch wrote it, with its canonical form beside it. */
class RekeyedRecord extends UndecodedRecord {
  readonly origin: RecordOrigin;

  constructor(
    { buffer, positions, items, records, canonical }: MessageRecords,
    index: number,
    origin: RecordOrigin,
    receipt: Receipt | null,
  ) {
    const [start, end] = [records[2 * index]!, records[2 * index + 1]!];
    const [from, upTo] = [canonical[2 * index]!, canonical[2 * index + 1]!];
    super(canonicalNdjson, buffer, start, end, positions[index]!, items[index]!, from, upTo, receipt);
    this.origin = origin;
  }
}

function originOf({ headers = {} }: TopicMessage): RecordOrigin | null {
  const [source, partition, format] = [SOURCE, PARTITION, FORMAT].map((name) => headers[name]?.toString());
  if (source === undefined || partition === undefined || format === undefined) return null;
  return /^\d{1,9}$/.test(partition) ? { source, partition: Number(partition), format } : null;
}
