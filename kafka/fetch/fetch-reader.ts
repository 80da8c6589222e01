import type { FetchResponse, PartitionResponse } from './fetch-response.ts';
import { type FetchedMessage, UnreadableBatch } from './fetched-message.ts';
import { HeldBatches } from './held-batches.ts';
import { MOST_ANSWER_BYTES } from './limits.ts';
import { readRecordSet } from './read-record-set.ts';

/** A partition's part of an answer, as kafkajs takes it. */
export interface ReadPartition extends PartitionResponse {
  readonly messages: readonly (FetchedMessage | UnreadableBatch)[];
}

/** The offsets asked for, by `keyOf`. */
export type AskedOffsets = ReadonlyMap<string, number>;

/**
 * What a broker says of one partition when it can't read it itself: a damaged message, a failing disk, or that it
 * does not know why. kafkajs would give up all partitions.
 */
const LOCAL_FAULTS: ReadonlyMap<number, string> = new Map([
  [-1, 'the broker does not know why (UNKNOWN_SERVER_ERROR)'],
  [2, 'the broker finds it damaged (CORRUPT_MESSAGE)'],
  [56, 'the broker can not read its disk (KAFKA_STORAGE_ERROR)'],
]);

/** Reads the messages of answers, in bounded memory, whatever the answers hold. */
export class FetchReader {
  readonly #held = new HeldBatches();
  /** When each partition last had its turn, by a count of turns. */
  readonly #turns = new Map<string, number>();
  #turn = 0;
  /** How many bytes of memory one of an answer comes to, by the last answer. */
  #growth = 1;

  /** How much of each partition should be asked for, so that all of it has room in memory. */
  roomToAsk(bytes: number, partitions: number): number {
    const share = Math.floor(MOST_ANSWER_BYTES / partitions / this.#growth);
    return Math.min(bytes, Math.max(LEAST_ASKED_BYTES, share));
  }

  /** Which of two partitions is to be asked for first: that which had something last longer ago. */
  compareTurns(one: string, other: string): number {
    return (this.#turns.get(one) ?? 0) - (this.#turns.get(other) ?? 0);
  }

  /**
   * The partitions of an answer with their messages, which take `MOST_ANSWER_BYTES` together: the room is shared
   * evenly, and a partition for which there is none left comes first the next time.
   */
  async read({ responses }: FetchResponse, asked: AskedOffsets) {
    const read = new Map<PartitionResponse, ReadPartition>();
    const filled: Filled[] = [];
    for (const { topicName, partitions } of responses) {
      for (const partition of partitions) {
        const key = keyOf(topicName, partition.partition);
        const fault = LOCAL_FAULTS.get(partition.errorCode);
        const from = asked.get(key) ?? 0;
        if (fault !== undefined) read.set(partition, brokenOff(partition, from, fault));
        else if (partition.records.length > 0 && partition.errorCode === 0) filled.push({ key, from, partition });
      }
    }
    await this.#readFilled(filled, read);
    return responses.map(({ topicName, partitions }) => ({
      topicName,
      partitions: partitions.map((partition) => read.get(partition) ?? { ...partition, messages: [] }),
    }));
  }

  async #readFilled(filled: readonly Filled[], read: Map<PartitionResponse, ReadPartition>): Promise<void> {
    const inOrder = filled.toSorted((a, b) => this.compareTurns(a.key, b.key));
    let room = MOST_ANSWER_BYTES;
    let bytes = 0;
    for (const [index, { key, from, partition }] of inOrder.entries()) {
      if (room <= 0) break;
      const { records, highWatermark } = partition;
      const fetched = { key, bytes: records, fromOffset: from, end: Number(highWatermark) };
      const { messages, takenBytes } = await readRecordSet(fetched, room / (inOrder.length - index), this.#held);
      read.set(partition, { ...partition, messages });
      this.#turns.set(key, ++this.#turn);
      room -= takenBytes;
      bytes += records.length;
    }
    if (bytes > 0) this.#growth = Math.max(1, (MOST_ANSWER_BYTES - room) / bytes);
  }
}

/**
 * No less is asked for of a partition: of a batch that is larger a broker sends nothing, but to the first one asked
 * for.
 */
const LEAST_ASKED_BYTES = 1_114_112;

interface Filled {
  readonly key: string;
  readonly from: number;
  readonly partition: PartitionResponse;
}

function brokenOff(partition: PartitionResponse, from: number, problem: string): ReadPartition {
  return { ...partition, errorCode: 0, messages: [new UnreadableBatch(from, problem, null)] };
}

export function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
