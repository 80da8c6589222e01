import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/main.ts', import.meta.url));
/** A worker that is asked to end does so within ten seconds; a machine that is busy gets some more. */
const PATIENCE_MS = 20_000;

/**
 * `fairtally ARGS…`, or another program of ours, in a process of its own, which is killed, frozen and started again.
 * What it says goes to a file.
 */
export class FairtallyProcess {
  readonly name: string;
  /** How often it was started. */
  starts = 0;
  /** What it did that nobody asked it to: ended by itself, or not at all, or with an exit code. */
  readonly faults: string[] = [];
  readonly #args: readonly string[];
  readonly #logFile: string;
  readonly #program: string;
  /** Where in the file begins what it has said since it was last started. */
  #logStart = 0;
  #child: ChildProcess | null = null;
  #exited: Promise<unknown> = Promise.resolve();

  /** @param program the path of another program's file */
  constructor(name: string, args: readonly string[], logFile: string, program = PROGRAM) {
    this.name = name;
    this.#args = args;
    this.#logFile = logFile;
    this.#program = program;
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  start(): void {
    if (this.#child !== null) return;
    const log = openSync(this.#logFile, 'a');
    this.#logStart = statSync(this.#logFile).size;
    const child = spawn(process.execPath, [this.#program, ...this.#args], {
      env: environment(),
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child = child;
    this.starts++;
    this.#exited = once(child, 'exit').then(([code, signal]: unknown[]) => {
      if (this.#child === child) this.faults.push(`${this.name} ended by itself: ${String(code ?? signal)}`);
      if (this.#child === child) this.#child = null;
      return code;
    });
  }

  /** Whether it has said so since it was last started. */
  hasSaid(text: string): boolean {
    return readFileSync(this.#logFile).includes(text, this.#logStart);
  }

  /** Kills it at once; it may be stopped by `freeze`. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    child?.kill('SIGKILL');
    await this.#exited;
  }

  /** Asks it to end, as an operator does, and holds it to it. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#child = null;
    child.kill('SIGTERM');
    const code = await Promise.race([this.#exited, delay(PATIENCE_MS, 'late' as const, { ref: false })]);
    if (code === 0 || !this.hasSaid(' started')) return;
    this.faults.push(
      code === 'late' ? `${this.name} did not end when asked to` : `${this.name} ended with ${String(code)}`,
    );
    child.kill('SIGKILL');
    await this.#exited;
  }

  /** Stands still for a while and goes on, not knowing that time has passed. */
  async freeze(ms: number): Promise<void> {
    const child = this.#child;
    child?.kill('SIGSTOP');
    await delay(ms);
    child?.kill('SIGCONT');
  }
}

/** Ours without what would configure a worker. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => name !== 'DATABASE_URL' && name !== 'NODE_OPTIONS' && !/^(FAIRTALLY|KAFKA|VITEST)_/.test(name),
  );
  return Object.fromEntries(own);
}
