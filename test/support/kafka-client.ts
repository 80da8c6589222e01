import { setTimeout as delay } from 'node:timers/promises';
import {
  type Admin,
  type ITopicConfig,
  Kafka,
  KafkaJSError,
  logLevel,
  Partitioners,
  type Producer,
  type RetryOptions,
} from 'kafkajs';

/** A quiet Kafka client for tests, at `address` (`host:port`, several with commas between). */
export function kafkaClient(address: string, retry: RetryOptions = {}): Kafka {
  return new Kafka({ clientId: 'fairtally-test', brokers: address.split(','), logLevel: logLevel.NOTHING, retry });
}

/** What a busy broker answers late, or refuses while a topic is new, is sent again: this has it once in the log. */
export function exactProducer(kafka: Kafka): Producer {
  return kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    idempotent: true,
    maxInFlightRequests: 1,
  });
}

/**
 * Makes topics, and waits until they can be written: kafkajs gives up where a broker does not host a new topic yet, and
 * a producer that is refused by one partition sends all of it again, to other partitions where there are no keys.
 */
export async function createTopics(admin: Admin, topics: readonly ITopicConfig[]): Promise<void> {
  await admin.createTopics({ topics: [...topics], waitForLeaders: false });
  for (const { topic, numPartitions = 1 } of topics) {
    for (;;) {
      const offsets = await offsetsOf(admin, topic);
      if (offsets?.length === numPartitions) break;
      await delay(50);
    }
  }
}

/** What the leaders of its partitions say themselves; `null` while one is none yet. */
async function offsetsOf(admin: Admin, topic: string): Promise<readonly unknown[] | null> {
  try {
    return await admin.fetchTopicOffsets(topic);
  } catch (error) {
    if (error instanceof KafkaJSError && error.retriable) return null;
    throw error;
  }
}

/** Makes a topic of one partition, and waits until it can be written. */
export async function createTopic(address: string, topic: string): Promise<void> {
  const admin = kafkaClient(address).admin();
  await admin.connect();
  await createTopics(admin, [{ topic, numPartitions: 1, replicationFactor: 1 }]);
  await admin.disconnect();
}

/** Produces the values in order, each once; resolves when the broker has acknowledged them all. */
export async function produce(address: string, topic: string, values: readonly string[]): Promise<void> {
  const producer = exactProducer(kafkaClient(address));
  await producer.connect();
  await producer.send({ topic, acks: -1, messages: values.map((value) => ({ value })) });
  await producer.disconnect();
}

/** The first `count` values of the topic; waits until they are there. */
export async function consume(address: string, topic: string, count: number): Promise<string[]> {
  const consumer = kafkaClient(address).consumer({ groupId: `${topic}-${process.pid}` });
  const values: string[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    const eachMessage = async ({ message }: { message: { value: Buffer | null } }): Promise<void> => {
      values.push(String(message.value));
      if (values.length >= count) resolve();
    };
    consumer.run({ eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return values;
}
