import type { Queryable, Transaction } from './database.ts';

/** How far a source has been taken in. */
export interface SourcePosition {
  /** Everything before it is in the ledger, in quarantine or counted. */
  readonly position: number;
  /** SHA-256 of the first `position` bytes, hex, for a source that is a file. */
  readonly prefixHash: string | null;
}

/** Another process took the source on meanwhile: nothing of this batch may stay. Read the position, and go on from there. */
export class SourceMovedError extends Error {
  override readonly name = 'SourceMovedError';
  readonly code = 'source-moved';
  readonly retryable = true;

  constructor(advance: SourceAdvance) {
    super(
      `Cannot advance source '${advance.source}' partition '${advance.partition}' from '${advance.from}' to ` +
        `'${advance.to}': another process has moved it`,
    );
  }
}

export interface SourceAdvance {
  readonly source: string;
  readonly partition: number;
  /** The position that the batch started from. */
  readonly from: number;
  readonly to: number;
  readonly prefixHash: string | null;
}

/** The position of a source's partition; `null` when it was never seen. */
export async function readSourcePosition(
  q: Queryable,
  source: string,
  partition: number,
): Promise<SourcePosition | null> {
  const rows = await q.query<{ position: bigint; prefix_hash: string | null }>(
    'select position, prefix_hash from source_position where source = $1 and partition = $2',
    [source, partition],
  );
  const row = rows[0];
  return row === undefined ? null : { position: Number(row.position), prefixHash: row.prefix_hash };
}

/** The positions of a source by partition; partitions never seen are absent. */
export async function readSourcePositions(q: Queryable, source: string): Promise<ReadonlyMap<number, number>> {
  const rows = await q.query<{ partition: number; position: bigint }>(
    'select partition, position from source_position where source = $1',
    [source],
  );
  return new Map(rows.map(({ partition, position }) => [partition, Number(position)]));
}

/**
 * Moves a source on, in the transaction of the batch that took it in; its row stays locked until that ends. Throws
 * `SourceMovedError` when the source is not at `from`; one never seen is anywhere.
 */
export async function advanceSource(tx: Transaction, advance: SourceAdvance): Promise<void> {
  const moved = await tx.query<{ position: bigint }>(
    `update source_position set position = $4, prefix_hash = $5
     where source = $1 and partition = $2 and position = $3 returning position`,
    [advance.source, advance.partition, advance.from, advance.to, advance.prefixHash],
  );
  if (moved.length === 0 && !(await beginSource(tx, advance))) throw new SourceMovedError(advance);
}

/** The first batch of a partition may begin anywhere: a log may have lost its beginning before anybody read it. */
async function beginSource(tx: Transaction, { source, partition, to, prefixHash }: SourceAdvance): Promise<boolean> {
  const begun = await tx.query(
    `insert into source_position (source, partition, position, prefix_hash) values ($1, $2, $3, $4)
     on conflict do nothing returning position`,
    [source, partition, to, prefixHash],
  );
  return begun.length > 0;
}

/**
 * Adds to a source's counts: records by outcome (rated, duplicate, superseded, …) and reason, joined by a tab; without
 * a tab the reason is ''. Last of a batch's statements: their rows are the last lock of every writer.
 */
export async function addCounts(tx: Transaction, source: string, counts: ReadonlyMap<string, number>): Promise<void> {
  const counted = [...counts].filter(([, records]) => records !== 0);
  if (counted.length === 0) return;
  const keys = counted.map(([key]) => key.split('\t'));
  // Sorted, since two workers of one source meet in these rows.
  await tx.query(
    `insert into source_count (source, outcome, reason, records)
     select $1, g.outcome, g.reason, g.records
     from unnest($2::text[], $3::text[], $4::bigint[]) as g (outcome, reason, records)
     order by g.outcome, g.reason
     on conflict (source, outcome, reason) do update set records = source_count.records + excluded.records`,
    [
      source,
      keys.map(([outcome]) => outcome ?? ''),
      keys.map(([, reason]) => reason ?? ''),
      counted.map(([, records]) => records),
    ],
  );
}

/** Records of a source by what became of them. */
export interface SourceCount {
  readonly source: string;
  readonly outcome: string;
  readonly reason: string;
  readonly records: number;
}

/** The counts of one source, or of each. */
export async function readSourceCounts(q: Queryable, source?: string): Promise<SourceCount[]> {
  return q.query(
    `select source, outcome, reason, records::float8 as records from source_count
     where $1::text is null or source = $1 order by source, outcome, reason`,
    [source ?? null],
  );
}
