import type { DeliveredRecord } from '../delivery.ts';
import { bad } from '../formats/format.ts';
import type { Format, FormatId } from '../formats/format.ts';
import { openFormat } from '../formats/open-format.ts';
import type { FormatOptions, UnusableCode } from '../formats/open-format.ts';
import { frameDocuments, frameLines } from '../frame-records.ts';
import type { Framing } from '../frame-records.ts';

/** A message of a topic, as kafkajs gives it. */
export interface TopicMessage {
  readonly offset: string;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer | string | readonly (Buffer | string)[] | undefined>>;
}

/** How the messages of one topic are read. */
export interface MessageReader {
  /** The format, as quarantine names it. */
  readonly format: string;
  /**
   * The records of messages, in order, decoded; positions are offsets. A message holds one record or many, framed as a
   * file of the format is; one without a value holds none. Never throws: what can't be read is a bad record.
   */
  read(messages: readonly TopicMessage[]): DeliveredRecord[];
}

/** The format of a topic must be named: its messages may come from several switches, and none speaks for the others. */
export interface TopicFormat extends FormatOptions {
  readonly format: FormatId;
}

export type OpenedMessages =
  MessageReader | { readonly kind: 'unusable'; readonly code: UnusableCode; readonly problem: string };

/** Sets up reading the messages of a topic whose values are of the named format. */
export function openMessages(options: TopicFormat): OpenedMessages {
  if (options.format === 'canonical-csv') return { format: options.format, read: readHeaded };
  const opened = openFormat(Buffer.alloc(0), options);
  if (opened.kind === 'unusable') return opened;
  const { format } = opened;
  return { format: format.id, read: (messages) => readFramed(format, messages) };
}

/** Reads all messages at once, from one buffer: canonical records are then decoded two to three times faster. */
function readFramed(format: Format, messages: readonly TopicMessage[]): DeliveredRecord[] {
  const frame = format.framing === 'lines' ? frameLines : frameDocuments;
  const buffer = joinValues(messages);
  let framing: Framing = { pairs: new Uint32Array(2 * messages.length), count: 0, consumed: 0 };
  const counts = new Uint32Array(messages.length);
  let next = 0;
  for (const [index, { value }] of messages.entries()) {
    if (value === null) continue;
    const before = framing.count;
    const end = next + value.length;
    framing.consumed = next + bomLength(value);
    frame(buffer, end, true, framing);
    while (framing.consumed < end) {
      framing = withRoom(framing);
      frame(buffer, end, true, framing);
    }
    counts[index] = framing.count - before;
    next = end + 1;
  }
  return deliver(format, buffer, framing, messages, counts);
}

/** The values one after the other, each followed by a line end, where the search for one then stops. */
function joinValues(messages: readonly TopicMessage[]): Buffer {
  let bytes = 0;
  for (const { value } of messages) if (value !== null) bytes += value.length + 1;
  const joined = Buffer.allocUnsafeSlow(bytes);
  let next = 0;
  for (const { value } of messages) {
    if (value === null) continue;
    joined.set(value, next);
    next += value.length + 1;
    joined[next - 1] = 10;
  }
  return joined;
}

function bomLength(value: Buffer): number {
  return value[0] === 0xef && value[1] === 0xbb && value[2] === 0xbf ? 3 : 0;
}

function withRoom({ pairs, count, consumed }: Framing): Framing {
  const larger = new Uint32Array(2 * pairs.length + 2);
  larger.set(pairs);
  return { pairs: larger, count, consumed };
}

/** @param counts how many of the framed records each message has */
function deliver(
  format: Format,
  buffer: Buffer,
  { pairs }: Framing,
  messages: readonly TopicMessage[],
  counts: Uint32Array,
): DeliveredRecord[] {
  const delivered: DeliveredRecord[] = [];
  for (const [index, { offset }] of messages.entries()) {
    const position = Number(offset);
    for (let item = 0; item < counts[index]!; item++) {
      const at = delivered.length;
      const start = pairs[2 * at]!;
      const end = pairs[2 * at + 1]!;
      delivered.push({
        decoded: format.decode(buffer, start, end),
        position,
        item,
        buffer,
        start,
        end,
      });
    }
  }
  return delivered;
}

/** Each message of canonical CSV has a header line of its own, as a file has; one without it is one bad record. */
function readHeaded(messages: readonly TopicMessage[]): DeliveredRecord[] {
  return messages.flatMap((message) => {
    const { value, offset } = message;
    if (value === null) return [];
    const opened = openFormat(value, { format: 'canonical-csv' });
    if (opened.kind === 'format')
      return readFramed(opened.format, [{ offset, value: value.subarray(opened.bodyStart) }]);
    const decoded = bad('bad-header', `Cannot read the message: ${opened.problem}`);
    return [{ decoded, position: Number(offset), item: 0, buffer: value, start: 0, end: value.length }];
  });
}
