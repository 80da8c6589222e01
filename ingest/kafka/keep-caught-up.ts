import type { Logger } from 'pino';
import { countWaiting, type Database } from '../../ledger/index.ts';
import { prepareMonthsAhead, type RatingEngine } from '../../engine/index.ts';
import { isDatabaseAway } from './error-kinds.ts';
import { pause, retryForever, DATABASE, type WorkerHealth } from '../../operating/index.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

export interface CatchUpParts {
  readonly db: Database;
  readonly engine: Pick<RatingEngine, 'catchUp' | 'memory' | 'waitedMonths'>;
  readonly log: Logger;
  readonly metrics: WorkerMetrics;
  readonly health: WorkerHealth;
}

const EVERY_MS = 1_000;
/** As health and the log name it. */
const SETTLING = 'settle what changed facts touch';
const COUNT_QUARANTINE_EVERY_MS = 30_000;
/** A month is made long before it begins. */
const PREPARE_MONTHS_EVERY_MS = 3_600_000;
/** While one is missing, somebody may be about to make it. */
const LOOK_FOR_MONTHS_EVERY_MS = 60_000;

/**
 * Settles, about every second, what was rated before its facts changed: lines entered late, decisions, offers, and what
 * waits in quarantine for them; makes the months ahead. Asking also shows whether the database is there. Goes on until
 * `signal` is aborted.
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
  const months = new MonthWatch(parts);
  const catchUp = async (): Promise<void> => {
    while (!signal.aborted) {
      const buckets = ours();
      if (buckets?.size !== 0) await engine.catchUp(buckets ?? undefined);
      health.failsNoMore(SETTLING);
      metrics.loaded(engine.memory.bucketMonths);
      await months.look();
      if (Date.now() - countedAt > COUNT_QUARANTINE_EVERY_MS) {
        metrics.quarantineWaits(await countWaiting(db));
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

/** Makes the months ahead, and says which are missing and who must make them. */
class MonthWatch {
  readonly #parts: CatchUpParts;
  #preparedAt = -Infinity;
  #missing: readonly number[] = [];
  #toldAt = -Infinity;

  constructor(parts: CatchUpParts) {
    this.#parts = parts;
  }

  async look(): Promise<void> {
    const { db, engine, log, metrics } = this.#parts;
    const now = performance.now();
    const every = this.#missing.length === 0 ? PREPARE_MONTHS_EVERY_MS : LOOK_FOR_MONTHS_EVERY_MS;
    if (now - this.#preparedAt > every) {
      this.#preparedAt = now;
      this.#missing = (await prepareMonthsAhead(db, Date.now())).missing;
    }
    const waited = engine.waitedMonths;
    metrics.months(waited.length, this.#missing.length);
    if (waited.length + this.#missing.length === 0 || now - this.#toldAt < LOOK_FOR_MONTHS_EVERY_MS) return;
    this.#toldAt = now;
    log.error({ waited: waited.slice(0, SHOWN_MONTHS), months: waited.length, missing: this.#missing }, MISSING_MONTHS);
  }
}

const SHOWN_MONTHS = 24;
const MISSING_MONTHS =
  "months have no partition, and this role may not make them: run 'fairtally setup' as the owner of the tables, with " +
  "'--months' for those that calls wait for; records whose month is missing wait in quarantine, and are rated once it is there";
