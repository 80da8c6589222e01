import {
  type Database,
  type LineKey,
  type Transaction,
  countFactChange,
  ensurePeriod,
  hashesToSettle,
  isLineStale,
  lockFacts,
  lockHeads,
  markMonthStale,
  missingPeriods,
  type QuarantinedRecord,
  repeatWhileCut,
  settleableQuarantine,
  staleLines,
  staleQuarantine,
  waitingMonths,
  waitingQuarantine,
} from '../ledger/index.ts';
import { ALL_BUCKETS } from './memory/bucket-months.ts';
import type { Catalogue } from './catalogue.ts';
import type { Delivery } from './delivery.ts';
import type { EngineOptions } from './engine-options.ts';
import { GapPacker } from './memory/gap-packer.ts';
import { ChangeRefusedError, type FactChange, factChangeTask } from './fact-change.ts';
import { type QuoteOutcome, type QuoteRequest, quoteFromLedger, quoteFromMemory, registrationsAt } from './quote.ts';
import { RecentMemory } from './memory/recent-memory.ts';
import { TaskRunner } from './tasks/task-runner.ts';
import {
  type Acceptance,
  acceptanceTask,
  type Counts,
  deliveryTask,
  replayTask,
  staleLinesTask,
  staleQuarantineTask,
  sweepTask,
} from './tasks/task.ts';
import { WholeCalls } from './legs/whole-calls.ts';

const MAX_BUCKET_MONTHS = 192;
const RECORDS_A_STEP = 128;
/**
 * A month that could not be made is tried again after so long: somebody may have granted the right, or raised the
 * number.
 */
const MAKE_MONTH_AGAIN_MS = 60_000;
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

/** Records in quarantine that were settled again, and how many of them came out as calls. */
export interface Replayed {
  readonly tried: number;
  readonly rated: number;
}

/**
 * Rates deliveries into the ledger, each in one transaction that holds entries, verdicts, cases, quarantine, counts
 * and the source's position: a delivery is taken in whole or not at all, and once. Tasks are done in the order in which
 * it was asked for; while one transaction runs, the next delivery is rated in memory.
 */
export class RatingEngine {
  readonly #db: Database;
  readonly #runner: TaskRunner;
  readonly #recent: RecentMemory;
  readonly #recordsAStep: number;
  readonly #wholeCalls: WholeCalls;
  readonly #gapPacker: GapPacker;
  /** When making months was tried last, on a clock that never goes back. */
  #triedMonthsAt = -Infinity;
  #waitedMonths: readonly number[] = [];

  constructor(db: Database, loadCatalogue: () => Promise<Catalogue>, options: EngineOptions = {}) {
    this.#db = db;
    const { maxBucketMonths = MAX_BUCKET_MONTHS, loadsWholePeriods = false } = options;
    this.#recordsAStep = options.recordsAStep ?? RECORDS_A_STEP;
    this.#wholeCalls = new WholeCalls(db);
    this.#gapPacker = new GapPacker(db);
    const memory = { maxBucketMonths, loadsWholePeriods };
    this.#runner = new TaskRunner(db, loadCatalogue, memory, options.onRepeat);
    this.#recent = new RecentMemory(db, this.#runner, memory);
  }

  get memory(): EngineMemory {
    const { state } = this.#runner;
    return { bucketMonths: state?.months.size ?? 0, lines: state?.lines.size ?? 0 };
  }

  /**
   * The months (yyyymm) that records waited for when `catchUp` looked last: they have no partition, and we may make
   * none.
   */
  get waitedMonths(): readonly number[] {
    return this.#waitedMonths;
  }

  /**
   * Takes in one delivery. It may be called again before the promise has settled: then the next delivery is rated while
   * this one commits. Rejects when its source is not where the delivery begins, or when the database fails.
   */
  take(delivery: Delivery): Promise<Counts> {
    if (delivery.hasLegs === true) {
      return this.#wholeCalls.take(delivery, this.#recordsAStep, (task) => this.#runner.run(task));
    }
    return this.#runner.run(deliveryTask(delivery, this.#recordsAStep));
  }

