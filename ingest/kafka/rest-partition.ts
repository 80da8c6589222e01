import type { Batch, Consumer } from '../../kafka/index.ts';
import { pause } from '../../operating/index.ts';
import type { OwnedPartition } from './owned-partition.ts';

/** Whether a batch goes up to the end of its partition's log, as it was when it was fetched. */
export function isAtEnd(batch: Batch): boolean {
  return Number(batch.lastOffset()) + 1 >= Number(batch.highWatermark);
}

/**
 * Lets messages gather in a partition for so many ms before it is fetched again: what comes there a few at a time would
 * else be many small transactions, each as dear as one of many messages.
 *
 * @param isOwned whether it is still ours
 * @param signal aborted when nothing is fetched any more
 */
export async function restPartition(
  consumer: Consumer,
  owned: OwnedPartition,
  ms: number,
  isOwned: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  if (ms === 0) return;
  const { topic, partition } = owned;
  consumer.pause([{ topic, partitions: [partition] }]);
  await pause(ms, signal);
  // One that is located meanwhile is resumed by whoever locates it.
  if (isOwned() && owned.state.phase === 'reading') consumer.resume([{ topic, partitions: [partition] }]);
}
