import type { Admin } from 'kafkajs';
import { type Queryable, readSourcePositions } from '../../ledger/index.ts';

/** The offsets of a partition's log: of its first message, and the one that its next message will have. */
export interface LogBounds {
  readonly start: number;
  readonly end: number;
}

/**
 * Why a partition is not read on: the ledger stands after the log's end (the topic was made anew), or before its start
 * (messages were deleted before they were taken in), or the batch that stands there can't be read.
 */
export const stopReasons = ['position-beyond-end', 'position-before-start', 'unreadable-batch'] as const;
export type StopReason = (typeof stopReasons)[number];

/** Where the ledger stands in a partition, and whether it can be read on from there. */
export type Standing =
  | {
      readonly kind: 'ready';
      readonly position: number;
      /** Nothing was taken in yet: the ledger has no position of its own. */
      readonly isNew: boolean;
      readonly bounds: LogBounds;
    }
  | {
      readonly kind: 'stopped';
      readonly reason: StopReason;
      readonly position: number;
      readonly bounds: LogBounds;
    };

/** @param position the ledger's; `null` when nothing was taken in yet: then the log is read from its start */
export function standingOf(position: number | null, bounds: LogBounds): Standing {
  if (position === null) return { kind: 'ready', position: bounds.start, isNew: true, bounds };
  if (position > bounds.end) return { kind: 'stopped', reason: 'position-beyond-end', position, bounds };
  if (position < bounds.start) return { kind: 'stopped', reason: 'position-before-start', position, bounds };
  return { kind: 'ready', position, isNew: false, bounds };
}

/** Where the ledger stands in every partition that a topic has. */
export async function readStandings(
  db: Queryable,
  admin: Pick<Admin, 'fetchTopicOffsets'>,
  topic: string,
  source: string,
): Promise<ReadonlyMap<number, Standing>> {
  // The ledger first: what is committed after it was asked is in a log that ends later still.
  const positions = await readSourcePositions(db, source);
  const logs = await admin.fetchTopicOffsets(topic);
  return new Map(
    logs.map(({ partition, low, high }) => {
      const bounds = { start: Number(low), end: Number(high) };
      return [partition, standingOf(positions.get(partition) ?? null, bounds)];
    }),
  );
}
