import { pino, type Logger } from 'pino';
import type { KafkaSettings } from '../ingest/index.ts';
import { kafkaAdvice } from './kafka-advice.ts';
import type { Terminal } from './terminal.ts';

/**
 * What a command that runs for long says: JSON lines on stderr; plain ones where a person looks. Where `kafka`, as it is set,
 * may be to blame for an error, this says so, and how.
 */
export function openLog(terminal: Terminal, kafka: KafkaSettings): Logger {
  const write = terminal.isInteractive ? plainLine : (line: string) => line;
  return pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => advised(error, kafka) },
    },
    { write: (line: string) => void terminal.stderr.write(write(line)) },
  );
}

function advised(error: unknown, kafka: KafkaSettings): unknown {
  if (!(error instanceof Error)) return error;
  const advice = kafkaAdvice(error, kafka);
  return { ...pino.stdSerializers.err(error), ...(advice === null ? {} : { advice }) };
}

/** `12:00:01 error  partition is stopped  topic=cdr partition=3`. */
function plainLine(line: string): string {
  const { level, time, msg, err, ...rest }: Record<string, unknown> = JSON.parse(line);
  const fields = Object.entries(rest).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const why = typeof err === 'object' && err !== null ? `  ${whyIn(err)}` : '';
  return (
    `${String(time).slice(11, 19)} ${String(level).padEnd(5)}  ${String(msg)}${why}  ${fields.join(' ')}`.trimEnd() +
    '\n'
  );
}

function whyIn(err: object): string {
  const message = String(Reflect.get(err, 'message')).trim();
  const advice: unknown = Reflect.get(err, 'advice');
  return typeof advice === 'string' ? `${advice} (${message})` : message;
}
