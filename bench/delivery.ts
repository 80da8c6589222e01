import { type Delivery, canonicalNdjson } from '../ingest/index.ts';
import { UndecodedRecord, lazyDelivery } from '../ingest/delivery.ts';
import { recordsOf } from '../ingest/record-reader.ts';

/** A chunk of whole NDJSON records, framed as a file's are, as the next delivery of a source at `from`. */
export function deliveryOf(chunk: Buffer, source: string, from: number): Delivery {
  const records = frames(chunk);
  const count = records.length / 2;
  const to = from + chunk.length;
  const batch = { buffer: chunk, records, count, position: from, nextPosition: to };
  return lazyDelivery({ source, partition: 0, format: canonicalNdjson.id, from, to, prefixHash: null }, () =>
    recordsOf(canonicalNdjson, batch),
  );
}

/** The records of a chunk as messages of Kafka come: each a buffer of its own within the memory of one answer. */
export function messagesOf(chunk: Buffer): Buffer[] {
  const bounds = frames(chunk);
  return Array.from({ length: bounds.length / 2 }, (_, i) => chunk.subarray(bounds[2 * i], bounds[2 * i + 1]));
}

/** Messages of one record each, as the next delivery of a partition at `from`. */
export function deliveryOfMessages(messages: readonly Buffer[], source: string, from: number): Delivery {
  const to = from + messages.length;
  return lazyDelivery({ source, partition: 0, format: canonicalNdjson.id, from, to, prefixHash: null }, () =>
    messages.map((buffer, index) => new UndecodedRecord(canonicalNdjson, buffer, 0, buffer.length, from + index, 0)),
  );
}

/** Start and end of each line. */
function frames(chunk: Buffer): Uint32Array {
  const bounds: number[] = [];
  let start = 0;
  for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
    bounds.push(start, end);
    start = end + 1;
  }
  return Uint32Array.from(bounds);
}
