import { beginPartitions, type Queryable } from '../../ledger/index.ts';
import { type KafkaQuestions, readPartitionStatuses, type PartitionStatus } from './partition-status.ts';

/**
 * Where the ledger stands in every partition of a topic, once it is on record where those begin that it has never
 * seen, and of which topic the others are where that was not known. Several workers may do so at once.
 */
export async function readBegunStandings(
  db: Queryable,
  kafka: KafkaQuestions,
  topic: string,
  source: string,
): Promise<ReadonlyMap<number, PartitionStatus>> {
  const statuses = await readPartitionStatuses(db, kafka, topic, source);
  const unknown = [...statuses].filter(([, status]) => isUnknown(status));
  const [first] = unknown;
  if (first === undefined) return statuses;
  const beginnings = unknown.map(([partition, { bounds }]) => ({ partition, at: bounds.start }));
  await beginPartitions(db, source, first[1].topicId, beginnings);
  // Another worker may have been first: what it has put on record is what holds.
  const begun = await readPartitionStatuses(db, kafka, topic, source);
  if ([...begun.values()].every(({ known }) => known !== null)) return begun;
  throw new Error(`Cannot find where '${source}' begins: the ledger does not have it`);
}

function isUnknown({ kind, known, topicId }: PartitionStatus): boolean {
  return kind === 'ready' && (known === null || (known.topicId === null && topicId !== null));
}
