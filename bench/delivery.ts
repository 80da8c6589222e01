import { type DeliveredRecord, type Delivery, canonicalNdjson } from '../ingest/index.ts';

/** A chunk of whole NDJSON records, decoded, as the next delivery of a source that stood at `from`. */
export function deliveryOf(chunk: Buffer, source: string, from: number): Delivery {
  const records: DeliveredRecord[] = [];
  let start = 0;
  for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
    const decoded = canonicalNdjson.decode(chunk, start, end);
    records.push({ decoded, position: from + start, buffer: chunk, start, end });
    start = end + 1;
  }
  const to = from + chunk.length;
  return { source, partition: 0, format: canonicalNdjson.id, from, to, prefixHash: null, records };
}
