/** A broker's answer to a fetch, its records not read yet. */
export interface FetchResponse {
  readonly throttleTime: number;
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly responses: readonly TopicResponse[];
}

export interface TopicResponse {
  readonly topicName: string;
  readonly partitions: readonly PartitionResponse[];
}

export interface PartitionResponse {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly abortedTransactions: readonly AbortedTransaction[];
  readonly preferredReadReplica: number;
  readonly records: Buffer;
}

export interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

/** The versions of the answer that are read: all that kafkajs asks of a broker since Kafka 0.11. */
export const LEAST_VERSION = 4;
export const GREATEST_VERSION = 11;

/** Takes an answer apart. Throws where it is no such answer: then the connection is to blame, not what a log holds. */
export function readFetchResponse(bytes: Buffer, version: number): FetchResponse {
  const input = new Fields(bytes);
  const throttleTime = input.int32();
  const isThrottledByUs = version >= 8;
  const errorCode = version >= 7 ? input.int16() : 0;
  const sessionId = version >= 7 ? input.int32() : 0;
  const responses = input.list(() => ({
    topicName: input.text(),
    partitions: input.list(() => readPartition(input, version)),
  }));
  return {
    // From version 8 on, the broker has not waited yet: it wants us to.
    throttleTime: isThrottledByUs ? 0 : throttleTime,
    clientSideThrottleTime: isThrottledByUs ? throttleTime : 0,
    errorCode,
    sessionId,
    responses,
  };
}

function readPartition(input: Fields, version: number): PartitionResponse {
  const partition = input.int32();
  const errorCode = input.int16();
  const highWatermark = input.int64();
  const lastStableOffset = input.int64();
  if (version >= 5) input.int64();
  const abortedTransactions = input.list(() => ({ producerId: input.int64(), firstOffset: input.int64() }));
  const preferredReadReplica = version >= 11 ? input.int32() : -1;
  const records = input.bytes();
  return { partition, errorCode, highWatermark, lastStableOffset, abortedTransactions, preferredReadReplica, records };
}

/** Reads fields one after the other. */
class Fields {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int16(): number {
    const value = this.#bytes.readInt16BE(this.#at);
    this.#at += 2;
    return value;
  }

  int32(): number {
    const value = this.#bytes.readInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  int64(): string {
    const value = this.#bytes.readBigInt64BE(this.#at);
    this.#at += 8;
    return String(value);
  }

  text(): string {
    return this.#take(this.int16()).toString('utf8');
  }

  bytes(): Buffer {
    return this.#take(this.int32());
  }

  list<T>(read: () => T): T[] {
    const count = this.int32();
    const list: T[] = [];
    for (let index = 0; index < count; index++) list.push(read());
    return list;
  }

  /** A length of -1 says that there is nothing. */
  #take(length: number): Buffer {
    const end = this.#at + Math.max(0, length);
    if (end > this.#bytes.length) throw new RangeError('Cannot read the answer of a broker: it is cut off');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
