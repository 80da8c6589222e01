import type { Logger } from 'pino';
import type { RatingEngine } from '../engine/index.ts';
import { pause } from '../operating/index.ts';

const LOOK_EVERY_MS = 1_000;
const AFTER_FAILURE_MS = 10_000;

/**
 * Settles, about every second, what was rated before its facts changed, as a worker does; first what a process left
 * that ended in between. Goes on until `signal` is aborted.
 */
export async function keepCaughtUp(
  engine: Pick<RatingEngine, 'catchUp'>,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    let waitMs = LOOK_EVERY_MS;
    try {
      await engine.catchUp();
    } catch (error) {
      log.error({ err: error }, 'Cannot settle what changed facts touch: it is tried again');
      waitMs = AFTER_FAILURE_MS;
    }
    await pause(waitMs, signal);
  }
}
