import { DatabaseError, MigrationError, RoleError, SourceMovedError } from '../ledger/index.ts';
import { OperatingFault } from './operating-fault.ts';

/** An error as logs have it. Every field is named here: what else an error has with it, such as a row, stays out. */
export interface LoggableError {
  readonly type: string;
  /** `null` where the message may quote a record: of an error that is not known here. */
  readonly message: string | null;
  readonly code?: string;
  readonly sqlState?: string;
  readonly constraint?: string;
  readonly table?: string;
  /** Where it was thrown: functions, files and lines. */
  readonly at?: readonly string[];
}

/** Errors whose messages are made of names of topics, files, tables and settings alone. */
const KNOWN = [DatabaseError, MigrationError, RoleError, SourceMovedError, OperatingFault];
const MOST_FRAMES = 8;
/** No name of ours has as many digits in a row as a telephone number. */
const PLAIN_NAME = /^(?!.*\d{7})[\w.-]{1,100}$/;

/** What a log may say of an error, whatever it is. */
export function loggableError(error: unknown): LoggableError {
  if (!(error instanceof Error)) return { type: typeof error, message: null };
  const message = loggableMessage(error);
  return {
    type: PLAIN_NAME.test(error.name) ? error.name : 'Error',
    message,
    ...namedFields(error),
    // An error of the surroundings says enough; of any other it is the place that tells a developer what happened.
    ...(message === null ? { at: errorFrames(error).slice(0, MOST_FRAMES) } : {}),
  };
}

/** Codes and names: they are ours, the system's, or of the schema. */
function namedFields(error: Error): Partial<LoggableError> {
  const fields = ['code', 'sqlState', 'constraint', 'table'].flatMap((name) => {
    const value: unknown = Reflect.get(error, name);
    return typeof value === 'string' && PLAIN_NAME.test(value) ? [[name, value]] : [];
  });
  return Object.fromEntries(fields);
}

function loggableMessage(error: Error): string | null {
  if (KNOWN.some((type) => error instanceof type) || isOfSystem(error)) return error.message.trim();
  if (error.name.startsWith('KafkaJS')) return messageOfKafka(error);
  if (error instanceof AggregateError) {
    const messages = error.errors.map((each) => (each instanceof Error ? loggableMessage(each) : null));
    return messages.includes(null) ? null : [...new Set(messages)].join('; ');
  }
  return null;
}

/** kafkajs gives its own errors the message of what they wrap, which may be an error of anybody. */
function messageOfKafka(error: Error): string | null {
  const wrapped: unknown = error.cause ?? Reflect.get(error, 'originalError');
  return wrapped instanceof Error ? loggableMessage(wrapped) : error.message.trim();
}

/** Of the network, of files, of TLS: the message is made of the call, an address or a path. */
function isOfSystem(error: Error): boolean {
  const code: unknown = Reflect.get(error, 'code');
  if (typeof code !== 'string') return false;
  return typeof Reflect.get(error, 'syscall') === 'string' || OF_TLS.test(code);
}

const OF_TLS =
  /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO|ECONNRESET)/;

/** A line of a stack trace that names a function and a place in a file. */
const FRAME = /^at (?:[\w$.<>#[\] ]+ \()?(?:file:\/\/|node:|\/)[^\s()]*:\d+:\d+\)?$/;

/** The places of an error's stack trace, without the message before them. */
export function errorFrames({ stack = '', message }: Error): string[] {
  const end = stack.indexOf(message);
  return stack
    .slice(end < 0 ? 0 : end + message.length)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => FRAME.test(line));
}
