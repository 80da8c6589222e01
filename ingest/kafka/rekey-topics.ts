import type { Admin } from 'kafkajs';
import type { Database } from '../../ledger/index.ts';
import type { NumberingPlan } from '../../tariffs/index.ts';
import { OperatingFault } from '../operating-fault.ts';
import { adminOf } from './admin-of.ts';
import { type ReadOptions, readPartitions } from './read-partitions.ts';
import { RekeyDirectory } from './rekey-directory.ts';
import { RekeyProducer } from './rekey-producer.ts';
import { dividesBuckets } from './rekey-records.ts';
import { RekeySink } from './rekey-sink.ts';
import { retryForever } from './retry-forever.ts';
import type { TopicSpec } from './topic-spec.ts';

export interface RekeyOptions extends Omit<ReadOptions, 'topics' | 'sink' | 'db'> {
  readonly db: Database;
  readonly plan: NumberingPlan;
  /** Those not keyed by account. */
  readonly topics: readonly TopicSpec[];
  readonly rekeyedTopic: string;
}

/** The re-keyed topic can't be used as it is: buckets would be spread over its partitions. */
export class RekeyedTopicError extends Error {
  override readonly name = 'RekeyedTopicError';
}

/**
 * Hands on what comes in topics that are not keyed by account, by way of the re-keyed topic, sharing the work with
 * the other members of its group, until `signal` is aborted. Rejects with `RekeyedTopicError` when the re-keyed
 * topic's partition count does not divide 64.
 */
export async function rekeyTopics(options: RekeyOptions, signal: AbortSignal): Promise<void> {
  const { kafka, db, plan, topics, rekeyedTopic, metrics } = options;
  const partitions = await partitionsOf(options, signal);
  if (partitions === undefined) return;
  if (!dividesBuckets(partitions)) {
    throw new RekeyedTopicError(
      `Cannot re-key to topic '${rekeyedTopic}': it has ${partitions} partitions, and must have 1, 2, 4, 8, 16, 32 or 64`,
    );
  }
  const producer = new RekeyProducer(kafka, rekeyedTopic);
  const readers = new Map(topics.map(({ name, reader }) => [name, reader]));
  const sink = new RekeySink({ db, directory: new RekeyDirectory(db, plan), producer, readers, partitions, metrics });
  try {
    await readPartitions({ ...options, topics: [...readers.keys()], sink }, signal);
  } finally {
    await producer.close();
  }
}

/** How many partitions the re-keyed topic has; waits until it is there, and `undefined` when it is given up. */
function partitionsOf({ kafka, rekeyedTopic, log }: RekeyOptions, signal: AbortSignal): Promise<number | undefined> {
  return retryForever(() => adminOf(kafka)((admin) => countPartitions(admin, rekeyedTopic)), {
    isWanted: () => true,
    signal,
    onFailure: (error, failures, waitMs) =>
      log.error({ err: error, failures, waitMs }, `Cannot re-key to topic '${rekeyedTopic}': it is tried again`),
  });
}

async function countPartitions(admin: Admin, topic: string): Promise<number> {
  if (!(await admin.listTopics()).includes(topic)) {
    throw new OperatingFault(`Cannot find topic '${topic}': it does not exist ('fairtally topics create')`);
  }
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return topics[0]?.partitions.length ?? 0;
}
