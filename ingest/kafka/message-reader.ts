import { type DeliveredRecord, UndecodedRecord } from '../delivery.ts';
import { bad } from '../formats/format.ts';
import type { Format, FormatId, UnmatchedName } from '../formats/format.ts';
import { openFormat } from '../formats/open-format.ts';
import type { FormatOptions, UnusableCode } from '../formats/open-format.ts';
import { frameDocuments, frameLines } from '../frame-records.ts';
import type { Framing } from '../frame-records.ts';
import type { Receipt } from '../../ledger/index.ts';
import { DEFAULT_START_WINDOW, receiptReader, type StartWindow } from '../plausible-starts.ts';

/** A message of a topic, as kafkajs gives it. */
export interface TopicMessage {
  readonly offset: string;
  readonly value: Buffer | null;
  /** When it was made or appended, ms since the epoch. */
  readonly timestamp?: string;
  readonly headers?: Readonly<Record<string, Buffer | string | readonly (Buffer | string)[] | undefined>>;
}

/** How the messages of one topic are read. */
export interface MessageReader {
  /** The format, as quarantine names it. */
  readonly format: string;
  /**
   * The records of messages, in order; positions are offsets. A message holds one record or many, framed as a
   * file of the format is; one without a value holds none. Never throws: what can't be read is a bad record.
   */
  read(messages: readonly TopicMessage[]): DeliveredRecord[];
  /** What was named for the format and fitted none of the records read so far. */
  readonly unmatched?: () => readonly UnmatchedName[];
}

/** The format of a topic must be named: its messages may come from several switches, and none speaks for the others. */
export interface TopicFormat extends FormatOptions {
  readonly format: FormatId;
  /** Which starts are plausible for a message's timestamp. */
  readonly startWindow?: StartWindow;
}

export type OpenedMessages =
  MessageReader | { readonly kind: 'unusable'; readonly code: UnusableCode; readonly problem: string };

/** Sets up reading the messages of a topic whose values are of the named format. */
export function openMessages(options: TopicFormat): OpenedMessages {
  const receiptOf = receiptReader(options.startWindow ?? DEFAULT_START_WINDOW);
  if (options.format === 'canonical-csv') {
    return { format: options.format, read: (messages) => readHeaded(messages, receiptOf) };
  }
  const opened = openFormat(Buffer.alloc(0), options);
  if (opened.kind === 'unusable') return opened;
  const { format } = opened;
  return {
    format: format.id,
    read: (messages) => readFramed(format, messages, receiptOf),
    ...(format.unmatched === undefined ? {} : { unmatched: format.unmatched }),
  };
}

type ReceiptOf = (timestamp: string | undefined) => Receipt | null;

function readFramed(format: Format, messages: readonly TopicMessage[], receiptOf: ReceiptOf): DeliveredRecord[] {
  const frame = format.framing === 'lines' ? frameLines : frameDocuments;
  const framing: Framing = { pairs: new Uint32Array(2 * RECORDS_AT_ONCE), count: 0, consumed: 0 };
  const delivered: DeliveredRecord[] = [];
  for (const { value, offset, timestamp } of messages) {
    if (value === null) continue;
    const position = Number(offset);
    const receipt = receiptOf(timestamp);
    let item = 0;
    framing.consumed = bomLength(value);
    do {
      framing.count = 0;
      frame(value, value.length, true, framing);
      for (let at = 0; at < framing.count; at++) {
        const start = framing.pairs[2 * at]!;
        const end = framing.pairs[2 * at + 1]!;
        delivered.push(new UndecodedRecord(format, value, start, end, position, item, start, end, receipt));
        item++;
      }
    } while (framing.consumed < value.length);
  }
  return delivered;
}

const RECORDS_AT_ONCE = 256;

function bomLength(value: Buffer): number {
  return value[0] === 0xef && value[1] === 0xbb && value[2] === 0xbf ? 3 : 0;
}

/** Each message of canonical CSV has a header line of its own, as a file has; one without it is one bad record. */
function readHeaded(messages: readonly TopicMessage[], receiptOf: ReceiptOf): DeliveredRecord[] {
  return messages.flatMap((message) => {
    const { value } = message;
    if (value === null) return [];
    const opened = openFormat(value, { format: 'canonical-csv' });
    if (opened.kind === 'format')
      return readFramed(opened.format, [{ ...message, value: value.subarray(opened.bodyStart) }], receiptOf);
    const decoded = bad('bad-header', `Cannot read the message: ${opened.problem}`);
    const receipt = receiptOf(message.timestamp);
    return [
      { decoded, position: Number(message.offset), item: 0, receipt, buffer: value, start: 0, end: value.length },
    ];
  });
}
