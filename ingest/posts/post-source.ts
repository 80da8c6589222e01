import { createHash, randomUUID } from 'node:crypto';
import {
  type Counts,
  type DeliveredRecord,
  type Delivery,
  type RatingEngine,
  RecordOutcomes,
  lazyDelivery,
} from '../../engine/index.ts';
import type { Format } from '../../formats/index.ts';
import { type Queryable, SourceMovedError, readSourcePosition } from '../../ledger/index.ts';

/** Records that came together, to be taken in by one transaction: given the position of the first, all of them. */
export type RecordsFrom = (position: number) => readonly DeliveredRecord[];

/** A batch that is in the ledger. */
export interface TakenBatch {
  readonly counts: Counts;
  readonly outcomes: RecordOutcomes;
  /** Where it stands: the partition of the source, and the position of its first record. */
  readonly partition: number;
  readonly position: number;
  readonly records: readonly DeliveredRecord[];
}

/** More than there are processes that take posts of one sender. */
const MOST_PARTITIONS = 1_000;
const MOST_ATTEMPTS = 50;

/**
 * What one sender posts, as a source of the ledger: its records are numbered as they come, and the number is their
 * position. Nobody can read it once more: what was not committed, the sender posts again, and what was committed is
 * known by what it says. Each process that takes posts has a partition of its own; which one is free it learns from
 * the ledger, that refuses two at one place.
 */
export class PostSource {
  readonly #engine: Pick<RatingEngine, 'take'>;
  readonly #db: Queryable;
  readonly #source: string;
  #partition = 0;
  /** Where the next batch begins; `null`: the ledger must be asked. */
  #next: number | null = null;
  #running = 0;
  /** Settles when places are given to all that asked for one before. */
  #placing: Promise<unknown> = Promise.resolve();
  /** Called when nothing runs any more. */
  #onIdle: (() => void)[] = [];

  constructor(engine: Pick<RatingEngine, 'take'>, db: Queryable, source: string) {
    this.#engine = engine;
    this.#db = db;
    this.#source = source;
  }

  /** Takes records in, in one transaction. It may be called again before the promise has settled. */
  async take(format: Format, count: number, records: RecordsFrom): Promise<TakenBatch> {
    for (let attempt = 1; ; attempt++) {
      const started = this.#start(format, count, records);
      try {
        return await (
          await started
        ).taken;
      } catch (error) {
        if (!(error instanceof SourceMovedError) || attempt === MOST_ATTEMPTS) throw error;
      }
    }
  }

  /** Gives the batch its place, in the order of the calls, and hands it to the engine. */
  #start(format: Format, count: number, records: RecordsFrom): Promise<{ readonly taken: Promise<TakenBatch> }> {
    const started = this.#placing.then(async () => {
      const wasAsked = this.#next === null;
      const position = this.#next ?? (await this.#ask());
      this.#next = position + count;
      const taken = this.#run(format, count, records(position), position, wasAsked);
      taken.catch(() => undefined);
      return { taken };
    });
    this.#placing = started.catch(() => undefined);
    return started;
  }

  /** Where the partition stands, once nothing is under way that may move it. */
  async #ask(): Promise<number> {
    if (this.#running > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    return (await readSourcePosition(this.#db, this.#source, this.#partition))?.position ?? 0;
  }

  async #run(
    format: Format,
    count: number,
    records: readonly DeliveredRecord[],
    position: number,
    wasAsked: boolean,
  ): Promise<TakenBatch> {
    const outcomes = new RecordOutcomes();
    const partition = this.#partition;
    this.#running++;
    try {
      const counts = await this.#engine.take(this.#deliveryOf(format, count, records, position, outcomes));
      return { counts, outcomes, partition, position, records };
    } catch (error) {
      // Those after it in this process fail, too; nothing of them is committed.
      this.#next = null;
      // Asked a moment ago, and moved since: another process has the partition.
      if (wasAsked && error instanceof SourceMovedError) this.#partition = (partition + 1) % MOST_PARTITIONS;
      throw error;
    } finally {
      this.#running--;
      if (this.#running === 0) for (const wake of this.#onIdle.splice(0)) wake();
    }
  }

  #deliveryOf(
    format: Format,
    count: number,
    records: readonly DeliveredRecord[],
    position: number,
    outcomes: RecordOutcomes,
  ): Delivery {
    const stretch = {
      source: this.#source,
      partition: this.#partition,
      format: format.id,
      from: position,
      to: position + count,
      // No hash of bytes that could be read again: it tells this batch from any other that ends at the same number.
      prefixHash: createHash('sha256').update(randomUUID()).digest('hex'),
      tallyOf: (from: number, to: number) => ({ taken: to - from, empty: 0 }),
      outcomes,
      ...(format.hasLegs === true ? { hasLegs: true } : {}),
    };
    return lazyDelivery(stretch, () => records);
  }
}
