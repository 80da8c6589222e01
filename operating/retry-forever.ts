import { setTimeout as delay } from 'node:timers/promises';
import { OperatingFault } from './operating-fault.ts';

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;
/** A try that lasted so long had worked: what fails now is something new. */
const WORKED_MS = 60_000;

export interface RetryOptions {
  /** Asked before every further try: when it is not wanted any more, `undefined` is returned. */
  readonly isWanted: () => boolean;
  /** Told of each failure, with how long is waited before the next try. */
  readonly onFailure: (error: unknown, failures: number, waitMs: number) => void;
  /** Cuts waiting short. */
  readonly signal: AbortSignal;
}

/** Tries until it works, waiting longer and longer in between, 10 s at most; `undefined` when it is given up. */
export async function retryForever<T>(
  attempt: (failures: number) => Promise<T>,
  { isWanted, onFailure, signal }: RetryOptions,
): Promise<T | undefined> {
  for (let failures = 0; isWanted() && !signal.aborted;) {
    const begunAt = Date.now();
    try {
      return await attempt(failures);
    } catch (error) {
      failures = Date.now() - begunAt > WORKED_MS ? 1 : failures + 1;
      const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
      if (!isWanted()) return undefined;
      onFailure(error, failures, waitMs);
      await pause(waitMs, signal);
    }
  }
  return undefined;
}

/** Waits, or until `signal` is aborted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal }).catch(ignore);
}

/** Waits for `work`, but no longer than `ms`. Rejects as it does. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  await Promise.race([work, pause(ms, over.signal)]).finally(() => over.abort());
}

/**
 * Settles as `work` does, but rejects once it has lasted `ms`: a library may never answer. What comes of it then is
 * dropped.
 */
export async function answerWithin<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = pause(ms, over.signal).then((): never => {
    throw new OperatingFault(`Cannot ${what}: no answer came within ${ms / 1000} s`);
  });
  // Where `work` was first, nobody waits for it.
  late.catch(ignore);
  work.catch(ignore);
  return Promise.race([work, late]).finally(() => over.abort());
}

function ignore(): void {}
