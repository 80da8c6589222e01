import { beginPartitions, type Queryable } from '../../ledger/index.ts';
import type { Standing } from './partition-standing.ts';

/**
 * Puts on record where partitions begin that the ledger has never seen, and of which topic the others are where that was not
 * known. Answers whether there were any: then where they stand must be read again, since another worker may have been first.
 */
export async function beginUnseen(
  db: Queryable,
  source: string,
  standings: ReadonlyMap<number, Standing>,
): Promise<boolean> {
  const unknown = [...standings].filter(([, { kind, known, topicId }]) => {
    return kind === 'ready' && (known === null || (known.topicId === null && topicId !== null));
  });
  const [first] = unknown;
  if (first === undefined) return false;
  const beginnings = unknown.map(([partition, { bounds }]) => ({ partition, at: bounds.start }));
  await beginPartitions(db, source, first[1].topicId, beginnings);
  return true;
}
