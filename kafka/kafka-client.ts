import { Kafka, type KafkaConfig, type LogEntry, logLevel, type SASLOptions } from 'kafkajs';
import type { Logger } from 'pino';
import type { KafkaSettings, SaslSettings } from './kafka-settings.ts';
import { addCompressionCodecs } from './compression-codecs.ts';
import { takeOverFetches } from './fetch/take-over-fetches.ts';

/**
 * The client of a cluster; nothing is connected yet. What it has to say itself goes to `log` one level lower than it
 * thinks: whoever uses it says what a failure means, and when it is over.
 */
export function createKafka(settings: KafkaSettings, log: Logger): Kafka {
  addCompressionCodecs();
  takeOverFetches();
  return new Kafka({ ...kafkaOptions(settings), logLevel: logLevel.INFO, logCreator: () => logTo(log) });
}

/** The settings as kafkajs takes them. */
export function kafkaOptions({ brokers, tls, sasl }: KafkaSettings): KafkaConfig {
  return {
    clientId: 'fairtally',
    brokers: [...brokers],
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 300, maxRetryTime: 5_000, retries: 5 },
    ...(tls === null ? {} : { ssl: { ...tls } }),
    ...(sasl === null ? {} : { sasl: saslOptions(sasl) }),
  };
}

/** The same for every mechanism, but for kafkajs' types, which want each spelled out. */
function saslOptions({ mechanism, username, password }: SaslSettings): SASLOptions {
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password };
    case 'scram-sha-256':
      return { mechanism, username, password };
    case 'scram-sha-512':
      return { mechanism, username, password };
  }
}

function logTo(log: Logger): (entry: LogEntry) => void {
  return ({ namespace, level, log: entry }) => {
    const { message, ...details } = entry;
    const fields = { ...namesAndCounts(details), namespace };
    const text = withoutQuotedError(message);
    if (level === logLevel.ERROR) log.info(fields, text);
    else if (level === logLevel.WARN) log.debug(fields, text);
    else log.trace(fields, text);
  };
}

/**
 * What kafkajs says beside its text, as far as it can't be of a message: names, numbers, what a broker answered. An
 * error that comes from what we do with a batch is there as an object, or within `stack`, and is logged by whoever
 * made it.
 */
export const KAFKA_LOG_FIELDS: readonly string[] = [
  'apiKey',
  'apiName',
  'apiVersion',
  'broker',
  'clientId',
  'correlationId',
  'duration',
  'error',
  'generationId',
  'groupId',
  'groupProtocol',
  'isLeader',
  'leaderId',
  'memberAssignment',
  'memberId',
  'nodeId',
  'partition',
  'retryCount',
  'retryTime',
  'size',
  'topic',
];

function namesAndCounts(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = KAFKA_LOG_FIELDS.filter((name) => name in details && !(details[name] instanceof Error));
  return Object.fromEntries(kept.map((name) => [name, details[name]]));
}

/**
 * `Crash: KafkaJSNonRetriableError: …` quotes the error that ended the consumer, which may be anybody's: it is logged
 * with its kind.
 */
function withoutQuotedError(message: string): string {
  return message.startsWith('Connection error') ? message : (message.split(': ', 1)[0] ?? '');
}
