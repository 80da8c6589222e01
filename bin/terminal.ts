import type { Readable, Writable } from 'node:stream';
import { visibleJson, visibleLine } from '../operating/index.ts';
import { EscapedOutput } from './escaped-output.ts';
import { withoutSecrets } from './secrets.ts';

/**
 * All that a command has to do with the outside besides files and the ledger: handed in, so that tests can stand in.
 */
export interface Terminal {
  readonly stdin: Readable;
  /** Results. */
  readonly stdout: Writable;
  /** Progress and faults. */
  readonly stderr: Writable;
  /** Whether a person is looking at stderr: a bar that moves, rather than lines. */
  readonly isInteractive: boolean;
  /** Width of the screen, in characters. */
  readonly columns: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths begin here. */
  readonly folder: string;
  /**
   * Aborted when the process is told to end (Ctrl-C, SIGTERM, SIGHUP) while `heed` runs; at all other times the system
   * ends the process at once, in the midst of what it does.
   */
  readonly signal: AbortSignal;
  /** See `heedSignals`; a terminal without it never has `signal` aborted by the system. */
  heed?<T>(work: () => Promise<T>, graceMs?: number): Promise<T>;
  /**
   * Has the process take little memory, from before an embedded database is opened. Only a command's own process has
   * it: V8 does not expect its flags to change while it compiles for others.
   */
  saveMemory?(): void;
}

/**
 * The terminal as every command gets it: whatever is written to it, by whichever way, comes out with nothing unseen
 * in it.
 */
export function withEscapedOutput(terminal: Terminal): Terminal {
  const [stdout, stderr] = [new EscapedOutput(terminal.stdout), new EscapedOutput(terminal.stderr)];
  return new Proxy(terminal, {
    get: (target, name) => (name === 'stdout' ? stdout : name === 'stderr' ? stderr : Reflect.get(target, name)),
  });
}

/**
 * Runs `work`, which has something to bring to its end when the process is told to end: it ends by itself, within
 * `graceMs` (2 s), once `terminal.signal` is aborted. Only for what must: a command that neither asks nor forgets
 * anything ends at once. `work` must let others run all the time; what computes for long belongs in a thread, or in
 * steps.
 */
export function heedSignals<T>(terminal: Terminal, work: () => Promise<T>, graceMs?: number): Promise<T> {
  return terminal.heed === undefined ? work() : terminal.heed(work, graceMs);
}

/**
 * Writes lines of result. A line end within one is shown as `\n`: text that came from outside can't add lines of its
 * own.
 */
export function print(terminal: Terminal, ...lines: readonly string[]): void {
  for (const line of lines) terminal.stdout.write(`${visibleLine(line)}\n`);
}

/** Writes a result as JSON, indented; what can't be seen stands as JSON escapes. */
export function printJson(terminal: Terminal, value: unknown): void {
  terminal.stdout.write(`${visibleJson(JSON.stringify(value, null, 2))}\n`);
}

/** A longer line of stderr is no message any more. */
const LONGEST_MESSAGE = 4_000;

/**
 * Writes lines that are no result: what is being done, faults. Passwords are left out, and of endless lines the end.
 */
export function notify(terminal: Terminal, ...lines: readonly string[]): void {
  for (const line of lines) terminal.stderr.write(`${messageLine(line)}\n`);
}

/** Puts `text` in the place of the moving line on stderr. */
export function redraw(terminal: Terminal, text: string): void {
  if (terminal.stderr instanceof EscapedOutput) terminal.stderr.redraw(text);
  else notify(terminal, text);
}

/** A message as it is printed: one line, without passwords, without what can't be seen. */
export function messageLine(text: string): string {
  const visible = visibleLine(withoutSecrets(text));
  if (visible.length <= LONGEST_MESSAGE) return visible;
  return `${visible.slice(0, LONGEST_MESSAGE)}… (${visible.length - LONGEST_MESSAGE} more characters)`;
}
