import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../ledger/index.ts';
import { addCompressionCodecs } from '../../kafka/index.ts';
import type { RelayedType } from '../../relay/index.ts';
import { createTopics, kafkaClient } from '../support/kafka-client.ts';

/** A message of a topic, as a consumer gets it. */
export interface ToldMessage {
  readonly partition: number;
  readonly key: string | null;
  readonly contentType: string | undefined;
  readonly value: Buffer;
}

export interface ToldUsage {
  readonly id: string;
  readonly type: RelayedType;
  readonly source: string;
  readonly specversion: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>> & { readonly bucket: number; readonly position: number };
}

/** Makes the topics of a relay, with names of their own. */
export async function makeRelayTopics(
  address: string,
  name: string,
): Promise<{ usageTopic: string; eventTopic: string }> {
  const topics = { usageTopic: `${name}-usage`, eventTopic: `${name}-events` };
  const admin = kafkaClient(address).admin();
  await admin.connect();
  await createTopics(
    admin,
    Object.values(topics).map((topic) => ({ topic, numPartitions: 4, replicationFactor: 1 })),
  );
  await admin.disconnect();
  return topics;
}

/** All messages that a topic has at this time, each partition in order. */
export async function readTopic(address: string, topic: string): Promise<ToldMessage[]> {
  addCompressionCodecs();
  const admin = kafkaClient(address).admin();
  await admin.connect();
  const ends = new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)]));
  await admin.disconnect();
  const waiting = new Set([...ends].flatMap(([partition, end]) => (end > 0 ? [partition] : [])));
  const messages: ToldMessage[] = [];
  if (waiting.size === 0) return messages;
  const consumer = kafkaClient(address).consumer({ groupId: `${topic}-${Date.now()}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    const eachBatch = async ({
      batch,
    }: Parameters<NonNullable<Parameters<typeof consumer.run>[0]>['eachBatch'] & {}>[0]) => {
      for (const { key, value, headers } of batch.messages) {
        messages.push({
          partition: batch.partition,
          key: key?.toString() ?? null,
          contentType: headers?.['content-type']?.toString(),
          value: value ?? Buffer.alloc(0),
        });
      }
      if (Number(batch.lastOffset()) + 1 >= ends.get(batch.partition)!) waiting.delete(batch.partition);
      if (waiting.size === 0) resolve();
    };
    consumer.run({ eachBatch }).catch(reject);
  });
  await consumer.disconnect();
  return messages;
}

/** The events of usage messages, each partition in order. */
export function usageOf(messages: readonly ToldMessage[]): ToldUsage[] {
  return messages.flatMap(({ value }) => JSON.parse(value.toString()) as ToldUsage[]);
}

/** The positions that were told of each bucket, in order. */
export function positionsOf(usage: readonly ToldUsage[]): Map<number, number[]> {
  const buckets = Map.groupBy(usage, ({ data }) => data.bucket);
  return new Map([...buckets].map(([bucket, told]) => [bucket, told.map(({ data }) => data.position)]));
}

/** What a consumer keeps that takes, of each bucket, only what comes after what it has. */
export function afterTheLast(positions: readonly number[]): number[] {
  let last = 0;
  return positions.filter((position) => {
    const isNew = position > last;
    if (isNew) last = position;
    return isNew;
  });
}

/** `1, 2, 3, …` up to the head of each bucket that has entries. */
export async function positionsOfLedger(db: Database): Promise<Map<number, number[]>> {
  const heads = await db.query<{ bucket: number; position: bigint }>('select * from head where position > 0');
  return new Map(
    heads.map(({ bucket, position }) => [bucket, Array.from({ length: Number(position) }, (_, index) => index + 1)]),
  );
}

/** Waits until all is told. */
export async function untilTold(db: Database): Promise<void> {
  for (;;) {
    const [row] = await db.query<{ unpublished: bigint }>(
      `select ((select count(*) from head h left join relay_cursor c on c.bucket = h.bucket and c.feed = 'usage'
                where h.position > coalesce(c.position, 0))
             + (select count(*) from outbox o left join relay_cursor c on c.bucket = o.bucket and c.feed = 'event'
                where o.no > coalesce(c.position, 0))) as unpublished`,
    );
    if (row?.unpublished === 0n) return;
    await delay(50);
  }
}
