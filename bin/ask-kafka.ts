import type { Admin } from 'kafkajs';
import { adminOf, createKafka } from '../ingest/index.ts';
import { CommandError } from './command-error.ts';
import { openLog } from './open-log.ts';
import type { StreamConfig } from './stream-config.ts';
import type { Terminal } from './terminal.ts';

/** Runs `work` with a connected admin client. What Kafka refuses, or that it is away, is a fault that a person can mend. */
export async function askKafka<T>(
  { kafka }: StreamConfig,
  terminal: Terminal,
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const log = openLog(terminal);
  log.level = 'silent';
  try {
    return await adminOf(createKafka(kafka, log))(work);
  } catch (error) {
    if (!(error instanceof Error) || !error.name.startsWith('KafkaJS')) throw error;
    throw new CommandError(`Cannot ask Kafka at '${kafka.brokers.join(',')}': ${error.message}`);
  }
}
