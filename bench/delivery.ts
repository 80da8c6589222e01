import type { Delivery } from '../engine/index.ts';
import { canonicalNdjson } from '../formats/index.ts';
import { UndecodedRecord, lazyDelivery } from '../engine/delivery.ts';
import { frameLines } from '../ingest/files/frame-records.ts';
import { recordsOf } from '../ingest/files/record-reader.ts';

/** A chunk of whole NDJSON records, framed as a file's are, as the next delivery of a source at `from`. */
export function deliveryOf(chunk: Buffer, source: string, from: number): Delivery {
  const { pairs: records, count } = framesOf(chunk);
  const to = from + chunk.length;
  const batch = { buffer: chunk, records, count, position: from, nextPosition: to, cutRecordBytes: 0 };
  return lazyDelivery({ source, partition: 0, format: canonicalNdjson.id, from, to, prefixHash: null }, () =>
    recordsOf(canonicalNdjson, batch),
  );
}

/** The records of a chunk as messages of Kafka come: each a buffer of its own within the memory of one answer. */
export function messagesOf(chunk: Buffer): Buffer[] {
  const { pairs, count } = framesOf(chunk);
  return Array.from({ length: count }, (_, i) => chunk.subarray(pairs[2 * i], pairs[2 * i + 1]));
}

/** Messages of one record each, as the next delivery of a partition at `from`. */
export function deliveryOfMessages(messages: readonly Buffer[], source: string, from: number): Delivery {
  const to = from + messages.length;
  return lazyDelivery({ source, partition: 0, format: canonicalNdjson.id, from, to, prefixHash: null }, () =>
    messages.map((buffer, index) => new UndecodedRecord(canonicalNdjson, buffer, 0, buffer.length, from + index, 0)),
  );
}

/** More than any chunk has. */
const MAX_RECORDS = 100_000;
const pairs = new Uint32Array(MAX_RECORDS * 2);

/** Start and end of each record. */
function framesOf(chunk: Buffer): { readonly pairs: Uint32Array; readonly count: number } {
  const framing = { pairs, count: 0, consumed: 0 };
  frameLines(chunk, chunk.length, true, framing);
  return { pairs: pairs.slice(0, framing.count * 2), count: framing.count };
}
