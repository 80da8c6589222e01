import type { Batch } from '../../kafka/index.ts';

/** What kafkajs says of a batch without messages for us. */
export interface EmptyBatch {
  readonly topic: string;
  readonly partition: number;
  /** Of the records that it leaves out; `null` when all of them stand before what was asked for. */
  readonly firstOffset: string | null;
  readonly lastOffset: string;
}

/** The offset that was asked for; kafkajs has it on its batches but not in its types. */
export function fetchedOffset(batch: Batch): number {
  return Number(Reflect.get(batch, 'fetchedOffset'));
}

/** When a batch's first and last message were written, in ms since the epoch. */
export function timesOf({ messages }: Batch): readonly [number, number] {
  return [Number(messages[0]?.timestamp ?? 0), Number(messages.at(-1)?.timestamp ?? 0)];
}
