import { CompressionTypes, type Kafka, type Message, Partitioners, type Producer, adminOf } from '../kafka/index.ts';
import { OperatingFault } from '../operating/index.ts';

/** What is published where. */
export interface RelayTopics {
  readonly usageTopic: string;
  readonly eventTopic: string;
}

/** A connected producer. A send that fails may have been carried out: what it held is sent again, by a new producer. */
export interface RelayProducer {
  /** How many partitions the topic of usage has. */
  readonly usagePartitions: number;
  /** Sends messages of each partition in order, and resolves when every replica in sync has them all. */
  sendUsage(messages: ReadonlyMap<number, readonly Buffer[]>): Promise<void>;
  sendEvents(messages: readonly Message[]): Promise<void>;
  /** Sends an event to every partition of both topics. */
  sendToAll(event: object): Promise<void>;
  disconnect(): Promise<void>;
}

const EVERY_REPLICA = -1;
/** With its evidence an event has 20 kB at most, for the limit of 150 numbers. */
const EVENTS_A_REQUEST = 40;
/** Batches of CloudEvents in JSON format, as the HTTP and Kafka bindings name them. */
const BATCH_HEADERS = { 'content-type': 'application/cloudevents-batch+json; charset=UTF-8' };

/** One CloudEvent in JSON format. */
export const EVENT_HEADERS = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };

/** Connects to the cluster; throws when a topic does not exist. */
export async function connectProducer(kafka: Kafka, { usageTopic, eventTopic }: RelayTopics): Promise<RelayProducer> {
  const usagePartitions = await partitionsOf(kafka, usageTopic);
  const eventPartitions = await partitionsOf(kafka, eventTopic);
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 5,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    // Trying again for longer would only hold the cursors: the relay begins anew, for ever.
    retry: { initialRetryTime: 200, maxRetryTime: 1_000, retries: 3 },
  });
  await producer.connect();
  return {
    usagePartitions,
    sendUsage: (messages) => sendUsage(producer, usageTopic, messages),
    sendEvents: (messages) => sendEvents(producer, eventTopic, messages),
    async sendToAll(event) {
      const batch = Buffer.from(JSON.stringify([event]));
      await sendUsage(producer, usageTopic, new Map(partitionsUpTo(usagePartitions).map((at) => [at, [batch]])));
      const value = JSON.stringify(event);
      await sendEvents(
        producer,
        eventTopic,
        partitionsUpTo(eventPartitions).map((partition) => ({ partition, value, headers: EVENT_HEADERS })),
      );
    },
    disconnect: () => producer.disconnect(),
  };
}

async function partitionsOf(kafka: Kafka, topic: string): Promise<number> {
  const metadata = await adminOf(kafka)((admin) => admin.fetchTopicMetadata({ topics: [topic] }));
  const partitions = metadata.topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
  if (partitions === 0) throw new OperatingFault(`Cannot publish usage in topic '${topic}': it does not exist`);
  return partitions;
}

function partitionsUpTo(count: number): number[] {
  return Array.from({ length: count }, (_, partition) => partition);
}

/** A partition gets one message a request: all of a partition's messages in a request are one batch, at most 1 MB. */
async function sendUsage(
  producer: Producer,
  topic: string,
  messages: ReadonlyMap<number, readonly Buffer[]>,
): Promise<void> {
  for (let round = 0; ; round++) {
    const next = [...messages].flatMap(([partition, values]): Message[] => {
      const value = values[round];
      return value === undefined ? [] : [{ partition, value, headers: BATCH_HEADERS }];
    });
    if (next.length === 0) return;
    await producer.send({ topic, acks: EVERY_REPLICA, compression: CompressionTypes.GZIP, messages: next });
  }
}

/** One request after the other, so that no partition's batch is longer than brokers take. */
async function sendEvents(producer: Producer, topic: string, messages: readonly Message[]): Promise<void> {
  for (let first = 0; first < messages.length; first += EVENTS_A_REQUEST) {
    await producer.send({ topic, acks: EVERY_REPLICA, messages: messages.slice(first, first + EVENTS_A_REQUEST) });
  }
}
