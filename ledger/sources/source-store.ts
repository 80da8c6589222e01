import type { Queryable, Transaction } from '../database/database.ts';

/** How far a source has been taken in. */
export interface SourcePosition {
  /** Everything before it is in the ledger, in quarantine or counted. */
  readonly position: number;
  /** SHA-256 of the first `position` bytes, hex, for a source that is a file. */
  readonly prefixHash: string | null;
}

/**
 * Another process took the source on meanwhile: nothing of this batch may stay. Read the position, and go on from
 * there.
 */
export class SourceMovedError extends Error {
  override readonly name = 'SourceMovedError';
  readonly code = 'source-moved';
  readonly retryable = true;

  constructor(advance: SourceAdvance) {
    super(
      `Cannot advance source '${advance.source}' partition '${advance.partition}' from '${advance.from}' to ` +
        `'${advance.to}': it does not stand there, or a person has moved it`,
    );
  }
}

/** What the positions of a stretch hold; what neither explains shows as a hole. */
export interface StretchTally {
  /** Positions of what was taken: messages of a Kafka partition, bytes of a file's records. */
  readonly taken: number;
  /** Positions known to hold nothing for us: control records, aborted messages; line ends, a header. */
  readonly empty: number;
}

export interface SourceAdvance {
  readonly source: string;
  readonly partition: number;
  /** The position that the batch started from. */
  readonly from: number;
  readonly to: number;
  readonly prefixHash: string | null;
  /** What `[from, to)` holds; without it, all of it is a hole. */
  readonly tally?: StretchTally;
  /** How often people had moved the position when the stretch was read; without it, that is not compared. */
  readonly moves?: number;
}

/** Where a partition of a source stands, and what was counted of it. */
export interface PartitionPosition {
  readonly position: number;
  /** Kafka's id of the topic that the position is of; `null` when it is not known. */
  readonly topicId: string | null;
  /** How often people have moved it. */
  readonly moves: number;
  /** Whether nothing was taken in yet and nobody has moved it: it stands where it began. */
  readonly isUntouched: boolean;
  /** Positions passed that nothing explains: lost (above 0) or counted twice (below). */
  readonly hole: number;
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

/** The same with what was counted of them. */
export async function readPartitionPositions(
  q: Queryable,
  source: string,
): Promise<ReadonlyMap<number, PartitionPosition>> {
  const rows = await q.query<PartitionPosition & { partition: number }>(
    `select partition, position::float8 as position, topic_id as "topicId", moves, hole::float8 as hole,
            begun_at is not null and taken + empty + moves = 0 as "isUntouched"
     from source_position where source = $1`,
    [source],
  );
  return new Map(rows.map(({ partition, ...known }) => [partition, known]));
}

/** Where a partition begins that the ledger has never seen. */
export interface PartitionBeginning {
  readonly partition: number;
  /** The log's start. */
  readonly at: number;
}

/**
 * Puts on record where partitions begin, before anything of them is taken in, and the id of their topic; of those that
 * are on record already nothing but the id is added, where it was not known. Several may do so at once: the first one's
 * beginning holds, so read the positions afterwards.
 */
export async function beginPartitions(
  q: Queryable,
  source: string,
  topicId: string | null,
  beginnings: readonly PartitionBeginning[],
): Promise<void> {
  if (beginnings.length === 0) return;
  // Sorted, since two workers of one topic meet in these rows.
  const sorted = beginnings.toSorted((a, b) => a.partition - b.partition);
  await q.query(
    `insert into source_position as known (source, partition, position, begins_at, topic_id)
     select $1, g.partition, g.at, g.at, $4
     from unnest($2::int[], $3::bigint[]) as g (partition, at) order by g.partition
     on conflict (source, partition) do update set topic_id = excluded.topic_id
     where known.topic_id is null and excluded.topic_id is not null`,
    [source, sorted.map(({ partition }) => partition), sorted.map(({ at }) => at), topicId],
  );
}

/**
 * A source without a row stands at 0: the start of a file. Of a log that begins later, `beginPartitions` says so
 * first.
 */
const ADVANCE_FROM_START = `
  insert into source_position as known (source, partition, position, prefix_hash, begins_at, taken, empty)
  values ($1, $2, $3, $4, 0, $5, $6)
  on conflict (source, partition) do update set position = excluded.position, prefix_hash = excluded.prefix_hash,
    taken = known.taken + excluded.taken, empty = known.empty + excluded.empty
  where known.position = 0 and ($7::int is null or known.moves = $7) returning position`;

const ADVANCE = `
  update source_position set position = $3, prefix_hash = $4, taken = taken + $5, empty = empty + $6
  where source = $1 and partition = $2 and ($7::int is null or moves = $7) and position = $8 returning position`;

/**
 * Moves a source on, in the transaction of the batch that took it in; its row stays locked until that ends. Throws
 * `SourceMovedError` when the source does not stand at `from`, without exception: one that was never seen stands at 0.
 */
export async function advanceSource(tx: Transaction, advance: SourceAdvance): Promise<void> {
  const { source, partition, from, to, prefixHash, tally, moves } = advance;
  const given = [source, partition, to, prefixHash, tally?.taken ?? 0, tally?.empty ?? 0, moves ?? null];
  const moved = from === 0 ? await tx.query(ADVANCE_FROM_START, given) : await tx.query(ADVANCE, [...given, from]);
  if (moved.length === 0) throw new SourceMovedError(advance);
}

/** A source whose positions are not all explained. */
export interface SourceHole {
  readonly source: string;
  readonly partition: number;
  readonly position: number;
  readonly hole: number;
}

/** Every partition of every source with a hole: none, unless something was lost or counted twice. */
export async function readHoles(q: Queryable): Promise<SourceHole[]> {
  return q.query<SourceHole>(
    `select source, partition, position::float8 as position, hole::float8 as hole
     from source_position where hole <> 0 order by source, partition`,
  );
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
