import { pino, type Logger } from 'pino';
import { KAFKA_LOG_FIELDS, type KafkaSettings } from '../kafka/index.ts';
import { loggableError, visibleJson, visibleLine } from '../operating/index.ts';
import { kafkaAdvice } from './kafka-advice.ts';
import { withoutSecrets } from './secrets.ts';
import type { Terminal } from './terminal.ts';

/**
 * The fields that a line of the log may have besides `level`, `time`, `msg` and `err`: names, counts, offsets. A
 * field that is not named here is left out, so that nothing of a record comes into a log by the way.
 * `test/hostile/people-logs.test.ts` holds that each field that the code logs is named.
 */
export const LOG_FIELDS: ReadonlySet<string> = new Set([
  'assignment',
  'batchEnd',
  'failures',
  'fetched',
  'fetchedFrom',
  'hole',
  'item',
  'ledgerTopicId',
  'logEnd',
  'logStart',
  'missing',
  'months',
  'names',
  'next',
  'offset',
  'partition',
  'partitions',
  'port',
  'position',
  // Of a batch that can't be read: it holds nothing of the batch.
  'problem',
  // Of requests: the key's id, the route and not what was asked of it.
  'keyId',
  'method',
  'ms',
  'route',
  'status',
  'end',
  'reason',
  'records',
  'source',
  'start',
  'topic',
  'topicId',
  'topics',
  'waited',
  'waitMs',
  'namespace',
  ...KAFKA_LOG_FIELDS,
]);
const LONGEST_TEXT = 1_000;

/**
 * What a command that runs for long says: JSON lines on stderr; plain ones where a person looks. Where `kafka`, as it
 * is set, may be to blame for an error, this says so, and how. No line holds a password, a number that was called or
 * anything else of a record: fields and parts of errors that are not known to hold none are left out.
 */
export function openLog(
  terminal: Pick<Terminal, 'isInteractive' | 'stderr'>,
  kafka: KafkaSettings | null = null,
): Logger {
  const write = terminal.isInteractive ? plainLine : (line: string) => visibleJson(line);
  return pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: knownFields },
      serializers: { err: (error: unknown) => (kafka === null ? loggableError(error) : advised(error, kafka)) },
      hooks: {
        logMethod(args, method) {
          method.apply(this, args.map((arg: unknown) => (typeof arg === 'string' ? cut(arg) : arg)) as typeof args);
        },
      },
    },
    { write: (line: string) => void terminal.stderr.write(write(line)) },
  );
}

function knownFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      if (name === 'err') return [[name, value]];
      return LOG_FIELDS.has(name) ? [[name, cut(value)]] : [];
    }),
  );
}

function cut(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = withoutSecrets(value);
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

function advised(error: unknown, kafka: KafkaSettings): unknown {
  const advice = kafkaAdvice(error, kafka);
  const { message, ...rest } = loggableError(error);
  return {
    ...rest,
    message: message === null ? 'not logged, as it may quote a record' : cut(message),
    ...(advice === null ? {} : { advice }),
  };
}

/** `12:00:01 error  partition is stopped  topic=cdr partition=3`. */
function plainLine(line: string): string {
  const { level, time, msg, err, ...rest }: Record<string, unknown> = JSON.parse(line);
  const fields = Object.entries(rest).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const why = typeof err === 'object' && err !== null ? `  ${whyIn(err)}` : '';
  const text = `${String(time).slice(11, 19)} ${String(level).padEnd(5)}  ${String(msg)}${why}  ${fields.join(' ')}`;
  return `${visibleLine(text.trimEnd())}\n`;
}

function whyIn(err: object): string {
  const message = String(Reflect.get(err, 'message')).trim();
  const advice: unknown = Reflect.get(err, 'advice');
  return typeof advice === 'string' ? `${advice} (${message})` : `${message} (${String(Reflect.get(err, 'type'))})`;
}
