import { constants } from 'node:os';
import { Worker } from 'node:worker_threads';

/** Signals that ask a command to end: Ctrl-C, `kill` and its kin (systemd, Docker), a terminal that is closed. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndingSignal = (typeof ENDING_SIGNALS)[number];

/** How long a command that heeds a signal may take to end, unless it asks for longer. */
const GRACE_MS = 2000;
/** A thread ends the process after so much more, where it still computes and does not see that its time is up. */
const DEAF_MS = 300;
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
 * What the process tells its launcher: whether it heeds signals now (where it does not, a signal must be sent, and
 * ends it), and that it was told of one.
 */
export type ToLauncher = { readonly heeds: boolean } | { readonly told: EndingSignal };

/**
 * Ends the process when it is told to. Nothing of ours listens to signals while a command neither must nor can bring
 * anything to its end: the system ends the process at once, even while it computes and hears nothing. What it was
 * doing is as if never begun, or only looked at. A command that `heed`s signals is told of the first, and may bring
 * what is under way to its end for 2 s, or for as long as it asked for. From then on it is up to the system again: so
 * a second signal ends it at once.
 */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #onFirst: () => void;
  readonly #onLastMoment: () => void;
  /** How often each signal came to this process, and how often to its launcher: to both, when a terminal sent it. */
  readonly #here = new Map<EndingSignal, number>();
  readonly #atLauncher = new Map<EndingSignal, number>();
  readonly #listeners = ENDING_SIGNALS.map((signal) => ({ signal, hear: () => this.#count(this.#here, signal, 1) }));
  #heeding = 0;
  #graceMs = GRACE_MS;
  #isListening = false;
  #first: EndingSignal | null = null;

  constructor(on: { readonly first: () => void; readonly lastMoment: () => void }) {
    this.#onFirst = on.first;
    this.#onLastMoment = on.lastMoment;
  }

  /** Begins to listen to the launcher, where one started this process. */
  listenToLauncher(): void {
    // Signals do not end the first process of a container by themselves: it must listen all the time.
    if (process.pid === 1) this.#listen();
    if (process.channel === undefined) return;
    process.on('message', ({ signal, count }: LauncherMessage) => {
      this.#count(this.#atLauncher, signal, count - (this.#atLauncher.get(signal) ?? 0));
    });
    process.channel.unref();
  }

  /** Aborted by the first signal that comes while the command heeds signals; by no other. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Has `work` end by itself once `signal` is aborted. It must not compute for seconds on end without letting others
   * run: it would not hear the signal.
   *
   * @param graceMs how long it may take to end
   */
  async heed<T>(work: () => Promise<T>, graceMs = GRACE_MS): Promise<T> {
    this.#heeding += 1;
    this.#graceMs = Math.max(this.#graceMs, graceMs);
    if (this.#heeding === 1 && this.#first === null) this.#listen();
    try {
      return await work();
    } finally {
      this.#heeding -= 1;
      if (this.#heeding === 0 && process.pid !== 1) this.#leaveToTheSystem();
    }
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

  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    for (const { signal, hear } of this.#listeners) process.on(signal, hear);
    tellLauncher({ heeds: true });
  }

  #leaveToTheSystem(): void {
    if (!this.#isListening) return;
    this.#isListening = false;
    for (const { signal, hear } of this.#listeners) process.off(signal, hear);
    tellLauncher({ heeds: false });
  }

  #count(counts: Map<EndingSignal, number>, signal: EndingSignal, more: number): void {
    const before = this.#countOf(signal);
    counts.set(signal, (counts.get(signal) ?? 0) + more);
    for (let no = before; no < this.#countOf(signal); no++) this.#tell(signal);
  }

  #countOf(signal: EndingSignal): number {
    return Math.max(this.#here.get(signal) ?? 0, this.#atLauncher.get(signal) ?? 0);
  }

  #tell(signal: EndingSignal): void {
    if (this.#first !== null || this.#heeding === 0) endBy(signal);
    this.#first = signal;
    tellLauncher({ told: signal });
    // With a launcher, a terminal's one signal comes twice: it is counted, rather than left to the system.
    if (process.channel === undefined && process.pid !== 1) this.#leaveToTheSystem();
    this.#onFirst();
    setTimeout(() => {
      this.#onLastMoment();
      endBy(signal);
    }, this.#graceMs).unref();
    endAfter(this.#graceMs + DEAF_MS, process.channel === undefined ? signal : 'SIGKILL');
    this.#controller.abort();
  }
}

function tellLauncher(message: ToLauncher): void {
  // It may be gone: then another thread sees to our end.
  if (process.channel !== undefined) process.send?.(message, () => {});
}

/** Ends this process by a signal after `ms`, from a thread of its own: even if this one only computes by then. */
function endAfter(ms: number, signal: NodeJS.Signals): void {
  const thread = new Worker(END_AFTER, { eval: true, workerData: { ms, signal }, name: 'end', execArgv: [] });
  thread.on('error', () => {});
  thread.unref();
}

const END_AFTER = `const { ms, signal } = require('node:worker_threads').workerData;
setTimeout(() => process.kill(process.pid, signal), ms);`;

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
