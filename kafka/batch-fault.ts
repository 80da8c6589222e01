import { UnreadableBatch } from './fetch/fetched-message.ts';
import type { KafkaCluster } from './kafka-cluster.ts';

/** Why the batch at which a partition stands can't be read. */
export interface BatchFault {
  /** The first offset that can't be read. */
  readonly offset: number;
  /** What is the matter, for people: it holds nothing of the batch. */
  readonly problem: string;
  /** The offset after the batch, where its header says so credibly. */
  readonly end: number | null;
}

/** Reads what stands at an offset of a partition's log, which must not be its end; `null` when it can be read. */
export type FindBatchFault = (topic: string, partition: number, offset: number) => Promise<BatchFault | null>;

/** A large batch is read in parts, each by a fetch of its own; after so long it is taken for one that can be read. */
const PATIENCE_MS = 20_000;
const WAIT_MS = 500;
/** Of the first batch brokers send all, however large it is. */
const MOST_BYTES = 1_048_576;

/**
 * Reads as workers do, in memory bounded as theirs is (`fetch/`), and moves nothing. Rejects when the leader refuses,
 * does not answer, or there is none.
 */
export function batchFaultsOf(cluster: KafkaCluster): FindBatchFault {
  return async (topic, partition, offset) => {
    await cluster.addTargetTopic(topic);
    const metadata = cluster.findTopicPartitionMetadata(topic);
    const nodeId = metadata.find(({ partitionId }) => partitionId === partition)?.leader ?? -1;
    const broker = await cluster.findBroker({ nodeId });
    const partitions = [{ partition, fetchOffset: String(offset), maxBytes: MOST_BYTES }];
    const fetch = { maxWaitTime: WAIT_MS, minBytes: 1, maxBytes: MOST_BYTES, topics: [{ topic, partitions }] };
    const giveUpAt = performance.now() + PATIENCE_MS;
    do {
      const { responses } = await broker.fetch(fetch);
      const messages = responses.flatMap((answer) => answer.partitions.flatMap((read) => read.messages));
      const unreadable = messages.at(-1);
      // Control records hold nothing that would move a position.
      const first = messages.find((message) => !message.isControlRecord);
      if (unreadable instanceof UnreadableBatch && first === unreadable) {
        return { offset: Number(unreadable.offset), problem: unreadable.problem, end: unreadable.end };
      }
      if (messages.length > 0) return null;
    } while (performance.now() < giveUpAt);
    return null;
  };
}
