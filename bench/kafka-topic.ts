import { Kafka, type Message, Partitioners, logLevel } from 'kafkajs';
import type { Traffic } from './traffic.ts';

const RECORDS_A_REQUEST = 5_000;

/** Makes topics, if they are missing. */
export async function makeTopics(address: string, topics: readonly string[], partitions: number): Promise<void> {
  const admin = kafkaAt(address).admin();
  await admin.connect();
  await admin.createTopics({
    topics: topics.map((topic) => ({ topic, numPartitions: partitions, replicationFactor: 1 })),
    waitForLeaders: true,
  });
  await admin.disconnect();
}

/** Produces the records of the traffic to the topic: one a message, keyed by account, as switches would. */
export async function fillTopic(address: string, topic: string, traffic: Traffic): Promise<void> {
  const producer = kafkaAt(address).producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  for (const chunk of traffic.chunks) {
    const messages = messagesOf(chunk);
    for (let from = 0; from < messages.length; from += RECORDS_A_REQUEST) {
      await producer.send({ topic, acks: -1, messages: messages.slice(from, from + RECORDS_A_REQUEST) });
    }
  }
  await producer.disconnect();
}

function kafkaAt(address: string): Kafka {
  return new Kafka({ clientId: 'fairtally-bench', brokers: address.split(','), logLevel: logLevel.NOTHING });
}

function messagesOf(chunk: Buffer): Message[] {
  const texts = chunk.toString('latin1').trimEnd().split('\n');
  return texts.map((value) => ({ key: accountOf(value), value }));
}

/** Line L000123 is account A000123's. */
function accountOf(record: string): string {
  const [, digits] = /"line":"L(\d+)"/.exec(record) ?? [];
  return `A${digits}`;
}
