import type { Batch, KafkaMessage } from '../../kafka/index.ts';
import type { StretchTally } from '../../ledger/index.ts';
import type { PartitionState } from './partition-state.ts';

/** Offsets `[from, to)`. */
export interface OffsetRange {
  readonly from: number;
  readonly to: number;
}

/** The offsets before the next batch that hold nothing: all but those that the log does not have. */
export function emptyBefore({ position, next, missing }: PartitionState, isCompactedTopic: boolean): OffsetRange[] {
  const from = isCompactedTopic ? position : position + missing;
  return next > from ? [{ from, to: next }] : [];
}

/** What kafkajs 2.2.4 decodes of a fetch, control records and aborted messages too, but has not in its types. */
interface RawMessage {
  readonly offset: string;
  /** The batch of the log that it stands in; absent in the formats of before Kafka 0.11. */
  readonly batchContext?: { readonly firstOffset: string; readonly lastOffsetDelta: number };
}

/**
 * The offsets of a fetched batch, from where it was fetched up to its last record, that are known to hold no message
 * for us: control records and messages of aborted transactions, which kafkajs leaves out; and those that a batch of
 * the log spans without having a record there, which is what compaction leaves. Offsets between batches of the log
 * are known to hold nothing only in a topic that is compacted, where whole batches go: anywhere else they are for the
 * hole to tell.
 */
export function emptyRanges(batch: Batch, fetched: number, isCompacted: boolean): OffsetRange[] {
  const { messages } = batch;
  const raw = rawMessagesOf(batch);
  if (isWithoutGap(raw, messages, fetched)) return [];
  const ranges: OffsetRange[] = [];
  const note = (from: number, to: number): void => {
    if (to > from) ranges.push({ from, to });
  };
  let at = fetched;
  let spannedTo = fetched;
  let delivered = 0;
  for (const message of raw) {
    const offset = Number(message.offset);
    if (offset < fetched) continue;
    const { firstOffset = message.offset, lastOffsetDelta = 0 } = message.batchContext ?? {};
    if (isCompacted) note(at, offset);
    else {
      const inBatchBefore = Math.min(Math.max(at, spannedTo), offset);
      note(at, inBatchBefore);
      note(Math.max(inBatchBefore, Number(firstOffset)), offset);
    }
    if (messages[delivered]?.offset === message.offset) delivered++;
    else note(offset, offset + 1);
    at = offset + 1;
    spannedTo = Number(firstOffset) + lastOffsetDelta + 1;
  }
  return ranges;
}

/** The usual case, told without looking at each message. */
function isWithoutGap(raw: readonly RawMessage[], messages: readonly KafkaMessage[], fetched: number): boolean {
  const [first] = messages;
  const last = messages.at(-1);
  if (first === undefined || last === undefined || raw.length !== messages.length) return false;
  return Number(first.offset) === fetched && Number(last.offset) - fetched + 1 === messages.length;
}

function rawMessagesOf(batch: Batch): readonly RawMessage[] {
  const raw: unknown = Reflect.get(batch, 'rawMessages');
  return Array.isArray(raw) ? raw : batch.messages;
}

/** What offsets `[from, to)` hold: the messages that were given, and those known to be empty. */
export function tallyOf(
  messages: readonly Pick<KafkaMessage, 'offset'>[],
  empty: readonly OffsetRange[],
  { from, to }: OffsetRange,
): StretchTally {
  return {
    taken: firstFrom(messages, to) - firstFrom(messages, from),
    empty: empty.reduce((sum, range) => sum + Math.max(0, Math.min(range.to, to) - Math.max(range.from, from)), 0),
  };
}

/** The index of the first message at or after an offset. */
function firstFrom(messages: readonly Pick<KafkaMessage, 'offset'>[], offset: number): number {
  let low = 0;
  for (let high = messages.length; low < high;) {
    const middle = (low + high) >> 1;
    if (Number(messages[middle]?.offset) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
