import type { Logger } from 'pino';
import { countQuarantine, type Database } from '../../ledger/index.ts';
import type { RatingEngine } from '../rating-engine.ts';
import { isDatabaseAway } from './error-kinds.ts';
import { pause, retryForever } from './retry-forever.ts';
import { DATABASE, type WorkerHealth } from './worker-health.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

export interface CatchUpParts {
  readonly db: Database;
  readonly engine: Pick<RatingEngine, 'catchUp' | 'memory'>;
  readonly log: Logger;
  readonly metrics: WorkerMetrics;
  readonly health: WorkerHealth;
}

const EVERY_MS = 1_000;
/** As health and the log name it. */
const SETTLING = 'settle what changed facts touch';
const COUNT_QUARANTINE_EVERY_MS = 30_000;

/**
 * Settles, about every second, what was rated before its facts changed: lines entered late, decisions, offers, and what
 * waits in quarantine for them. Asking also shows whether the database is there. Goes on until `signal` is aborted.
 *
 * @param ours the buckets to settle: other workers settle theirs; `null` when any may be ours
 */
export async function keepCaughtUp(
  parts: CatchUpParts,
  ours: () => ReadonlySet<number> | null,
  signal: AbortSignal,
): Promise<void> {
  const { db, engine, log, metrics, health } = parts;
  let countedAt = -Infinity;
  const catchUp = async (): Promise<void> => {
    while (!signal.aborted) {
      const buckets = ours();
      if (buckets?.size !== 0) await engine.catchUp(buckets ?? undefined);
      health.failsNoMore(SETTLING);
      metrics.loaded(engine.memory.bucketMonths);
      if (Date.now() - countedAt > COUNT_QUARANTINE_EVERY_MS) {
        await tellQuarantine(db, metrics);
        countedAt = Date.now();
      } else await db.query('select 1');
      health.heardOf(DATABASE);
      await pause(EVERY_MS, signal);
    }
  };
  await retryForever(catchUp, {
    isWanted: () => true,
    signal,
    onFailure: (error, failures, waitMs) => {
      if (isDatabaseAway(error)) metrics.reconnects.inc({ server: 'postgres' });
      health.fails(SETTLING, error);
      log.error({ err: error, failures, waitMs }, `Cannot ${SETTLING}: it is tried again`);
    },
  });
}

async function tellQuarantine(db: Database, metrics: WorkerMetrics): Promise<void> {
  const waiting = (await countQuarantine(db)).filter(({ state }) => state === 'waiting');
  metrics.quarantineWaits(new Map(waiting.map(({ reason, records }) => [reason, records])));
}
