import { pino, type Logger } from 'pino';
import type { Terminal } from './terminal.ts';

/** What a command that runs for long says: JSON lines on stderr; plain ones where a person looks. */
export function openLog(terminal: Terminal): Logger {
  const write = terminal.isInteractive ? plainLine : (line: string) => line;
  return pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    { write: (line: string) => void terminal.stderr.write(write(line)) },
  );
}

/** `12:00:01 error  partition is stopped  topic=cdr partition=3`. */
function plainLine(line: string): string {
  const { level, time, msg, err, ...rest }: Record<string, unknown> = JSON.parse(line);
  const fields = Object.entries(rest).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const why = typeof err === 'object' && err !== null ? `  ${String(Reflect.get(err, 'message'))}` : '';
  return (
    `${String(time).slice(11, 19)} ${String(level).padEnd(5)}  ${String(msg)}${why}  ${fields.join(' ')}`.trimEnd() +
    '\n'
  );
}
