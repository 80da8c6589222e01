import type { Logger } from 'pino';
import type { RatingEngine } from '../rating-engine.ts';
import { isDatabaseAway } from './error-kinds.ts';
import { pause, retryForever } from './retry-forever.ts';
import { DATABASE, type WorkerHealth } from './worker-health.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

const EVERY_MS = 1_000;

/**
 * Settles, about every second, what was rated before its facts changed: lines entered late, decisions, offers, and what
 * waits in quarantine for them. Asking also shows whether the database is there. Goes on until `signal` is aborted.
 */
export async function keepCaughtUp(
  engine: RatingEngine,
  buckets: () => ReadonlySet<number> | null,
  { log, metrics, health }: { readonly log: Logger; readonly metrics: WorkerMetrics; readonly health: WorkerHealth },
  signal: AbortSignal,
): Promise<void> {
  const catchUp = async (): Promise<void> => {
    for (;;) {
      if (buckets()?.size !== 0) {
        await engine.catchUp();
        health.heardOf(DATABASE);
      }
      await pause(EVERY_MS, signal);
      if (signal.aborted) return;
    }
  };
  await retryForever(catchUp, {
    isWanted: () => true,
    signal,
    onFailure: (error, failures, waitMs) => {
      if (isDatabaseAway(error)) metrics.reconnects.inc({ server: 'postgres' });
      log.error({ err: error, failures, waitMs }, 'Cannot settle what changed facts touch: it is tried again');
    },
  });
}
