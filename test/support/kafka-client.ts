import { setTimeout as delay } from 'node:timers/promises';
import {
  type Admin,
  type ITopicConfig,
  Kafka,
  KafkaJSProtocolError,
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

/** Makes topics, and waits until they can be written: kafkajs gives up where a broker does not host a new topic yet. */
export async function createTopics(admin: Admin, topics: readonly ITopicConfig[]): Promise<void> {
  await admin.createTopics({ topics: [...topics], waitForLeaders: false });
  const names = topics.map(({ topic }) => topic);
  for (;;) {
    const told = await admin.fetchTopicMetadata({ topics: names }).catch((error: unknown) => {
      if (error instanceof KafkaJSProtocolError && error.retriable) return null;
      throw error;
    });
    const isThere = told?.topics.every(({ partitions }) => partitions.length > 0 && partitions.every(hasLeader));
    if (isThere === true) return;
    await delay(50);
  }
}

function hasLeader({ leader }: { readonly leader: number }): boolean {
  return leader >= 0;
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
