import type { DeliveredRecord, RecordOrigin } from '../delivery.ts';
import { canonicalNdjson } from '../formats/canonical-ndjson.ts';
import { bad } from '../formats/format.ts';
import { decodeBatch } from '../record-reader.ts';
import { unframeMessage } from './frame-message.ts';
import type { MessageReader, TopicMessage } from './message-reader.ts';

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
  if (origin === null || found === null) {
    const decoded = bad('broken-frame', 'Cannot read the message: the re-keyer did not write it');
    return [{ decoded, position: Number(offset), item: 0, buffer: value, start: 0, end: value.length }];
  }
  const { buffer, positions, items, records, canonical, count } = found;
  const batch = { buffer, records: canonical, count, position: 0, nextPosition: buffer.length };
  return decodeBatch(canonicalNdjson, batch).map((decoded, index) => ({
    decoded,
    position: positions[index]!,
    item: items[index]!,
    origin,
    buffer,
    start: records[2 * index]!,
    end: records[2 * index + 1]!,
  }));
}

function originOf({ headers = {} }: TopicMessage): RecordOrigin | null {
  const [source, partition, format] = [SOURCE, PARTITION, FORMAT].map((name) => headers[name]?.toString());
  if (source === undefined || partition === undefined || format === undefined) return null;
  return /^\d{1,9}$/.test(partition) ? { source, partition: Number(partition), format } : null;
}
