import type { Admin, Kafka } from 'kafkajs';
import { batchFaultsOf, type FindBatchFault } from './batch-fault.ts';
import { withCluster } from './kafka-cluster.ts';
import { type TopicIds, topicIdsOf } from './topic-ids.ts';

/**
 * Runs `work` with a connected admin client, and with what asks for topic ids and for faults of batches by its
 * connections.
 */
export type WithAdmin = <T>(
  work: (admin: Admin, topicIds: TopicIds, findBatchFault: FindBatchFault) => Promise<T>,
) => Promise<T>;

/** Lends an admin client for one piece of work, connected: a failed one can't be told from one that will fail. */
export function adminOf(kafka: Kafka): WithAdmin {
  return async (work) => {
    const [admin, cluster] = withCluster(kafka, (own) => own.admin());
    try {
      await admin.connect();
      return await work(admin, topicIdsOf(cluster), batchFaultsOf(cluster));
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  };
}
