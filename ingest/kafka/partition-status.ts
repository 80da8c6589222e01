import { type PartitionPosition, type Queryable, readPartitionPositions } from '../../ledger/index.ts';
import type { Admin, TopicIds } from '../../kafka/index.ts';

/** The offsets of a partition's log: of its first message, and the one that its next message will have. */
export interface LogBounds {
  readonly start: number;
  readonly end: number;
}

/**
 * Why a partition is not read on: the topic is not the one that the ledger took from (it was deleted and made anew),
 * the ledger stands after the log's end (its end was lost), or before its start (messages were deleted before they
 * were taken in), or the batch that stands there can't be read.
 */
export const stopReasons = [
  'topic-made-anew',
  'position-beyond-end',
  'position-before-start',
  'unreadable-batch',
] as const;
export type StopReason = (typeof stopReasons)[number];

/** Where the ledger stands in a partition, and whether it can be read on from there. */
export type PartitionStatus =
  | ({ readonly kind: 'ready' } & PartitionPlace)
  | ({ readonly kind: 'stopped'; readonly reason: StopReason } & PartitionPlace);

interface PartitionPlace {
  /** The ledger's, or the log's start when the ledger has none yet. */
  readonly position: number;
  readonly bounds: LogBounds;
  /** Kafka's id of the topic as it is now; `null` when the brokers can't tell. */
  readonly topicId: string | null;
  /** What the ledger has on record; `null` when it has never seen the partition. */
  readonly known: PartitionPosition | null;
}

/** @param known the ledger's; `null` when it has never seen the partition: then the log is read from its start */
export function partitionStatusOf(
  known: PartitionPosition | null,
  bounds: LogBounds,
  topicId: string | null,
): PartitionStatus {
  const place = { position: known?.position ?? bounds.start, bounds, topicId, known };
  const reason = known === null ? null : stopReasonOf(known, bounds, topicId);
  return reason === null ? { kind: 'ready', ...place } : { kind: 'stopped', reason, ...place };
}

function stopReasonOf(known: PartitionPosition, { start, end }: LogBounds, topicId: string | null): StopReason | null {
  if (topicId !== null && known.topicId !== null && topicId !== known.topicId) return 'topic-made-anew';
  if (known.position > end) return 'position-beyond-end';
  if (known.position < start) return 'position-before-start';
  return null;
}

/** Asks Kafka about its topics. */
export interface KafkaQuestions {
  readonly admin: Pick<Admin, 'fetchTopicOffsets'>;
  readonly topicIds: TopicIds;
}

/** Where the ledger stands in every partition that a topic has. */
export async function readPartitionStatuses(
  db: Queryable,
  { admin, topicIds }: KafkaQuestions,
  topic: string,
  source: string,
): Promise<ReadonlyMap<number, PartitionStatus>> {
  // The ledger first: what is committed after it was asked is in a log that ends later still.
  const known = await readPartitionPositions(db, source);
  const topicId = await topicIds.idOf(topic);
  const logs = await admin.fetchTopicOffsets(topic);
  return new Map(
    logs.map(({ partition, low, high }) => {
      const bounds = { start: Number(low), end: Number(high) };
      return [partition, partitionStatusOf(known.get(partition) ?? null, bounds, topicId)];
    }),
  );
}
