import { readVarint, varintEnd } from './varint.ts';

/** What kafkajs asks of a message's batch, to leave out what transactions took back. */
export interface BatchContext {
  /** The stretch of the log that the batch spans; absent in the formats of before Kafka 0.11. */
  readonly firstOffset?: string;
  readonly lastOffsetDelta?: number;
  readonly producerId: string;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
  readonly magicByte: number;
  readonly firstTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly hasBrokerTime: boolean;
}

export type Headers = Record<string, Buffer | null | (Buffer | null)[]>;

/** Where the parts of a message lie in its bytes; an end of -1 says that there is none. */
export interface MessagePlaces {
  readonly timestampDelta: number;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Where the count of its headers stands; -1 where there is none. */
  readonly headersStart: number;
  /** Where the message ends. */
  readonly end: number;
}

/**
 * A message as kafkajs gives it to its consumers. Key, headers and time are read when asked for, which on ordinary
 * topics nobody does.
 */
export class FetchedMessage {
  readonly offset: string;
  /** Of a message that is too long, its beginning. */
  readonly value: Buffer | null;
  /** How long the value is in truth, in bytes. */
  readonly valueBytes: number;
  readonly batchContext: BatchContext;
  readonly #bytes: Buffer;
  readonly #keyStart: number;
  readonly #keyEnd: number;
  readonly #headersStart: number;
  readonly #end: number;
  readonly #timestampDelta: number;

  constructor(
    offset: string,
    bytes: Buffer,
    { keyStart, keyEnd, valueStart, valueEnd, headersStart, end, timestampDelta }: MessagePlaces,
    batchContext: BatchContext,
    valueBytes = Math.max(0, valueEnd - valueStart),
  ) {
    this.offset = offset;
    this.value = valueEnd < 0 ? null : bytes.subarray(valueStart, valueEnd);
    this.valueBytes = valueBytes;
    this.batchContext = batchContext;
    this.#bytes = bytes;
    this.#keyStart = keyStart;
    this.#keyEnd = keyEnd;
    this.#headersStart = headersStart;
    this.#end = end;
    this.#timestampDelta = timestampDelta;
  }

  get isControlRecord(): boolean {
    return this.batchContext.isControlBatch;
  }

  get magicByte(): number {
    return this.batchContext.magicByte;
  }

  get attributes(): number {
    return 0;
  }

  get key(): Buffer | null {
    return this.#keyEnd < 0 ? null : this.#bytes.subarray(this.#keyStart, this.#keyEnd);
  }

  /** Milliseconds since the epoch, as a text. */
  get timestamp(): string {
    const { hasBrokerTime, firstTimestamp, maxTimestamp } = this.batchContext;
    return String(hasBrokerTime ? maxTimestamp : firstTimestamp + BigInt(this.#timestampDelta));
  }

  /** By name; a name that stands several times has a list. What is no header ends them. */
  get headers(): Headers {
    const headers: Headers = Object.create(null) as Headers;
    if (this.#headersStart < 0) return headers;
    const bytes = this.#bytes;
    const count = readVarint(bytes, this.#headersStart);
    let at = varintEnd(bytes, this.#headersStart);
    for (let index = 0; index < count; index++) {
      const nameLength = readVarint(bytes, at);
      at = varintEnd(bytes, at);
      if (nameLength < 0 || at + nameLength >= this.#end) break;
      const name = bytes.toString('utf8', at, at + nameLength);
      at += nameLength;
      const length = readVarint(bytes, at);
      at = varintEnd(bytes, at);
      if (at + Math.max(0, length) > this.#end) break;
      addHeader(headers, name, length < 0 ? null : bytes.subarray(at, at + length));
      at += Math.max(0, length);
    }
    return headers;
  }
}

function addHeader(headers: Headers, name: string, value: Buffer | null): void {
  const known = headers[name];
  if (known === undefined) headers[name] = value;
  else if (Array.isArray(known)) known.push(value);
  else headers[name] = [known, value];
}

/**
 * Stands for what a batch has at its end and no message of ours is: offsets that compaction took away. kafkajs
 * passes it over as it does with control records, and reads on behind it.
 */
export function fillerMessage(offset: number, context: BatchContext): FetchedMessage {
  return new FetchedMessage(String(offset), NOTHING, NO_PLACES, { ...context, isControlBatch: true });
}

const NOTHING = Buffer.alloc(0);
export const NO_PLACES: MessagePlaces = {
  timestampDelta: 0,
  keyStart: 0,
  keyEnd: -1,
  valueStart: 0,
  valueEnd: -1,
  headersStart: -1,
  end: 0,
};

/**
 * Stands for a batch that can't be read, last of its partition's messages: whoever reads them must stop there. Only
 * our own reading makes one; no sender can.
 */
export class UnreadableBatch {
  /** The first offset that could not be read. */
  readonly offset: string;
  /** What is the matter, for people: it holds nothing of the batch. */
  readonly problem: string;
  /** The offset after the batch, where its header says so credibly. */
  readonly end: number | null;
  readonly value = null;
  readonly key = null;
  readonly isControlRecord = false;
  readonly batchContext = { producerId: '-1', inTransaction: false };

  constructor(offset: number, problem: string, end: number | null) {
    this.offset = String(offset);
    this.problem = problem;
    this.end = end;
  }
}
