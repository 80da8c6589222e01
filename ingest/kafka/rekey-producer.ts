import type { Kafka, PartitionerArgs, Producer } from '../../kafka/index.ts';
import type { RecordOrigin } from '../../engine/index.ts';
import type { RekeyedRecords } from './rekey-records.ts';
import { originHeaders } from './rekeyed-reader.ts';

/** A failed request is tried again by kafkajs so often, then the slice is by its reader. */
const RETRIES = 5;

/** Writes re-keyed messages; each is on every broker that must have it when the promise settles. */
export class RekeyProducer {
  readonly #kafka: Kafka;
  readonly #topic: string;
  #connected: Promise<Producer> | null = null;

  constructor(kafka: Kafka, topic: string) {
    this.#kafka = kafka;
    this.#topic = topic;
  }

  async send({ requests }: RekeyedRecords, origin: RecordOrigin): Promise<void> {
    const origins = originHeaders(origin);
    const producer = await this.#producer();
    try {
      for (const messages of requests) {
        await producer.send({
          topic: this.#topic,
          acks: -1,
          messages: messages.map(({ partition, value, headers }) => ({
            partition,
            value,
            headers: { ...origins, ...headers },
          })),
        });
      }
    } catch (error) {
      // What it has counted may not be what the broker has: a new one begins to count anew.
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const connected = this.#connected;
    this.#connected = null;
    if (connected === null) return;
    await connected.then((producer) => producer.disconnect()).catch(() => undefined);
  }

  #producer(): Promise<Producer> {
    this.#connected ??= this.#connect();
    return this.#connected;
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      retry: { retries: RETRIES },
      allowAutoTopicCreation: false,
      createPartitioner: () => partitionNamed,
    });
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      this.#connected = null;
      throw error;
    }
  }
}

/** Every message of ours names its partition: kafkajs leaves even that to its partitioner. */
function partitionNamed({ message }: PartitionerArgs): number {
  if (message.partition === undefined) throw new Error('Cannot write a re-keyed message that names no partition');
  return message.partition;
}
