import type { UnreadableBatch } from '../../kafka/index.ts';
import { assigned, type PartitionState } from './partition-state.ts';

/** One of our partitions in one assignment. */
export interface OwnedPartition {
  readonly topic: string;
  readonly partition: number;
  /** What we believe of it; replaced by each move that `partition-state.ts` allows. */
  state: PartitionState;
  /** Where the ledger stands, as far as is known. */
  taken: number;
  /** From where the last fetch was made. */
  fetchedFrom: number;
  /** What could not be read when it was last tried: the partition goes on once something can. */
  unreadable: UnreadableBatch | null;
  /**
   * Since when it stands where it does though the log goes on, ms since the epoch; `null` while it moves, or is at
   * the end.
   */
  still: { readonly position: number; readonly since: number } | null;
  /** When it was last told that it is stopped, and that it has a hole, in ms since the epoch. */
  stopReportedAt: number;
  holeReportedAt: number;
}

/** One that was just assigned. */
export function unlocated(topic: string, partition: number): OwnedPartition {
  return {
    topic,
    partition,
    state: assigned(),
    taken: 0,
    fetchedFrom: -1,
    unreadable: null,
    still: null,
    stopReportedAt: 0,
    holeReportedAt: 0,
  };
}

/** A partition as the key of a map. */
export function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
