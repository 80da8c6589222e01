import type { Kafka } from 'kafkajs';
import { addCompressionCodecs } from '../../kafka/index.ts';
import { type Database, readLives } from '../../ledger/index.ts';
import { EVENT_SCHEMAS } from '../../relay/index.ts';
import { type Difference, setDifferences } from '../crash/compare.ts';
import { readTopic } from '../crash/read-topic.ts';

/** What stands in a topic of the relay's. */
interface ToldEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly data: unknown;
}

/** One thing that was told, and that the reader has not had to drop. */
interface Kept {
  readonly life: string;
  readonly bucket: number;
  readonly no: number;
  readonly text: string;
}

/**
 * A reader as docs/reference/events.md wants it: keeps each event once by `source` and `id`, and drops what
 * `ledger.restored` names.
 */
class FaithfulReader {
  readonly #kept = new Map<string, Kept>();
  readonly #counts: 'position' | 'event';
  /** What is not as the page says. */
  readonly faults: string[] = [];

  constructor(counts: 'position' | 'event') {
    this.#counts = counts;
  }

  take(event: ToldEvent): void {
    if (event.type === 'ledger.restored') return this.#drop(event);
    const key = `${event.source} ${event.id}`;
    const text = JSON.stringify(event.data);
    const before = this.#kept.get(key);
    if (before !== undefined && before.text !== text) this.faults.push(`${key} was told twice with other content`);
    const [bucket, no] = event.id.split('-').map(Number);
    this.#kept.set(key, { life: event.source.split('/').at(-1)!, bucket: bucket!, no: no!, text });
  }

  get kept(): readonly Kept[] {
    return [...this.#kept.values()];
  }

  #drop({ data }: ToldEvent): void {
    const { before, buckets } = EVENT_SCHEMAS['ledger.restored'].parse(data);
    const ends = new Map(buckets.map((end) => [end.bucket, end[this.#counts]]));
    for (const [key, { life, bucket, no }] of this.#kept) {
      if (life === before && no > (ends.get(bucket) ?? 0)) this.#kept.delete(key);
    }
  }
}

/** What readers of both topics end with, against what the ledger has: the same entries and events, each of its life. */
export async function compareReaders(client: Kafka, db: Database): Promise<Difference[]> {
  addCompressionCodecs();
  const lives = await readLives(db);
  const usage = await readAll(client, 'fairtally.usage', 'position');
  const events = await readAll(client, 'fairtally.events', 'event');
  const entries = await db.query<{ bucket: number; no: number }>('select bucket, position::float8 as no from entry');
  const outbox = await db.query<{ bucket: number; no: number }>('select bucket, no::float8 as no from outbox');
  const lifeAt = (bucket: number, no: number, counts: 'position' | 'event'): string =>
    lives.findLast(({ starts }) => no > (starts.get(bucket)?.[counts] ?? 0))!.id;
  const named = (rows: readonly { bucket: number; no: number }[], counts: 'position' | 'event') =>
    rows.map(({ bucket, no }) => ({ life: lifeAt(bucket, no, counts), bucket, no }));
  return [
    ...[...usage.faults, ...events.faults].map((text): Difference => ({ of: 'told', text })),
    ...setDifferences('told', placesOf(usage.kept), named(entries, 'position')),
    ...setDifferences('told', placesOf(events.kept), named(outbox, 'event')),
    ...(lives.length === 2 ? [] : [{ of: 'told', text: `the ledger has ${lives.length} lives instead of 2` } as const]),
  ];
}

function placesOf(kept: readonly Kept[]): { life: string; bucket: number; no: number }[] {
  return kept.map(({ life, bucket, no }) => ({ life, bucket, no }));
}

/** A reader for each partition, as consumers are; together they have what the topic says. */
async function readAll(
  client: Kafka,
  topic: string,
  counts: 'position' | 'event',
): Promise<{ kept: readonly Kept[]; faults: string[] }> {
  const readers = new Map<number, FaithfulReader>();
  for (const { partition, value } of await readTopic(client, topic)) {
    const reader = readers.get(partition) ?? new FaithfulReader(counts);
    readers.set(partition, reader);
    const told: ToldEvent | readonly ToldEvent[] = JSON.parse(value.toString());
    for (const event of Array.isArray(told) ? told : [told]) reader.take(event);
  }
  return {
    kept: [...readers.values()].flatMap(({ kept }) => kept),
    faults: [...readers.values()].flatMap(({ faults }) => faults),
  };
}
