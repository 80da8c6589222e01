import { DAY_MS, DEFAULT_START_WINDOW } from '../engine/index.ts';

/** A setting of the stream's commands: its option, the variable that stands in for it, its default. */
interface StreamSetting {
  /** `null`: secrets and file names that every command of a host shares are set by their variable alone. */
  readonly option: string | null;
  readonly variable: string;
  readonly fallback?: string;
  /** It is never quoted, whatever stands in it: people mistake one variable for another. */
  readonly isSecret?: true;
}

/** All settings of `worker`, `relay` and `topics`, by the name under which the code knows them. */
export const STREAM_SETTINGS = {
  brokers: { option: '--brokers', variable: 'KAFKA_BROKERS' },
  topic: { option: '--topic', variable: 'FAIRTALLY_TOPICS', fallback: 'cdr' },
  rekeyedTopic: { option: '--rekeyed-topic', variable: 'FAIRTALLY_REKEYED_TOPIC', fallback: 'fairtally.rekeyed' },
  usageTopic: { option: '--usage-topic', variable: 'FAIRTALLY_USAGE_TOPIC', fallback: 'fairtally.usage' },
  eventTopic: { option: '--event-topic', variable: 'FAIRTALLY_EVENT_TOPIC', fallback: 'fairtally.events' },
  group: { option: '--group', variable: 'FAIRTALLY_GROUP', fallback: 'fairtally' },
  batchRecords: { option: '--batch-records', variable: 'FAIRTALLY_BATCH_RECORDS', fallback: '20000' },
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
  metricsHost: { option: '--metrics-host', variable: 'FAIRTALLY_METRICS_HOST', fallback: '127.0.0.1' },
  unhealthyAfterMs: { option: '--unhealthy-after-ms', variable: 'FAIRTALLY_UNHEALTHY_AFTER_MS', fallback: '120000' },
  tls: { option: null, variable: 'KAFKA_TLS' },
  tlsCaFile: { option: null, variable: 'KAFKA_TLS_CA_FILE' },
  tlsCertFile: { option: null, variable: 'KAFKA_TLS_CERT_FILE' },
  tlsKeyFile: { option: null, variable: 'KAFKA_TLS_KEY_FILE' },
  tlsKeyPassphrase: { option: null, variable: 'KAFKA_TLS_KEY_PASSPHRASE', isSecret: true },
  saslMechanism: { option: null, variable: 'KAFKA_SASL_MECHANISM', isSecret: true },
  saslUsername: { option: null, variable: 'KAFKA_SASL_USERNAME', isSecret: true },
  saslPassword: { option: null, variable: 'KAFKA_SASL_PASSWORD', isSecret: true },
} as const satisfies Record<string, StreamSetting>;

export type StreamSettingName = keyof typeof STREAM_SETTINGS;

/** The variables that the stream's commands read; every command knows them. */
export const STREAM_VARIABLES: readonly string[] = Object.values(STREAM_SETTINGS).map(({ variable }) => variable);

const LONGEST_QUOTE = 200;

/** A value as messages quote it: `'12x'`; `(not shown)` where it is a secret, or looks as if one stood in it. */
export function quotedValue(name: StreamSettingName, value: string): string {
  // A list of brokers without a port is no list of brokers, and may be anything.
  const isOther = name === 'brokers' && !value.includes(':');
  const isSecret = isOther || 'isSecret' in STREAM_SETTINGS[name] || /[@{}]|:\/\/|BEGIN|pass|secret/i.test(value);
  if (isSecret) return '(not shown)';
  return `'${value.length > LONGEST_QUOTE ? `${value.slice(0, LONGEST_QUOTE)}…` : value}'`;
}
