import { randomUUID } from 'node:crypto';
import type { IHeaders, Kafka } from 'kafkajs';
import { canonicalNdjson } from '../../formats/canonical/canonical-ndjson.ts';
import type { Decoded } from '../../formats/format.ts';
import { linesOfFile } from './make-month.ts';

/** A message as it stands in the log. */
export interface LoggedMessage {
  readonly partition: number;
  readonly offset: string;
  readonly value: Buffer;
  readonly headers: IHeaders;
}

/** A record of a switch topic, with its place. */
export interface LoggedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Which record of its message, from 0. */
  readonly item: number;
  readonly bytes: Buffer;
  readonly decoded: Decoded;
}

/** Everything that a topic holds, by partition in the order of offsets. */
export async function readTopic(client: Kafka, topic: string): Promise<LoggedMessage[]> {
  const admin = client.admin();
  await admin.connect();
  const bounds = await admin.fetchTopicOffsets(topic).finally(() => admin.disconnect());
  const missing = new Map(
    bounds.flatMap(({ partition, low, high }): [number, number][] =>
      Number(high) > Number(low) ? [[partition, Number(high)]] : [],
    ),
  );
  if (missing.size === 0) return [];
  const consumer = client.consumer({ groupId: `crash-test-${randomUUID()}`, allowAutoTopicCreation: false });
  // By place: a consumer that is slow is given a batch once more.
  const messages = new Map<string, LoggedMessage>();
  const { promise: isRead, resolve, reject } = Promise.withResolvers<void>();
  consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      const { partition } = batch;
      for (const { offset, value, headers } of batch.messages) {
        messages.set(`${partition}/${offset}`, { partition, offset, value: value ?? EMPTY, headers: headers ?? {} });
      }
      if (Number(batch.lastOffset()) + 1 >= (missing.get(partition) ?? 0)) missing.delete(partition);
      if (missing.size === 0) resolve();
    },
  });
  await isRead.finally(() => consumer.disconnect());
  return [...messages.values()].toSorted((a, b) => a.partition - b.partition || Number(a.offset) - Number(b.offset));
}

const EMPTY = Buffer.alloc(0);

/** The records of a switch topic: those of a message stand on lines of their own. */
export async function readRecords(client: Kafka, topic: string): Promise<LoggedRecord[]> {
  const messages = await readTopic(client, topic);
  return messages.flatMap(({ partition, offset, value }) =>
    linesOfFile(value).map((bytes, item) => ({
      topic,
      partition,
      offset: Number(offset),
      item,
      bytes,
      decoded: canonicalNdjson.decode(bytes, 0, bytes.length),
    })),
  );
}
