import type { Readable, Writable } from 'node:stream';

/** All that a command has to do with the outside besides files and the ledger: handed in, so that tests can stand in. */
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
   * Aborted when the process is told to end (Ctrl-C, SIGTERM, SIGHUP): work stops at the next boundary between batches.
   * A command that never asks for it is ended at once instead, in the midst of what it does.
   */
  readonly signal: AbortSignal;
  /** Has the process wait so long for the command to end once it is told to; 4 s when it is not called. */
  allowTime?(ms: number): void;
}

/** Writes lines of result. */
export function print(terminal: Terminal, ...lines: readonly string[]): void {
  for (const line of lines) terminal.stdout.write(`${line}\n`);
}

/** Writes lines that are no result: what is being done, faults. */
export function notify(terminal: Terminal, ...lines: readonly string[]): void {
  for (const line of lines) terminal.stderr.write(`${line}\n`);
}
