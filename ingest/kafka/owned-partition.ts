import type { UnreadableBatch } from './fetch/fetched-message.ts';

/**
 * One of our partitions in one assignment:
 *
 * - `locating`: paused, until it is known where the ledger stands
 * - `reading`: from the ledger's position on
 * - `stopped`: paused, until somebody decides: the ledger's position is not in the log, or what stands there can't be read
 */
export interface OwnedPartition {
  readonly topic: string;
  readonly partition: number;
  phase: 'locating' | 'reading' | 'stopped';
  /** Where the ledger stands when all slices given so far are taken. */
  position: number;
  /** The offset that the next batch must have been fetched from: the position, or after control records that follow it. */
  next: number;
  /** The offset after the last batch that held nothing but control records. */
  afterControlRecords: number;
  /** Where the ledger stands, as far as is known. */
  taken: number;
  /** What could not be read when it was last tried: the partition goes on once something can. */
  unreadable: UnreadableBatch | null;
  /** When it was last told that it is stopped, in ms since the epoch. */
  toldAt: number;
}

/** One that was just assigned. */
export function unlocated(topic: string, partition: number): OwnedPartition {
  const nowhere = { position: 0, next: 0, afterControlRecords: -1, taken: 0, toldAt: 0 };
  return { topic, partition, phase: 'locating', ...nowhere, unreadable: null };
}

/** Has it read on from the ledger's position, or from the control records that follow it up to `controlRecords`. */
export function readOn(owned: OwnedPartition, position: number, controlRecords: number | null): void {
  owned.phase = 'reading';
  owned.position = position;
  owned.taken = position;
  owned.next = controlRecords !== null && controlRecords > position ? controlRecords : position;
}

/** A partition as the key of a map. */
export function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
