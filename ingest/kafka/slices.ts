import { type Batch, UnreadableBatch } from '../../kafka/index.ts';
import type { PartitionSlice } from './partition-sink.ts';

/** What a slice may come to, so that a transaction stays of bearable size. */
export interface SliceLimits {
  readonly messages: number;
  /** Of values, uncompressed: a message may hold many records. */
  readonly bytes: number;
}

/** What a fetched batch ends with, where it could not be read to its end; else `null`. */
export function unreadableIn({ messages }: Pick<Batch, 'messages'>): UnreadableBatch | null {
  const last: unknown = messages.at(-1);
  return last instanceof UnreadableBatch ? last : null;
}

/**
 * Cuts a fetched batch into slices that follow each other, the first of which begins at `position`; the last goes up
 * to the batch's end, with the control records that kafkajs keeps to itself, or up to what can't be read.
 */
export function* slicesOf(batch: Batch, position: number, limits: SliceLimits): Generator<PartitionSlice> {
  const { topic, partition } = batch;
  const unreadable = unreadableIn(batch);
  const messages = unreadable === null ? batch.messages : batch.messages.slice(0, -1);
  const end = unreadable === null ? Number(batch.lastOffset()) + 1 : Number(unreadable.offset);
  // Slices of about one length: while one commits, the next is rated, and neither should wait long for the other.
  const even = Math.ceil(messages.length / Math.max(1, Math.ceil(messages.length / limits.messages)));
  let from = position;
  for (let first = 0; first < messages.length;) {
    const last = lastOfSlice(messages, first, { ...limits, messages: even });
    const next = messages[last];
    const to = next === undefined ? end : Number(next.offset);
    yield { topic, partition, from, to, messages: messages.slice(first, last) };
    from = to;
    first = last;
  }
}

/** Where the slice ends that begins with the message `first`: it has one at least. */
function lastOfSlice(messages: Batch['messages'], first: number, limits: SliceLimits): number {
  const limit = Math.min(messages.length, first + limits.messages);
  let bytes = 0;
  for (let at = first; at < limit; at++) {
    bytes += messages[at]?.value?.length ?? 0;
    if (bytes > limits.bytes && at > first) return at;
  }
  return limit;
}
