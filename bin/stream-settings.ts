import { DAY_MS, DEFAULT_START_WINDOW } from '../ingest/index.ts';

/** A setting of the stream's commands: its option, the variable that stands in for it, its default. */
interface StreamSetting {
  /** `null`: secrets and file names that every command of a host shares are set by their variable alone. */
  readonly option: string | null;
  readonly variable: string;
  readonly fallback?: string;
}

/** All settings of `worker`, `relay` and `topics`, by the name under which the code knows them. */
export const STREAM_SETTINGS = {
  brokers: { option: '--brokers', variable: 'KAFKA_BROKERS' },
  topic: { option: '--topic', variable: 'FAIRTALLY_TOPICS', fallback: 'cdr' },
  rekeyedTopic: { option: '--rekeyed-topic', variable: 'FAIRTALLY_REKEYED_TOPIC', fallback: 'fairtally.rekeyed' },
  usageTopic: { option: '--usage-topic', variable: 'FAIRTALLY_USAGE_TOPIC', fallback: 'fairtally.usage' },
  eventTopic: { option: '--event-topic', variable: 'FAIRTALLY_EVENT_TOPIC', fallback: 'fairtally.events' },
  group: { option: '--group', variable: 'FAIRTALLY_GROUP', fallback: 'fairtally' },
  batchRecords: { option: '--batch-records', variable: 'FAIRTALLY_BATCH_RECORDS', fallback: '10000' },
  lingerMs: { option: '--linger-ms', variable: 'FAIRTALLY_LINGER_MS', fallback: '200' },
  sessionMs: { option: '--session-ms', variable: 'FAIRTALLY_SESSION_MS', fallback: '20000' },
  startsBeforeDays: {
    option: '--starts-before-days',
    variable: 'FAIRTALLY_STARTS_BEFORE_DAYS',
    fallback: String(DEFAULT_START_WINDOW.beforeMs / DAY_MS),
  },
  startsAfterDays: {
    option: '--starts-after-days',
    variable: 'FAIRTALLY_STARTS_AFTER_DAYS',
    fallback: String(DEFAULT_START_WINDOW.afterMs / DAY_MS),
  },
  metricsPort: { option: '--metrics-port', variable: 'FAIRTALLY_METRICS_PORT' },
  tls: { option: null, variable: 'KAFKA_TLS' },
  tlsCaFile: { option: null, variable: 'KAFKA_TLS_CA_FILE' },
  tlsCertFile: { option: null, variable: 'KAFKA_TLS_CERT_FILE' },
  tlsKeyFile: { option: null, variable: 'KAFKA_TLS_KEY_FILE' },
  tlsKeyPassphrase: { option: null, variable: 'KAFKA_TLS_KEY_PASSPHRASE' },
  saslMechanism: { option: null, variable: 'KAFKA_SASL_MECHANISM' },
  saslUsername: { option: null, variable: 'KAFKA_SASL_USERNAME' },
  saslPassword: { option: null, variable: 'KAFKA_SASL_PASSWORD' },
} as const satisfies Record<string, StreamSetting>;

export type StreamSettingName = keyof typeof STREAM_SETTINGS;

/** The variables that the stream's commands read; every command knows them. */
export const STREAM_VARIABLES: readonly string[] = Object.values(STREAM_SETTINGS).map(({ variable }) => variable);
