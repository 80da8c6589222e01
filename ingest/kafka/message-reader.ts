import {
  type DeliveredRecord,
  UndecodedRecord,
  DEFAULT_START_WINDOW,
  receiptReader,
  type StartWindow,
} from '../../engine/index.ts';
import {
  HEADED_FORMATS,
  MAX_RECORD_BYTES,
  bad,
  tooLong,
  type Format,
  type FormatId,
  type UnmatchedName,
  openFormat,
  type FormatOptions,
  type UnusableCode,
} from '../../formats/index.ts';
import type { Framing } from '../files/frame-records.ts';
import { FRAMING_WAYS } from '../files/frame-way.ts';
import type { Receipt } from '../../ledger/index.ts';

/** A message of a topic, as kafkajs gives it. */
export interface TopicMessage {
  readonly offset: string;
  readonly value: Buffer | null;
  /** How long the value is in truth, in bytes, where only its beginning is given. */
  readonly valueBytes?: number;
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
  /** Its records may be legs of calls of several: `Format.hasLegs`. */
  readonly hasLegs?: boolean;
  /** Adds the records of one message; answers how many bytes it took in memory, unpacked. */
  readOne(message: TopicMessage, records: DeliveredRecord[]): number;
}

/** A reader that reads each message by `readOne`. */
export function readerOf(
  format: string,
  readOne: MessageReader['readOne'],
  unmatched?: MessageReader['unmatched'],
  hasLegs = false,
): MessageReader {
  return {
    format,
    hasLegs,
    ...(unmatched === undefined ? {} : { unmatched }),
    readOne,
    read(messages) {
      const records: DeliveredRecord[] = [];
      for (const message of messages) readOne(message, records);
      return records;
    },
  };
}

/** Whether only the beginning of a message is given, and then what becomes of it: it waits in quarantine. */
export function cutRecord({ value, valueBytes, offset }: TopicMessage): DeliveredRecord | null {
  if (value === null || valueBytes === undefined || valueBytes <= value.length) return null;
  const detail = `Cannot read the message: ${valueBytes} bytes, the first ${value.length} are kept`;
  const decoded = tooLong(valueBytes, detail);
  return { decoded, position: Number(offset), item: 0, buffer: value, start: 0, end: value.length };
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
  const opened = openFormat(Buffer.alloc(0), options);
  if (isHeaded(options) && !(opened.kind === 'unusable' && opened.code === 'missing-options')) {
    return readerOf(options.format, (message, records) => readHeaded(message, options, receiptOf, records));
  }
  if (opened.kind === 'unusable') return opened;
  const { format } = opened;
  const readOne: MessageReader['readOne'] = (message, records) => {
    const { value, offset, timestamp } = message;
    if (value === null) return 0;
    const cut = cutRecord(message);
    const place = { position: Number(offset), receipt: receiptOf(timestamp) };
    if (cut !== null) records.push(cut);
    else {
      const { format: own, bodyStart } = format.id === 'asterisk-csv' ? tableFormat(value) : plain(value);
      readFramed(own, value, bodyStart, place, records);
    }
    return value.length;
  };
  const plain = (value: Buffer): OpenedTable => ({ format, bodyStart: bomLength(value) });
  const tableFormat = tableReader(options, plain);
  return readerOf(format.id, readOne, format.unmatched, format.hasLegs);
}

/** How the value of a message is read, and where its first record begins. */
interface OpenedTable {
  readonly format: Format;
  readonly bodyStart: number;
}

/** The messages of a table's rows may begin each with a line of column names, as a file of them does. */
function tableReader(options: TopicFormat, plain: (value: Buffer) => OpenedTable): (value: Buffer) => OpenedTable {
  return (value) => {
    const start = bomLength(value);
    // A first line without this column's name is no header.
    if (
      value
        .subarray(start, start + 4096)
        .toString('latin1')
        .search(/dstchannel/i) < 0
    )
      return plain(value);
    const opened = openFormat(value, options);
    return opened.kind === 'format' ? opened : plain(value);
  };
}

