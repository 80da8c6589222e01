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

/** What waits to be taken in: one post's records, or some of them. */
interface Waiting {
  readonly format: Format;
  readonly count: number;
  readonly records: RecordsFrom;
  readonly resolve: (taken: TakenBatch) => void;
  readonly reject: (error: unknown) => void;
}

/** Transactions under way: one commits while the next is rated. */
const MOST_UNDER_WAY = 2;
/** Records of posts that are taken in together. */
const MOST_TOGETHER = 10_000;
/** More than there are processes that take posts of one sender. */
const MOST_PARTITIONS = 1_000;
const MOST_ATTEMPTS = 50;

/**
 * What one sender posts, as a source of the ledger: its records are numbered as they come, and the number is their
 * position. Nobody can read it once more: what was not committed, the sender posts again, and what was committed is
 * known by what it says. Each process that takes posts has a partition of its own; which one is free it learns from
 * the ledger, that refuses two at one place. What comes while two transactions are under way is taken in together by
 * the next: a switch that posts each call by itself is not held up by a commit a call.
 */
export class PostSource {
  readonly #engine: Pick<RatingEngine, 'take'>;
  readonly #db: Queryable;
  readonly #source: string;
  readonly #waiting: Waiting[] = [];
  #underWay = 0;
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

  /**
   * Takes records in, in one transaction, perhaps with those of other posts: `counts` are of all of them. It may be
   * called again before the promise has settled.
   */
  take(format: Format, count: number, records: RecordsFrom): Promise<TakenBatch> {
    const { promise, resolve, reject } = Promise.withResolvers<TakenBatch>();
    this.#waiting.push({ format, count, records, resolve, reject });
    this.#goOn();
    return promise;
  }

  #goOn(): void {
    while (this.#underWay < MOST_UNDER_WAY && this.#waiting.length > 0) {
      const group = this.#nextGroup();
      this.#underWay++;
      void this.#takeGroup(group).finally(() => {
        this.#underWay--;
        this.#goOn();
      });
    }
  }

  /** The first that waits, and those right after it that can be taken in with it. */
  #nextGroup(): Waiting[] {
    const [first] = this.#waiting;
    let records = 0;
    const others = this.#waiting.findIndex(({ format, count }) => {
      records += count;
      return records > MOST_TOGETHER || format.id !== first?.format.id;
    });
    return this.#waiting.splice(0, others < 0 ? this.#waiting.length : Math.max(1, others));
  }

  async #takeGroup(group: readonly Waiting[]): Promise<void> {
    const [{ format }] = group as [Waiting];
    const count = group.reduce((sum, each) => sum + each.count, 0);
    try {
      const taken = await this.#take(format, count, (position) => recordsOf(group, position));
      let at = 0;
      for (const each of group) {
        const records = group.length === 1 ? taken.records : taken.records.slice(at, at + each.count);
        each.resolve({ ...taken, position: taken.position + at, records });
        at += each.count;
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  async #take(format: Format, count: number, records: RecordsFrom): Promise<TakenBatch> {
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

/** The records of some posts, one post after the other. */
function recordsOf(group: readonly Waiting[], position: number): readonly DeliveredRecord[] {
  let at = position;
  return group.flatMap(({ count, records }) => {
    const from = at;
    at += count;
    return records(from);
  });
}
