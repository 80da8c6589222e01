import type { Queryable, Transaction } from '../database/database.ts';

/** A hole that a person explains: it is no alarm any more. */
export interface HoleSettlement {
  readonly source: string;
  readonly partition: number;
  /** How many positions it has, as the person saw it; below 0: so many were counted twice. */
  readonly hole: number;
  readonly by: string;
  readonly note: string;
}

/**
 * Settles a hole, and keeps who did and why. Answers where the source stands; `null` when its hole is not of that
 * size (any more), and nothing is done: whoever decided did not know.
 */
export async function settleHole(tx: Transaction, settlement: HoleSettlement): Promise<number | null> {
  const { source, partition, hole, by, note } = settlement;
  const [settled] = await tx.query<{ position: number }>(
    `update source_position set settled = settled + $3
     where source = $1 and partition = $2 and hole = $3 and hole <> 0 returning position::float8 as position`,
    [source, partition, hole],
  );
  if (settled === undefined) return null;
  await tx.query(
    'insert into hole_settlement (source, partition, position, hole, settled_by, note) values ($1, $2, $3, $4, $5, $6)',
    [source, partition, settled.position, hole, by, note],
  );
  return settled.position;
}

/** A settlement as it is kept. */
export interface KeptHoleSettlement extends HoleSettlement {
  /** Where the source stood. */
  readonly position: number;
  /** Ms since the epoch. */
  readonly at: number;
}

/** The settled holes of a source, or of all, oldest first. */
export async function readHoleSettlements(q: Queryable, source?: string): Promise<KeptHoleSettlement[]> {
  return q.query<KeptHoleSettlement>(
    `select source, partition, position::float8 as position, hole::float8 as hole, settled_by as by, note, settled_at as at
     from hole_settlement where $1::text is null or source = $1 order by no`,
    [source ?? null],
  );
}
