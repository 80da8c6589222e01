import { constants } from 'node:os';

/** Signals that ask a command to end: Ctrl-C, `kill` and its kin (systemd, Docker), a terminal that is closed. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndingSignal = (typeof ENDING_SIGNALS)[number];

/** How long a command that heeds the signal may take to end, unless it asks for more. */
const DEFAULT_GRACE_MS = 4000;
/**
 * What ended, but is kept by something that is still open, such as a connection that is being made, goes after this.
 */
const LEFTOVERS_MS = 300;

/** What its launcher tells the process: how often it received a signal. */
export interface LauncherMessage {
  readonly signal: EndingSignal;
  readonly count: number;
}

/**
 * Ends the process when it is told to. A command that has asked for `heed()` may bring what is under way to its end
 * first, for a while. All others end at once: whatever they were doing is as if never begun, or only looked at. So
 * does the second signal.
 */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #onFirst: () => void;
  readonly #onLastMoment: () => void;
  /** How often each signal came to this process, and how often to its launcher: to both, when a terminal sent it. */
  readonly #here = new Map<EndingSignal, number>();
  readonly #atLauncher = new Map<EndingSignal, number>();
  #isHeeded = false;
  #graceMs = DEFAULT_GRACE_MS;
  #first: EndingSignal | null = null;

  constructor(on: { readonly first: () => void; readonly lastMoment: () => void }) {
    this.#onFirst = on.first;
    this.#onLastMoment = on.lastMoment;
  }

  /** Begins to listen: to the system, and to the launcher, where one started this process. */
  listen(): void {
    for (const signal of ENDING_SIGNALS) process.on(signal, () => this.#count(this.#here, signal, 1));
    if (process.channel === undefined) return;
    process.on('message', ({ signal, count }: LauncherMessage) => {
      this.#count(this.#atLauncher, signal, count - (this.#atLauncher.get(signal) ?? 0));
    });
    // Killed outright, the launcher passes nothing on any more: nobody waits for what we do.
    process.on('disconnect', () => this.tell('SIGTERM'));
    process.channel.unref();
  }

  /** The signal for a command that will end by itself once it is aborted. */
  heed(): AbortSignal {
    this.#isHeeded = true;
    return this.#controller.signal;
  }

  /** Gives the command so long to end once it is told to. */
  allowTime(ms: number): void {
    this.#graceMs = ms;
  }

  /** The exit code of a command that returned `code`: of one that was interrupted, 128 and the signal's number. */
  exitCode(code: number, interrupted: number): number {
    return this.#first !== null && code === interrupted ? 128 + constants.signals[this.#first] : code;
  }

  /**
   * To be called when the command is done, with its exit code: one that came to its end as it should keeps that code.
   */
  commandIsDone(code: number): void {
    const first = this.#first;
    if (first === null) return;
    setTimeout(() => (code === 0 ? process.exit(0) : endBy(first)), LEFTOVERS_MS).unref();
  }

  #count(counts: Map<EndingSignal, number>, signal: EndingSignal, more: number): void {
    const before = this.#countOf(signal);
    counts.set(signal, (counts.get(signal) ?? 0) + more);
    for (let no = before; no < this.#countOf(signal); no++) this.tell(signal);
  }

  #countOf(signal: EndingSignal): number {
    return Math.max(this.#here.get(signal) ?? 0, this.#atLauncher.get(signal) ?? 0);
  }

  /** As if `signal` had come. */
  tell(signal: EndingSignal): void {
    if (this.#first !== null || !this.#isHeeded) endBy(signal);
    this.#first = signal;
    this.#onFirst();
    setTimeout(() => {
      this.#onLastMoment();
      endBy(signal);
    }, this.#graceMs).unref();
    this.#controller.abort();
  }
}

/**
 * Ends this process as the signal would have without us. `process.exit()` would wait for threads that read or open
 * files, and those may wait for ever: for a FIFO without a writer, for a name server that says nothing.
 */
function endBy(signal: EndingSignal): never {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // Only the first process of a container outlives that.
  return process.exit(128 + constants.signals[signal]);
}
