import { setTimeout as delay } from 'node:timers/promises';
import type { RatingEngine } from '../engine/index.ts';

const LOOK_MS = 50;
/** So often in a row the engine must be found at rest: between two batches it rests for a moment. */
const LOOKS = 5;

/**
 * An engine that knows whether it works on a batch, for taking files that may never go on: a FIFO without a writer, a
 * record without an end.
 */
export class StoppableTaking {
  readonly engine: Pick<RatingEngine, 'take'>;
  readonly #signal: AbortSignal;
  #running = 0;

  constructor(engine: Pick<RatingEngine, 'take'>, signal: AbortSignal) {
    this.#signal = signal;
    this.engine = {
      take: async (delivery) => {
        this.#running += 1;
        try {
          return await engine.take(delivery);
        } finally {
          this.#running -= 1;
        }
      },
    };
  }

  /**
   * What `taking`, by our engine, comes to; `null` once the signal is aborted and no batch is under way, so that
   * `taking` only waits for its input.
   */
  async untilStopped<T>(taking: Promise<T>): Promise<T | null> {
    const over = new AbortController();
    try {
      return await Promise.race([taking, this.#atRest(over.signal)]);
    } finally {
      over.abort();
    }
  }

  async #atRest(over: AbortSignal): Promise<null> {
    await aborted(AbortSignal.any([this.#signal, over]));
    for (let looks = 0; looks < LOOKS && !over.aborted; looks = this.#running === 0 ? looks + 1 : 0) {
      await delay(LOOK_MS);
    }
    return null;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
