import type { KafkaMessage } from '../../kafka/index.ts';
import type { OffsetRange } from './offset-tally.ts';

/** Messages of one partition that follow each other, to be taken by one transaction. */
export interface PartitionSlice {
  readonly topic: string;
  readonly partition: number;
  /**
   * Where the ledger must stand: the offset after the last one taken. The first message's may be higher, where the
   * log has gaps.
   */
  readonly from: number;
  /** The offset after the slice. */
  readonly to: number;
  readonly messages: readonly KafkaMessage[];
  /** Offsets that are known to hold no message for us, in order; some may lie outside the slice. */
  readonly empty?: readonly OffsetRange[];
  /** How often people had moved the ledger's position when the slice was fetched; without it, that is not compared. */
  readonly moves?: number;
}

/** The partitions of each topic that are ours, after a rebalance. */
export type Assignment = ReadonlyMap<string, readonly number[]>;

/** Where the messages of partitions go: rated into the ledger, or re-keyed. */
export interface PartitionSink {
  /** The name under which the ledger keeps the positions of a topic. */
  sourceOf(topic: string): string;
  /**
   * Takes a slice in: when the promise settles, it is durable, and so is the source's position, moved from `from` to
   * `to`. It may be called again before that, with the slice that follows or one of another partition. Rejects with
   * the code `source-moved` when the source is not at `from`; after any other failure the same slice is given again,
   * until it works.
   *
   * @param failures how often this slice has failed
   */
  take(slice: PartitionSlice, failures: number): Promise<void>;
  /**
   * Told of each new assignment, before anything of it is given.
   *
   * @param partitionCounts how many partitions each of its topics has
   */
  onAssigned(assignment: Assignment, partitionCounts: ReadonlyMap<string, number>): void;
  /** How long messages may gather in a partition of the topic before it is fetched again, in ms; 0: they may not. */
  restMs(topic: string): number;
}
