import { isIP } from 'node:net';
import { z } from 'zod';
import { DAYS_WANTED, daysFromText, DEFAULT_START_WINDOW, type StartWindow } from '../engine/index.ts';
import { isTopicName, parseTopicSpec, type TopicSpec } from '../ingest/index.ts';
import { type KafkaSettings, type SaslSettings, saslMechanisms } from '../kafka/index.ts';
import { CommandError, usageError } from './command-error.ts';
import { type PlaceOptions, readPlace } from './config.ts';
import { readTls } from './read-tls.ts';
import { quotedValue, STREAM_SETTINGS, type StreamSettingName } from './stream-settings.ts';
import type { Terminal } from './terminal.ts';

/** Options of `worker`, `relay` and `topics`, as the command line gives them. */
export interface StreamOptions extends PlaceOptions {
  readonly brokers?: string;
  readonly topic?: readonly string[];
  readonly rekeyedTopic?: string;
  readonly usageTopic?: string;
  readonly eventTopic?: string;
  readonly group?: string;
  readonly batchRecords?: string;
  readonly lingerMs?: string;
  readonly sessionMs?: string;
  readonly startsBeforeDays?: string;
  readonly startsAfterDays?: string;
  readonly metricsPort?: string;
  readonly metricsHost?: string;
  readonly unhealthyAfterMs?: string;
}

/** How the stream's commands work. */
export interface StreamConfig {
  readonly kafka: KafkaSettings;
  /** What switches produce to. */
  readonly topics: readonly TopicSpec[];
  readonly rekeyedTopic: string;
  readonly usageTopic: string;
  readonly eventTopic: string;
  readonly groupId: string;
  /** Records a transaction. */
  readonly batchRecords: number;
  /** How long to wait for a fuller batch, in ms. */
  readonly lingerMs: number;
  /** After how long without a sign of life a worker's partitions are given to others, in ms. */
  readonly sessionMs: number;
  /** `null`: no server. */
  readonly metricsPort: number | null;
  /** The address that it listens on. */
  readonly metricsHost: string;
  /** After how long of failing again and again a worker counts as unhealthy, in ms. */
  readonly unhealthyAfterMs: number;
}

type Values = Readonly<Partial<Record<StreamSettingName, string>>>;

const topicName = z.string().refine(isTopicName, 'is no name that Kafka allows for a topic');