  /**
   * Judges again the lines of some buckets, or all, whose facts or decisions changed, and settles again the records
   * in quarantine that such facts may repair; and packs some entries that nobody has packed. When nothing changed it
   * asks two small questions: it may be called every second, by several workers at once.
   */
  async catchUp(buckets?: ReadonlySet<number>): Promise<void> {
    await this.#runner.idle;
    await this.#prepareWaitedMonths();
    // What is settled may leave something else to settle; what another worker is settling is left to it.
    while ((await this.#judgeStaleLines(buckets)) || (await this.#settleStaleQuarantine())) continue;
    await this.#gapPacker.packSome();
  }

  /** Has records settled again that waited for a month which is there by now, or can be made now. */
  async #prepareWaitedMonths(): Promise<void> {
    const waited = await waitingMonths(this.#db);
    if (waited.length > 0 && performance.now() - this.#triedMonthsAt > MAKE_MONTH_AGAIN_MS) {
      this.#triedMonthsAt = performance.now();
      // What stands in the way of one stands in the way of all.
      for (const month of waited) if (!(await ensurePeriod(this.#db, month))) break;
    }
    this.#waitedMonths = waited.length === 0 ? [] : await missingPeriods(this.#db, waited);
    for (const month of waited) {
      if (this.#waitedMonths.includes(month)) continue;
      this.#runner.state?.unprepared.delete(month);
      await markMonthStale(this.#db, month);
    }
  }

  async #judgeStaleLines(buckets?: ReadonlySet<number>): Promise<boolean> {
    const lines = await staleLines(this.#db, STALE_LINES_A_BATCH, buckets === undefined ? undefined : [...buckets]);
    if (lines.length > 0) await this.#runner.run(staleLinesTask(lines));
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
      const counts = await this.#runner.run(staleQuarantineTask(records));
      settled += counts.get('settled-again\t') ?? 0;
    }
  }

  /**
   * Settles again what waits in quarantine for one reason, or every record in it that could be read (`null`).
   *
   * @param isBelieved whether the start of a record that waits as `start-implausible` is plausible after all
   */
  async replay(
    reason: string | null,
    isBelieved: (record: QuarantinedRecord) => boolean = () => false,
  ): Promise<Replayed> {
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
      const doubted = records.filter((record) => record.reason === 'start-implausible' && isBelieved(record));
      const counts = await this.#runner.run(
        replayTask(
          records,
          doubted.map(({ no }) => no),
        ),
      );
      rated += counts.get('replayed\t') ?? 0;
    }
  }

  /**
   * Settles again records that wait as `start-implausible` and whose starts a person accepts; that is kept for good.
   */
  async accept(records: readonly QuarantinedRecord[], acceptance: Acceptance): Promise<Replayed> {
    const counts = await this.#runner.run(acceptanceTask(records, acceptance));
    return { tried: records.length, rated: counts.get('replayed\t') ?? 0 };
  }

  /**
   * Settles calls that are billed more than once since no process had their records in memory together, under
   * accounts of different workers' buckets or in months far apart; and calls that are billed though a correction that
   * another worker took in says that there was none. Returns how many. It reads all entries of the periods given, or
   * of all: for now and then, and before a month is closed. A record with an implausible start, which another process
   * had with a plausible one at the same time, is settled, too.
   */
  async sweep(periods: readonly number[] | null = null): Promise<number> {
    // First: a record that is settled by itself may be billed beside another account's, of which memory does not know.
    await this.replay('start-implausible');
    let swept = 0;
    for (let after = FIRST_IDENTITY; ;) {
      const keys = await hashesToSettle(this.#db, periods, after, SWEPT_A_BATCH);
      const last = keys.at(-1);
      if (last === undefined) return swept;
      after = last.hash;
      const counts = await this.#runner.run(sweepTask(keys));
      swept += counts.get('swept\t') ?? 0;
    }
  }

  /**
   * Changes facts of lines or what was decided on them, and judges lines by it, in one transaction and in its turn.
   * Throws what `make` throws.
   */
  async change<Outcome>(change: FactChange<Outcome>): Promise<Outcome> {
    let outcome: { readonly value: Outcome } | null = null;
    const keep = (value: Outcome): void => {
      outcome = { value };
    };
    try {
      await this.#runner.run(factChangeTask(change, keep));
    } catch (error) {
      throw error instanceof ChangeRefusedError ? error.cause : error;
    }
    return outcomeOf(outcome);
  }

  /**
   * Changes something that many lines are rated with, and marks those lines, in one transaction and in its turn, so
   * that no call keeps a price or a verdict that the ledger would not give it today. `change` must be one that may be
   * done twice. Returns what it returns; `catchUp` judges again what it marked.
   */
  changeCatalogue<T>(change: (tx: Transaction) => Promise<T>): Promise<T> {
    const inTransaction = async (tx: Transaction): Promise<T> => {
      const buckets = [...ALL_BUCKETS];
      await lockHeads(tx, buckets);
      await lockFacts(tx);
      await countFactChange(tx, buckets);
      return change(tx);
    };
    return this.#runner.changeAll(() => repeatWhileCut(() => this.#db.transaction(inTransaction)));
  }

  /**
   * What a call would cost if it were made now: what `take` would charge for it. Answered from memory, which follows
   * other writers, and says as of when it is (ms since the epoch). It waits for its turn only where memory must be
   * loaded first.
   */
  async quote(request: QuoteRequest): Promise<{ readonly quoted: QuoteOutcome; readonly asOf: number }> {
    let { state, asOf } = await this.#recent.get();
    let registrations: Awaited<ReturnType<typeof registrationsAt>> | null = null;
    for (;;) {
      const quoted = quoteFromMemory(request, state, registrations);
      if (quoted.kind === 'breaks') return { quoted: await quoteFromLedger(this.#db, quoted, state), asOf };
      if (quoted.kind === 'untold') {
        registrations = await registrationsAt(this.#db, quoted.line, [request.startedAt], state);
        continue;
      }
      if (quoted.kind !== 'unloaded') return { quoted, asOf };
      const { bucket, period } = quoted;
      ({ state, asOf } = await this.#recent.with([{ bucket, period }]));
      // No call can be posted in a month without a partition, and none is.
      if (!state.months.has(bucket, period)) return { quoted: { kind: 'unrated', reason: 'start-out-of-range' }, asOf };
    }
  }

  /** Judges a line again now, if it waits to be. */
  async judge(line: LineKey): Promise<void> {
    if (await isLineStale(this.#db, line)) await this.#runner.run(staleLinesTask([line]));
  }

  /** Gives back, in its turn, the memory of all buckets but these: others are rated elsewhere from now on. */
  retain(buckets: ReadonlySet<number>): void {
    this.#runner.retain(buckets);
  }
}

function outcomeOf<Outcome>(kept: { readonly value: Outcome } | null): Outcome {
  if (kept === null) throw new Error('Cannot say what came of a change: it was committed, and kept nothing');
  return kept.value;
}
