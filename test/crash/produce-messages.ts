import type { Kafka } from 'kafkajs';
import type { SwitchMessage } from './make-month.ts';
import { patiently } from './patience.ts';

/**
 * Sends messages as a switch does that does not give up: again until the broker says that it has them all, so that some
 * stand in the log twice.
 */
export async function produceMessages(client: Kafka, messages: readonly SwitchMessage[]): Promise<void> {
  const topicMessages = [...Map.groupBy(messages, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
    topic,
    messages: ofTopic.map(({ key, value }) => ({ key, value })),
  }));
  await patiently(async () => {
    const producer = client.producer({ allowAutoTopicCreation: false, retry: { retries: 1 } });
    await producer.connect();
    try {
      await producer.sendBatch({ topicMessages, acks: -1, timeout: 10_000 });
    } finally {
      await producer.disconnect();
    }
  });
}
