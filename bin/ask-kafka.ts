import { type Admin, adminOf, createKafka, type FindBatchFault, type TopicIds } from '../kafka/index.ts';
import { CommandError } from './command-error.ts';
import { kafkaAdvice } from './kafka-advice.ts';
import { openLog } from './open-log.ts';
import type { StreamConfig } from './stream-config.ts';
import type { Terminal } from './terminal.ts';

/**
 * Runs `work` with a connected admin client, and with what asks for topic ids and for faults of batches. What Kafka
 * refuses, or that it is away, is a fault that a person can mend.
 */
export async function askKafka<T>(
  { kafka }: StreamConfig,
  terminal: Terminal,
  work: (admin: Admin, topicIds: TopicIds, findBatchFault: FindBatchFault) => Promise<T>,
): Promise<T> {
  const log = openLog(terminal, kafka);
  log.level = 'silent';
  try {
    return await adminOf(createKafka(kafka, log))(work);
  } catch (error) {
    if (!(error instanceof Error) || !error.name.startsWith('KafkaJS')) throw error;
    const advice = kafkaAdvice(error, kafka);
    const told = advice === null ? whyIn(error) : `${advice} (${whyIn(error)})`;
    throw new CommandError(`Cannot ask Kafka at '${kafka.brokers.join(',')}': ${told}`);
  }
}

function whyIn(error: Error): string {
  // Of several topics: kafkajs' own text says nothing of why, and mostly it is one reason.
  if ('errors' in error && Array.isArray(error.errors)) {
    const reasons = new Set(error.errors.map((each) => (each instanceof Error ? each.message : String(each))));
    return [...reasons].join('; ');
  }
  // OpenSSL ends its texts with a line's end.
  return error.message.trim();
}
