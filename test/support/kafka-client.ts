import { Kafka, logLevel, Partitioners, type RetryOptions } from 'kafkajs';

/** A quiet Kafka client for tests, at `address` (`host:port`, several with commas between). */
export function kafkaClient(address: string, retry: RetryOptions = {}): Kafka {
  return new Kafka({ clientId: 'fairtally-test', brokers: address.split(','), logLevel: logLevel.NOTHING, retry });
}

/** Makes a topic of one partition, and waits until it can be written. */
export async function createTopic(address: string, topic: string): Promise<void> {
  const admin = kafkaClient(address).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }], waitForLeaders: true });
  await admin.disconnect();
}

/** Produces the values in order; resolves when the broker has acknowledged them all. */
export async function produce(address: string, topic: string, values: readonly string[]): Promise<void> {
  const producer = kafkaClient(address).producer({ createPartitioner: Partitioners.DefaultPartitioner });
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
