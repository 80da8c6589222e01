import {
  type Database,
  hashesToSettle,
  settleableQuarantine,
  staleLines,
  staleQuarantine,
  waitingQuarantine,
} from '../ledger/index.ts';
import type { Catalogue } from './catalogue.ts';
import type { Delivery } from './delivery.ts';
import type { EngineOptions } from './engine-options.ts';
import { WorkRunner } from './work-runner.ts';
import { type Counts, deliveryWork, replayWork, staleLinesWork, staleQuarantineWork, sweepWork } from './work.ts';

const MAX_BUCKET_MONTHS = 192;
const RECORDS_A_STEP = 500;
const STALE_LINES_A_BATCH = 2000;
const REPLAYED_A_BATCH = 1000;
const SWEPT_A_BATCH = 1000;
/** Before every identity: they are signed. */
const FIRST_IDENTITY = -(2n ** 63n);

/** What an engine holds in memory. */
export interface EngineMemory {
  readonly bucketMonths: number;
  readonly lines: number;
}

/**
 * Rates deliveries into the ledger, each in one transaction that holds entries, verdicts, cases, quarantine, counts and
 * the source's position: a delivery is taken in whole or not at all, and once. Work is done in the order in which it was
 * asked for; while one transaction runs, the next delivery is rated in memory.
 */
export class RatingEngine {
  readonly #db: Database;
  readonly #runner: WorkRunner;
  readonly #recordsAStep: number;

  constructor(db: Database, loadCatalogue: () => Promise<Catalogue>, options: EngineOptions = {}) {
    this.#db = db;
    const { maxBucketMonths = MAX_BUCKET_MONTHS, loadsWholePeriods = false } = options;
    this.#recordsAStep = options.recordsAStep ?? RECORDS_A_STEP;
    this.#runner = new WorkRunner(db, loadCatalogue, { maxBucketMonths, loadsWholePeriods });
  }

  get memory(): EngineMemory {
    const { state } = this.#runner;
    return { bucketMonths: state?.months.size ?? 0, lines: state?.lines.size ?? 0 };
  }

  /**
   * Takes in one delivery. It may be called again before the promise has settled: then the next delivery is rated while
   * this one commits. Rejects when its source is not where the delivery begins, or when the database fails.
   */
  take(delivery: Delivery): Promise<Counts> {
    return this.#runner.run(deliveryWork(delivery, this.#recordsAStep));
  }

  /**
   * Judges again the lines of some buckets, or all, whose facts or decisions changed, and settles again the records in
   * quarantine that such facts may repair. When nothing changed it asks two small questions: it may be called every second,
   * by several workers at once.
   */
  async catchUp(buckets?: ReadonlySet<number>): Promise<void> {
    await this.#runner.idle;
    // What is settled may leave something else to settle; what another worker is settling is left to it.
    while ((await this.#judgeStaleLines(buckets)) || (await this.#settleStaleQuarantine())) continue;
  }

  async #judgeStaleLines(buckets?: ReadonlySet<number>): Promise<boolean> {
    const lines = await staleLines(this.#db, STALE_LINES_A_BATCH, buckets === undefined ? undefined : [...buckets]);
    if (lines.length > 0) await this.#runner.run(staleLinesWork(lines));
    return lines.length > 0;
  }

  /** A page at a time, so that records which another worker has locked don't hide those after them. */
  async #settleStaleQuarantine(): Promise<boolean> {
    let settled = 0;
    for (let afterNo = 0; ;) {
      const records = await staleQuarantine(this.#db, afterNo, REPLAYED_A_BATCH);
      const last = records.at(-1);
      if (last === undefined) return settled > 0;
      afterNo = last.no;
      const counts = await this.#runner.run(staleQuarantineWork(records));
      settled += counts.get('settled-again\t') ?? 0;
    }
  }

  /** Settles again what waits in quarantine for one reason, or every record in it that could be read (`null`). */
  async replay(reason: string | null): Promise<{ readonly tried: number; readonly rated: number }> {
    let afterNo = 0;
    let tried = 0;
    let rated = 0;
    for (;;) {
      const records =
        reason === null
          ? await settleableQuarantine(this.#db, afterNo, REPLAYED_A_BATCH)
          : await waitingQuarantine(this.#db, { reason, afterNo, limit: REPLAYED_A_BATCH });
      const last = records.at(-1);
      if (last === undefined) return { tried, rated };
      afterNo = last.no;
      tried += records.length;
      const counts = await this.#runner.run(replayWork(records));
      rated += counts.get('replayed\t') ?? 0;
    }
  }

  /**
   * Settles calls that are billed more than once since no process had their records in memory together, under accounts of
   * different workers' buckets or in months far apart; and calls that are billed though a correction that another worker took
   * in says that there was none. Returns how many. It reads all entries of the periods given, or
   * of all: for now and then, and before a month is closed.
   */
  async sweep(periods: readonly number[] | null = null): Promise<number> {
    let swept = 0;
    for (let after = FIRST_IDENTITY; ;) {
      const keys = await hashesToSettle(this.#db, periods, after, SWEPT_A_BATCH);
      const last = keys.at(-1);
      if (last === undefined) return swept;
      after = last.hash;
      const counts = await this.#runner.run(sweepWork(keys));
      swept += counts.get('swept\t') ?? 0;
    }
  }

  /** Gives back, in its turn, the memory of all buckets but these: others are rated elsewhere from now on. */
  retain(buckets: ReadonlySet<number>): void {
    this.#runner.retain(buckets);
  }

  /** Forgets all that is cached; the next piece of work loads it from the ledger. */
  forget(): void {
    this.#runner.forget();
  }
}