/** Whether each message begins with a line that names its columns. */
function isHeaded({ format, told }: TopicFormat): boolean {
  return HEADED_FORMATS.includes(format) && told?.mapping?.form !== 'json';
}

type ReceiptOf = (timestamp: string | undefined) => Receipt | null;

/** Where a message stands, and when it reached its source. */
interface MessagePlace {
  readonly position: number;
  readonly receipt: Receipt | null;
}

/** Adds the records of a message's value from `start` on, up to `MOST_RECORDS` of them. */
function readFramed(
  format: Format,
  value: Buffer,
  start: number,
  { position, receipt }: MessagePlace,
  records: DeliveredRecord[],
): void {
  const frame = FRAMING_WAYS[format.framing];
  let item = 0;
  framing.consumed = start;
  do {
    framing.count = 0;
    frame(value, value.length, true, framing);
    for (let at = 0; at < framing.count; at++) {
      const from = framing.pairs[2 * at]!;
      const end = framing.pairs[2 * at + 1]!;
      if (item === MOST_RECORDS) return setRestAside(value, from, position, records);
      records.push(
        end - from > MAX_RECORD_BYTES
          ? beginningOf(value, from, end, position, item)
          : new UndecodedRecord(format, value, from, end, position, item, from, end, receipt),
      );
      item++;
    }
  } while (framing.consumed < value.length);
}

const RECORDS_AT_ONCE = 256;
/** One for all messages: they are read one after the other. */
const framing: Framing = { pairs: new Uint32Array(2 * RECORDS_AT_ONCE), count: 0, consumed: 0 };

/** So many records are read of one message: they are taken in by one transaction. */
export const MOST_RECORDS = 100_000;

/** What follows the last record that is read waits in quarantine, whole, in pieces of lines. */
function setRestAside(value: Buffer, start: number, position: number, records: DeliveredRecord[]): void {
  const detail = `Cannot read the message further: it holds more than ${MOST_RECORDS} records`;
  const decoded = bad('too-many-records', detail);
  for (let from = start, item = MOST_RECORDS; from < value.length; item++) {
    const most = Math.min(value.length, from + MAX_RECORD_BYTES);
    const lineEnd = most === value.length ? -1 : value.lastIndexOf(10, most - 1);
    const end = lineEnd > from ? lineEnd + 1 : most;
    records.push({ decoded, position, item, buffer: value, start: from, end });
    from = end;
  }
}

/** Of a record that is too long the beginning is kept. */
function beginningOf(buffer: Buffer, start: number, end: number, position: number, item: number): DeliveredRecord {
  return { decoded: tooLong(end - start), position, item, buffer, start, end: start + MAX_RECORD_BYTES };
}

function bomLength(value: Buffer): number {
  return value[0] === 0xef && value[1] === 0xbb && value[2] === 0xbf ? 3 : 0;
}

/** Each message of CSV with a header has one of its own, as a file has; one without it is one bad record. */
function readHeaded(
  message: TopicMessage,
  options: TopicFormat,
  receiptOf: ReceiptOf,
  records: DeliveredRecord[],
): number {
  const { value, offset, timestamp } = message;
  const place = { position: Number(offset), receipt: receiptOf(timestamp) };
  if (value === null) return 0;
  const cut = cutRecord(message);
  const opened = cut === null ? openFormat(value, options) : null;
  if (cut !== null) records.push(cut);
  else if (opened?.kind === 'format') readFramed(opened.format, value, opened.bodyStart, place, records);
  else if (opened !== null) {
    const decoded = bad('bad-header', `Cannot read the message: ${opened.problem}`);
    const end = Math.min(value.length, MAX_RECORD_BYTES);
    records.push({ decoded, position: Number(offset), item: 0, buffer: value, start: 0, end });
  }
  return value.length;
}
