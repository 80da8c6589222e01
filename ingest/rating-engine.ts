import {
  type Database,
  DatabaseError,
  ENTRY_COPY_STATEMENT,
  EntryCopyBuffer,
  type Transaction,
  addQuarantine,
  lockHeads,
  moveHeads,
  settleableQuarantine,
  staleLines,
  waitingQuarantine,
} from '../ledger/index.ts';
import { Batch, UnlockedBucketError } from './batch.ts';
import type { Catalogue } from './catalogue.ts';
import type { Delivery } from './delivery.ts';
import { judgeTouched } from './judge-touched.ts';
import { RatingState } from './rating-state.ts';
import { reconcileLines } from './reconcile.ts';
import { saveVerdicts } from './save-verdicts.ts';
import type { Settlement } from './settle.ts';
import { type Work, deliveryWork, replayWork, staleLinesWork } from './work.ts';

const MAX_ATTEMPTS = 5;
const STALE_LINES_A_BATCH = 2000;
const REPLAYED_A_BATCH = 1000;
const ALL_BUCKETS = Array.from({ length: 64 }, (_, bucket) => bucket);

/** Another writer moved a bucket on since it was cached: memory is loaded again, and the batch repeated. */
class StaleStateError extends Error {}

/** What became of the records of a batch, by outcome and reason joined by a tab: `rated\t`, `quarantined\tunknown-line`, … */
export type Counts = ReadonlyMap<string, number>;

/**
 * Rates deliveries into the ledger, each in one transaction that holds entries, verdicts, cases, quarantine, counts and
 * the source's position: a delivery is taken in whole or not at all, and once. Work is done in the order in which it was
 * asked for; while one transaction runs, the next delivery is rated in memory.
 */
export class RatingEngine {
  readonly #db: Database;
  readonly #loadCatalogue: () => Promise<Catalogue>;
  readonly #buffers = [new EntryCopyBuffer(), new EntryCopyBuffer()];
  #loaded: { readonly catalogue: Catalogue; readonly state: RatingState } | null = null;
  /** Settles when all work asked for so far is done. */
  #tail: Promise<unknown> = Promise.resolve();
  /** Work asked for that is not rated in memory: what comes after it must not be rated before it. */
  readonly #unrated = new Set<Work>();
  /** The batch that was rated ahead, while another's transaction runs. */
  #ahead: Batch | null = null;

  constructor(db: Database, loadCatalogue: () => Promise<Catalogue>) {
    this.#db = db;
    this.#loadCatalogue = loadCatalogue;
  }

  /**
   * Takes in one delivery. It may be called again before the promise has settled: then the next delivery is rated while
   * this one commits. Rejects when its source is not where the delivery begins, or when the database fails.
   */
  take(delivery: Delivery): Promise<Counts> {
    return this.#inTurn(deliveryWork(delivery));
  }

  /**
   * Judges again the lines whose facts or decisions changed, and what waits in quarantine for such facts. Does nothing
   * when nothing changed.
   */
  async catchUp(): Promise<void> {
    await this.#tail;
    let numbers = await staleLines(this.#db, STALE_LINES_A_BATCH);
    if (numbers.length === 0) return;
    this.forget();
    for (let isFirst = true; numbers.length > 0; isFirst = false) {
      await this.#inTurn(staleLinesWork(numbers, isFirst));
      numbers = await staleLines(this.#db, STALE_LINES_A_BATCH);
    }
    await this.replay(null);
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
      const counts = await this.#inTurn(replayWork(records));
      rated += counts.get('replayed\t') ?? 0;
    }
  }

  /** Forgets all that is cached; the next piece of work loads it from the ledger. */
  forget(): void {
    this.#loaded?.state.release();
    this.#loaded = null;
  }

  async #inTurn(work: Work): Promise<Counts> {
    const before = this.#tail;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tail = promise;
    try {
      const ahead = this.#rateAhead(work);
      await before;
      return await this.#run(work, ahead);
    } finally {
      this.#unrated.delete(work);
      resolve();
    }
  }

  /** Rates while the work before is in its transaction, if memory has all that it takes. */
  #rateAhead(work: Work): Batch | null {
    const isNext = this.#unrated.size === 0;
    this.#unrated.add(work);
    if (!isNext || this.#loaded === null || this.#ahead !== null || work.locksAllBuckets) return null;
    if (!this.#loaded.state.hasPeriods(work.periods(this.#loaded.state))) return null;
    this.#ahead = this.#rated(work, this.#loaded);
    return this.#ahead;
  }

  async #run(work: Work, ahead: Batch | null): Promise<Counts> {
    for (let attempt = 1; ; attempt++) {
      try {
        if (attempt === 1) return await this.#attempt(work, ahead);
        return await this.#attemptAlone(work);
      } catch (error) {
        this.forget();
        this.#unrated.add(work);
        if (attempt === MAX_ATTEMPTS || !isWorthRepeating(error)) throw error;
      }
    }
  }

