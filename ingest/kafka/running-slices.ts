import { within } from '../../operating/index.ts';

/**
 * One slice commits, the next is rated, and one more waits: kafkajs asks for the next fetch only once it has got rid
 * of the last slice of the one before, and what it then takes until a slice is decoded is longer than a commit.
 */
const MOST_RUNNING = 3;
const HEARTBEAT_EVERY_MS = 1_000;

/** Slices that were given to the sink and are not settled. */
export class RunningSlices {
  readonly #running = new Set<Promise<void>>();
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** @param run is given what settles when all slices before are settled; never rejects */
  start(run: (before: Promise<void>) => Promise<void>): void {
    const running: Promise<void> = run(this.settled()).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /**
   * Waits until another slice may be started, telling the group meanwhile that we live. Throws what `heartbeat`
   * throws.
   */
  async roomForOne(heartbeat: () => Promise<void>): Promise<void> {
    while (this.#running.size >= MOST_RUNNING && !this.#signal.aborted) {
      await within(HEARTBEAT_EVERY_MS, Promise.race(this.#running));
      await heartbeat();
    }
  }

  /** Settles when all that run now have. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }
}
