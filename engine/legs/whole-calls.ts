import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Queryable, repeatWhileCut } from '../../ledger/index.ts';
import type { DeliveredRecord, Delivery } from '../delivery.ts';
import { LegBatch } from './leg-batch.ts';
import { type Counts, type Task, deliveryTask } from '../tasks/task.ts';

/** Records decoded between two turns of the event loop. */
const DECODED_A_STEP = 100;
/** So many of our own versions of a bucket are remembered: more batches than can be under way. */
const REMEMBERED = 16;

/**
 * Deliveries whose records may be legs of calls of several: each is read with the legs that the ledger has, before it
 * is rated, and again under their lock where somebody else has added some. It holds the legs of deliveries under way,
 * and nothing else.
 */
export class WholeCalls {
  readonly #q: Queryable;
  /** Deliveries that were read and are not settled, in their order. */
  readonly #underWay: LegBatch[] = [];
  readonly #own = new Map<number, Set<number>>();
  /** Settles when all deliveries so far are read: each is read with those before it. */
  #reading: Promise<unknown> = Promise.resolve();
  /** Settles when the next delivery may be decoded: one at a time, and one ahead of what is read. */
  #grouping: Promise<unknown> = Promise.resolve();

  constructor(q: Queryable) {
    this.#q = q;
  }

  /** Reads a delivery's calls, and has `run` take it in; in the order of the calls of this. */
  async take(delivery: Delivery, recordsAStep: number, run: (task: Task) => Promise<Counts>): Promise<Counts> {
    const before = this.#reading;
    // Its records are decoded while the ledger is asked for the legs of the delivery before.
    const grouped = this.#grouping.then(() => groupInSteps(delivery.records));
    this.#grouping = Promise.allSettled([before, grouped]);
    const read = before.then(async () => {
      const batch = await grouped;
      // As they are now: one that commits while the ledger is asked may be in neither.
      const underWay = [...this.#underWay];
      await repeatWhileCut(() => batch.read(this.#q, underWay));
      this.#underWay.push(batch);
      // Handed to the runner before the next is read: in order.
      const counts = run(this.#taskOf(delivery, recordsAStep, batch));
      counts.catch(() => undefined);
      return { batch, counts };
    });
    this.#reading = read.catch(() => undefined);
    const { batch, counts } = await read;
    try {
      return await counts;
    } finally {
      this.#underWay.splice(this.#underWay.indexOf(batch), 1);
    }
  }

  #taskOf(delivery: Delivery, recordsAStep: number, legs: LegBatch): Task {
    const task = deliveryTask(
      {
        ...withoutRecords(delivery),
        get records() {
          return legs.records;
        },
      },
      recordsAStep,
    );
    return {
      ...task,
      begin: async (tx, isRated) => {
        await task.begin(tx, isRated);
        await legs.lock(tx, isRated, { own: this.#own });
      },
      settle: async (settlement) => {
        await task.settle(settlement);
        await legs.store(settlement.tx);
      },
      committed: () => {
        legs.isCommitted = true;
        for (const [bucket, version] of legs.raised) this.#remember(bucket, version);
      },
    };
  }

  #remember(bucket: number, version: number): void {
    const own = this.#own.get(bucket) ?? new Set();
    this.#own.set(bucket, own.add(version));
    for (const oldest of own) {
      if (own.size <= REMEMBERED) return;
      own.delete(oldest);
    }
  }
}

/**
 * Has records decoded and grouped, a millisecond or two at a time: meanwhile the database is given the batch before,
 * and is heard. Legs are packed a step later: the other records of a call may be next to each other.
 */
async function groupInSteps(records: readonly DeliveredRecord[]): Promise<LegBatch> {
  const batch = new LegBatch(records);
  for (let from = 0; from < records.length + DECODED_A_STEP; from += DECODED_A_STEP) {
    batch.groups.groupAndPack(from, from + DECODED_A_STEP);
    batch.groups.pack(Math.max(0, from - DECODED_A_STEP), from);
    await nextTurn();
  }
  return batch;
}

/** A delivery's own fields: its records are asked for once. */
function withoutRecords(delivery: Delivery): Omit<Delivery, 'records'> {
  const { source, partition, format, prefixHash, starts, firstReading, rereads, tallyOf, moves, outcomes } = delivery;
  return {
    source,
    partition,
    format,
    from: delivery.from,
    to: delivery.to,
    prefixHash,
    starts,
    hasLegs: true,
    ...(firstReading === undefined ? {} : { firstReading }),
    ...(rereads === undefined ? {} : { rereads }),
    ...(tallyOf === undefined ? {} : { tallyOf }),
    ...(moves === undefined ? {} : { moves }),
    ...(outcomes === undefined ? {} : { outcomes }),
  };
}
