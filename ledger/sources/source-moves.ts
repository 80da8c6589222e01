import type { Queryable, Transaction } from '../database/database.ts';

/** A position that a person sets: the records before it are skipped, or those after it read once more. */
export interface SourceMove {
  readonly source: string;
  readonly partition: number;
  /** Where the source stands; `null` when nothing of it was taken in. */
  readonly from: number | null;
  readonly to: number;
  readonly by: string;
  readonly note: string;
  /** Kafka's id of the topic that `to` is meant in; without it, the next worker takes the topic that it finds. */
  readonly topicId?: string | null;
}

/**
 * Sets a source's position, and keeps who did and why. Answers whether it was done: not when the source is not at
 * `from` any more, since whoever decided did not know.
 */
export async function moveSource(tx: Transaction, move: SourceMove): Promise<boolean> {
  const { source, partition, from, to, by, note, topicId = null } = move;
  const moved =
    from === null
      ? await tx.query(
          `insert into source_position (source, partition, position, begins_at, topic_id, moves)
           values ($1, $2, $3, $3, $4, 1) on conflict do nothing returning position`,
          [source, partition, to, topicId],
        )
      : await tx.query(
          `update source_position set position = $4, moved_by = moved_by + $4 - $3, moves = moves + 1, topic_id = $5
           where source = $1 and partition = $2 and position = $3 returning position`,
          [source, partition, from, to, topicId],
        );
  if (moved.length === 0) return false;
  await tx.query(
    `insert into source_move (source, partition, moved_from, moved_to, moved_by, note, topic_id)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [source, partition, from, to, by, note, topicId],
  );
  return true;
}

/** A move as it is kept. */
export interface KeptSourceMove extends Omit<SourceMove, 'topicId'> {
  /** Ms since the epoch. */
  readonly at: number;
}

/** The moves of a source, oldest first. */
export async function readSourceMoves(q: Queryable, source: string): Promise<KeptSourceMove[]> {
  return q.query<KeptSourceMove>(
    `select source, partition, moved_from::float8 as "from", moved_to::float8 as "to", moved_by as by, note, moved_at as at
     from source_move where source = $1 order by no`,
    [source],
  );
}
