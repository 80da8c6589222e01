import { z } from 'zod';
import { kafkaClient } from '../support/kafka-client.ts';

/** What we need of a CloudEvent. */
const event = z.object({ id: z.string() });
const message = z.union([z.array(event), event]);

const WITHIN_MS = 120_000;

/**
 * The different ids of the events in a topic, one or many a message. Resolves when there are `count`: an event may be
 * told more than once, under the same id. Fails when they don't come.
 */
export async function toldIds(brokers: string, topic: string, count: number): Promise<Set<string>> {
  const consumer = kafkaClient(brokers).consumer({ groupId: `told-${topic}-${process.pid}` });
  const ids = new Set<string>();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  try {
    await new Promise<void>((resolve, reject) => {
      const late = (): void => reject(new Error(`${ids.size} events were told in '${topic}' of ${count}`));
      const timer = setTimeout(late, WITHIN_MS);
      const takeIn = (value: Buffer | null): void => {
        for (const { id } of [message.parse(JSON.parse(String(value)))].flat()) ids.add(id);
        if (ids.size < count) return;
        clearTimeout(timer);
        resolve();
      };
      consumer.run({ eachMessage: async ({ message: { value } }) => takeIn(value) }).catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return ids;
}
