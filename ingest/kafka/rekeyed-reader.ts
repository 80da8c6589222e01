import type { Receipt } from '../../ledger/index.ts';
import { type DeliveredRecord, type RecordOrigin, UndecodedRecord } from '../../engine/index.ts';
import { canonicalNdjson, keptNdjson, MAX_RECORD_BYTES, bad, formatIds } from '../../formats/index.ts';
import { type MessageRecords, unframeMessage } from '../../kafka/index.ts';
import { holdsChanges } from './change-header.ts';
import { type MessageReader, type TopicMessage, cutRecord, readerOf } from './message-reader.ts';
import { receiptsOf } from './receipt-headers.ts';
import { isSourceOfTopic } from './source-names.ts';

/**
 * Headers of a re-keyed message: where its records stood. All records of a message are of one partition of one
 * source.
 */
const SOURCE = 'fairtally-source';
const PARTITION = 'fairtally-partition';
const FORMAT = 'fairtally-format';

/** The headers that say where the records of a message stood. */
export function originHeaders({ source, partition, format }: RecordOrigin): Record<string, string> {
  return { [SOURCE]: source, [PARTITION]: String(partition), [FORMAT]: format };
}

/**
 * Reads what the re-keyer wrote. Its records are calls in canonical form, so nothing needs to be known here of the
 * formats that they came in; quarantine keeps them as the switch wrote them, and where they stood in its topic.
 */
export const rekeyedReader: MessageReader = readerOf(canonicalNdjson.id, readMessage);

function readMessage(message: TopicMessage, records: DeliveredRecord[]): number {
  const { value, offset } = message;
  if (value === null) return 0;
  const cut = cutRecord(message);
  if (cut !== null) {
    records.push(cut);
    return cut.end;
  }
  const origin = originOf(message);
  const found = origin === null ? null : unframeMessage(value);
  const receipts = found === null ? null : receiptsOf(message, found.count);
  if (origin === null || found === null || receipts === null || !hasRoomInLedger(found)) {
    const decoded = bad('broken-frame', 'Cannot read the message: the re-keyer did not write it');
    const end = Math.min(value.length, MAX_RECORD_BYTES);
    records.push({ decoded, position: Number(offset), item: 0, buffer: value, start: 0, end });
    return value.length;
  }
  const isChanges = holdsChanges(message.headers ?? {});
  for (let index = 0; index < found.count; index++) {
    if (isChanges) records.push(changeAt(found, index, receipts[index] ?? null, origin));
    else records.push(new RekeyedRecord(found, index, origin, receipts[index] ?? null));
  }
  return value.length + found.buffer.length;
}

/** A call that is read otherwise than before: it is no record of the source, and stands nowhere in it. */
function changeAt(
  found: MessageRecords,
  index: number,
  receipt: Receipt | null,
  origin: RecordOrigin,
): DeliveredRecord {
  const { buffer, records, canonical } = found;
  const [formerStart, formerEnd] = [records[2 * index]!, records[2 * index + 1]!];
  const [start, end] = [canonical[2 * index]!, canonical[2 * index + 1]!];
  const decoded = keptNdjson.decode(buffer, start, end);
  const former = formerEnd > formerStart ? keptNdjson.decode(buffer, formerStart, formerEnd) : null;
  const now = decoded.kind === 'call' ? decoded.cdr : decoded.kind === 'bad' ? undefined : decoded.correction;
  const place = {
    position: 0,
    item: 0,
    origin: { ...origin, format: canonicalNdjson.id },
    receipt,
    buffer,
    start,
    end,
  };
  if (now === undefined) return { decoded, ...place };
  return { decoded, ...place, correction: { former: former?.kind === 'call' ? former.cdr : null, now } };
}

/** Whether the ledger can say where each record stood: it has fewer bits than the frame. */
function hasRoomInLedger({ positions, items }: MessageRecords): boolean {
  return positions.every(Number.isSafeInteger) && items.every((item) => item <= MOST_ITEM);
}

const MOST_ITEM = 2_147_483_647;

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
    super(keptNdjson, buffer, start, end, positions[index]!, items[index]!, from, upTo, receipt);
    this.origin = origin;
  }
}

/** Where the records of a message stood, by its headers; `null` where the re-keyer did not write them. */
function originOf({ headers = {} }: TopicMessage): RecordOrigin | null {
  const [source, partition, format] = [SOURCE, PARTITION, FORMAT].map((name) => headers[name]?.toString());
  if (source === undefined || partition === undefined || format === undefined) return null;
  if (!isSourceOfTopic(source) || !/^\d{1,9}$/.test(partition) || !isFormatId(format)) return null;
  return { source, partition: Number(partition), format };
}

function isFormatId(text: string): boolean {
  return formatIds.some((id) => id === text);
}