const schema = z.object({
  brokers: z
    .string(`must be given: 'host:port' of one broker or more, with commas between`)
    .transform((text) => text.split(',').map((broker) => broker.trim()))
    .refine((brokers) => brokers.every((broker) => /^[^\s:/@{}"']+:\d{1,5}$|^\[[\da-f:]+\]:\d{1,5}$/i.test(broker)), {
      message: `must be 'host:port', with commas between`,
    }),
  rekeyedTopic: topicName,
  usageTopic: topicName,
  eventTopic: topicName,
  group: z.string().regex(/^[\w.-]{1,200}$/, 'must be letters, digits, dots, dashes and underscores'),
  batchRecords: wholeNumber(1, 100_000),
  lingerMs: wholeNumber(1, 10_000),
  sessionMs: wholeNumber(1_000, 300_000),
  startsBeforeDays: days(),
  startsAfterDays: days(),
  metricsPort: wholeNumber(0, 65_535).optional(),
  metricsHost: z
    .string()
    .transform((text) => text.replace(/^\[(.*)\]$/, '$1'))
    .refine(
      (text) => isIP(text) !== 0 || isHostName(text),
      `must be an address of this machine, such as '127.0.0.1' or '::'`,
    ),
  unhealthyAfterMs: wholeNumber(1_000, 86_400_000),
  tls: z.enum(['true', 'false'], `must be 'true' or 'false'`).optional(),
  tlsCaFile: z.string().optional(),
  tlsCertFile: z.string().optional(),
  tlsKeyFile: z.string().optional(),
  tlsKeyPassphrase: z.string().optional(),
  saslMechanism: z.enum(saslMechanisms, `must be one of ${saslMechanisms.join(', ')}`).optional(),
  saslUsername: z.string().optional(),
  saslPassword: z.string().optional(),
});

/** Not a mistyped address: a name has a letter in its last part. */
function isHostName(text: string): boolean {
  return (
    /^(?=.{1,253}$)[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i.test(text) && /[a-z][^.]*$/i.test(text)
  );
}

function wholeNumber(least: number, most: number): z.ZodPipe<z.ZodString, z.ZodTransform<number, string>> {
  return z
    .string()
    .refine((text) => /^\d{1,8}$/.test(text) && Number(text) >= least && Number(text) <= most, {
      message: `must be a whole number from ${least} to ${most}`,
    })
    .transform(Number);
}

/** Days, in ms. */
function days(): z.ZodPipe<z.ZodString, z.ZodTransform<number, string>> {
  return z
    .string()
    .refine((text) => daysFromText(text) !== null, `must be ${DAYS_WANTED}`)
    .transform((text) => daysFromText(text) ?? 0);
}

/**
 * The settings of the stream: options first, then the environment. Throws one `CommandError` with every fault, those
 * of the ledger's place among them.
 */
export function readStreamConfig(options: StreamOptions, terminal: Pick<Terminal, 'env' | 'folder'>): StreamConfig {
  const faults: string[] = placeFaults(options, terminal);
  const values = valuesOf(options, terminal.env);
  const read = schema.safeParse(values);
  if (!read.success) faults.push(...read.error.issues.map((issue) => faultOf(issue, values, options)));
  const tls = readTls(values, terminal.folder, faults);
  const sasl = read.success ? readSasl(read.data, faults) : null;
  const topics = readTopics(topicTexts(options, values), windowOf(read.data), faults);
  if (!read.success || faults.length > 0) throw usageError(faults);
  const { brokers, group, metricsPort, metricsHost, unhealthyAfterMs, batchRecords, lingerMs, sessionMs } = read.data;
  const { rekeyedTopic, usageTopic, eventTopic } = read.data;
  const own = [rekeyedTopic, usageTopic, eventTopic];
  const clash = [...topics.map(({ name }) => name), ...own].filter((name, at, all) => all.indexOf(name) !== at);
  if (clash.length > 0) throw usageError(`Cannot use topic '${clash[0]}' twice: every topic has one purpose`);
  return {
    kafka: { brokers, tls, sasl },
    topics,
    rekeyedTopic,
    usageTopic,
    eventTopic,
    groupId: group,
    batchRecords,
    lingerMs,
    sessionMs,
    metricsPort: metricsPort ?? null,
    metricsHost,
    unhealthyAfterMs,
  };
}

function placeFaults(options: PlaceOptions, terminal: Pick<Terminal, 'env' | 'folder'>): string[] {
  try {
    readPlace(options, terminal);
    return [];
  } catch (error) {
    if (error instanceof CommandError) return [...error.faults];
    throw error;
  }
}

/** What was given for each setting: by its option, its variable, or not at all. An empty variable counts as absent. */
function valuesOf(options: StreamOptions, env: Terminal['env']): Values {
  const values: Partial<Record<StreamSettingName, string>> = {};
  for (const name of SETTING_NAMES) {
    const setting = STREAM_SETTINGS[name];
    const given: unknown = Reflect.get(options, name);
    const fallback = 'fallback' in setting ? setting.fallback : undefined;
    const value = typeof given === 'string' ? given : env[setting.variable] || fallback;
    if (value !== undefined) values[name] = value;
  }
  return values;
}

const SETTING_NAMES = Object.keys(STREAM_SETTINGS) as StreamSettingName[];

function faultOf(issue: z.core.$ZodIssue, values: Values, options: StreamOptions): string {
  const name = SETTING_NAMES.find((known) => known === issue.path[0]) ?? 'brokers';
  const { option, variable } = STREAM_SETTINGS[name];
  const shown = option !== null && Reflect.get(options, name) !== undefined ? option : variable;
  if (values[name] === undefined) return `Cannot do without ${option ?? variable} or ${variable}: it ${issue.message}`;
  return `Cannot use ${shown} ${quotedValue(name, values[name])}: it ${issue.message}`;
}

function topicTexts({ topic }: StreamOptions, values: Values): readonly string[] {
  return topic ?? (values.topic ?? '').split(/\s+/).filter((text) => text !== '');
}

function windowOf(read: z.output<typeof schema> | undefined): StartWindow {
  if (read === undefined) return DEFAULT_START_WINDOW;
  return { beforeMs: read.startsBeforeDays, afterMs: read.startsAfterDays };
}

function readTopics(texts: readonly string[], window: StartWindow, faults: string[]): TopicSpec[] {
  return texts.flatMap((text) => {
    const parsed = parseTopicSpec(text, window);
    if (parsed.kind === 'topic') return [parsed.topic];
    faults.push(...parsed.faults.map((fault) => `${fault} (topic '${text}')`));
    return [];
  });
}

function readSasl(values: z.output<typeof schema>, faults: string[]): SaslSettings | null {
  const { saslMechanism: mechanism, saslUsername: username, saslPassword: password } = values;
  if (mechanism === undefined && username === undefined && password === undefined) return null;
  if (mechanism !== undefined && username !== undefined && password !== undefined) {
    return { mechanism, username, password };
  }
  faults.push('Cannot log in: KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD belong together');
  return null;
}