  async #attempt(work: Work, ahead: Batch | null): Promise<Counts> {
    const batch = await this.#batchOf(work, ahead);
    const buckets = work.locksAllBuckets ? ALL_BUCKETS : [...batch.buckets].toSorted((a, b) => a - b);
    const positions = positionsOf(batch.state);
    try {
      await this.#db.transaction(async (tx) => {
        await work.begin(tx);
        await writeBatch(tx, work, batch, buckets, positions);
      });
    } finally {
      this.#giveBack(batch);
    }
    return this.#committed(batch, positions);
  }

  /** The batch rated ahead, unless what it was rated with has been forgotten since; else one rated now. */
  async #batchOf(work: Work, ahead: Batch | null): Promise<Batch> {
    if (this.#ahead === ahead) this.#ahead = null;
    if (ahead !== null && ahead.state === this.#loaded?.state) return ahead;
    this.#unrated.add(work);
    if (ahead !== null) this.#giveBack(ahead);
    const loaded = await this.#load();
    await loaded.state.preparePeriods(work.periods(loaded.state));
    return this.#rated(work, loaded);
  }

  /**
   * Once another writer was in the way: memory is loaded while all buckets are locked, so that nobody can move them on
   * in between, however long it takes. PGlite has one connection, and so no other writer to wait for.
   */
  async #attemptAlone(work: Work): Promise<Counts> {
    if (this.#db.kind === 'pglite') return this.#attempt({ ...work, locksAllBuckets: true }, null);
    const { batch, positions } = await this.#db.transaction(async (tx) => {
      await work.begin(tx);
      await lockHeads(tx, ALL_BUCKETS);
      const alone = await this.#batchOf(work, null);
      const given = positionsOf(alone.state);
      try {
        await writeBatch(tx, work, alone, ALL_BUCKETS, given);
      } finally {
        this.#giveBack(alone);
      }
      return { batch: alone, positions: given };
    });
    return this.#committed(batch, positions);
  }

  /** A batch rated in memory, and what memory can say of the months that it touched. */
  #rated(work: Work, { catalogue, state }: { readonly catalogue: Catalogue; readonly state: RatingState }): Batch {
    const batch = new Batch(state, catalogue, this.#buffers.pop() ?? new EntryCopyBuffer());
    work.rate(batch);
    this.#unrated.delete(work);
    judgeTouched(batch);
    return batch;
  }

  #giveBack({ entries }: Batch): void {
    entries.take();
    this.#buffers.push(entries);
  }

  /** Takes what the batch did as what the ledger has. */
  #committed(batch: Batch, positions: ReadonlyMap<number, number>): Counts {
    for (const [bucket, position] of positions) batch.state.heads.get(bucket)!.position = position;
    for (const { state, findings } of batch.judged) state.savedFindings = findings;
    this.#tellAhead(batch);
    return batch.counts;
  }

  /** Lines that this batch judged from the ledger lack, in memory, the calls of the one that was rated ahead. */
  #tellAhead({ reconciled }: Batch): void {
    if (this.#ahead === null) return;
    for (const { line, state } of this.#ahead.touched) {
      if (reconciled.has(line)) this.#ahead.markStale(line, state.period);
    }
  }

  async #load(): Promise<{ readonly catalogue: Catalogue; readonly state: RatingState }> {
    if (this.#loaded === null) {
      const catalogue = await this.#loadCatalogue();
      this.#loaded = { catalogue, state: await RatingState.load(this.#db, catalogue) };
    }
    return this.#loaded;
  }
}

/** The last feed position given of each bucket. */
function positionsOf({ heads }: RatingState): Map<number, number> {
  return new Map([...heads].map(([bucket, { position }]) => [bucket, position]));
}

/** Writes all of a batch, in order: what memory rated, what the ledger must settle and judge, verdicts, positions. */
async function writeBatch(
  tx: Transaction,
  work: Work,
  batch: Batch,
  buckets: readonly number[],
  positions: Map<number, number>,
): Promise<void> {
  await lockBuckets(tx, batch, buckets);
  const settlement: Settlement = { tx, batch, flush: () => flushBatch(tx, batch, positions) };
  await settlement.flush();
  await work.settle(settlement);
  await reconcileLines(settlement);
  await settlement.flush();
  await saveVerdicts(tx, batch);
  await moveHeads(tx, movedHeads(batch.state, positions));
  await work.end(tx, batch);
}

function isWorthRepeating(error: unknown): boolean {
  if (error instanceof StaleStateError || error instanceof UnlockedBucketError) return true;
  return error instanceof DatabaseError && (error.retryable || error.code === 'unique-violation');
}

/** Locks the buckets to write to, and makes sure that they are as they were cached. */
async function lockBuckets(tx: Transaction, batch: Batch, buckets: readonly number[]): Promise<void> {
  for (const head of await lockHeads(tx, buckets)) {
    if (!batch.state.isCurrent(head)) {
      throw new StaleStateError(`Bucket '${head.bucket}' was moved on by another writer`);
    }
  }
  batch.lockedBuckets = new Set(buckets);
}

/** @param positions the last feed position given of each bucket, moved on */
async function flushBatch(
  tx: Transaction,
  { entries, quarantine }: Batch,
  positions: Map<number, number>,
): Promise<void> {
  if (entries.count > 0) {
    const copy = entries.takeInOrder((bucket) => {
      const position = (positions.get(bucket) ?? 0) + 1;
      positions.set(bucket, position);
      return position;
    });
    await tx.copyIn(ENTRY_COPY_STATEMENT, copy);
  }
  await addQuarantine(tx, quarantine.splice(0));
}

function movedHeads(
  { heads }: RatingState,
  positions: ReadonlyMap<number, number>,
): { readonly bucket: number; readonly position: number }[] {
  return [...positions].flatMap(([bucket, position]) =>
    heads.get(bucket)?.position === position ? [] : [{ bucket, position }],
  );
}
