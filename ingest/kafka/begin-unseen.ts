import { beginPartitions, type Queryable } from '../../ledger/index.ts';
import { type KafkaQuestions, readStandings, type Standing } from './partition-standing.ts';

/**
 * Where the ledger stands in every partition of a topic, once it is on record where those begin that it has never
 * seen, and of which topic the others are where that was not known. Several workers may do so at once.
 */
export async function readBegunStandings(
  db: Queryable,
  kafka: KafkaQuestions,
  topic: string,
  source: string,
): Promise<ReadonlyMap<number, Standing>> {
  const standings = await readStandings(db, kafka, topic, source);
  const unknown = [...standings].filter(([, standing]) => isUnknown(standing));
  const [first] = unknown;
  if (first === undefined) return standings;
  const beginnings = unknown.map(([partition, { bounds }]) => ({ partition, at: bounds.start }));
  await beginPartitions(db, source, first[1].topicId, beginnings);
  // Another worker may have been first: what it has put on record is what holds.
  const begun = await readStandings(db, kafka, topic, source);
  if ([...begun.values()].every(({ known }) => known !== null)) return begun;
  throw new Error(`Cannot find where '${source}' begins: the ledger does not have it`);
}

function isUnknown({ kind, known, topicId }: Standing): boolean {
  return kind === 'ready' && (known === null || (known.topicId === null && topicId !== null));
}
