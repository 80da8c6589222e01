import {
  CommitInDoubtError,
  type Database,
  DatabaseError,
  EntryCopyBuffer,
  SourceMovedError,
  beginCopy,
  type Queryable,
  type Transaction,
  readHeads,
  repeatWhileCut,
} from '../../ledger/index.ts';
import {
  CopyNotBegunError,
  LinesMissingError,
  StaleCatalogueError,
  StaleStateError,
  syncHeads,
} from '../memory/sync-heads.ts';
import { amendBatches } from '../memory/amend-batch.ts';
import { askAgain } from './ask-again.ts';
import { Batch, UnlockedBucketError } from './batch.ts';
import { ALL_BUCKETS, type BucketMonth } from '../memory/bucket-months.ts';
import type { Catalogue } from '../catalogue.ts';
import { judgeTouched, judgesManyLines, keepFindings } from '../verdicts/judge-touched.ts';
import { lockBuckets } from './lock-buckets.ts';
import { type Memory, monthsToLoad } from '../memory/months-to-load.ts';
import { RatedTask } from './rated-task.ts';
import { RatingState } from '../memory/rating-state.ts';
import type { BetweenTasks, OnRepeat } from './runner-parts.ts';
import type { Counts, Task } from './task.ts';
import { isUnderstood, isWorthRepeating, spoilWhatFailed } from './task-failures.ts';
import { type HeadMoves, type Meanwhile, writeBatch } from './write-batch.ts';

const MAX_ATTEMPTS = 5;
/** So many batches lock their buckets before they are rated, after another writer was in the way of one. */
const TURNS_LOCKED_FIRST = 16;

/**
 * Does tasks in the order in which they are asked for, each in one transaction, with one memory of the
 * ledger. While a transaction runs, the task after it is rated in memory if it can be. A task that another writer was
 * in the way of, or that failed for a reason that passes, is done again.
 */
export class TaskRunner {
  readonly #db: Database;
  readonly #loadCatalogue: () => Promise<Catalogue>;
  readonly #memory: Memory;
  readonly #buffers = [new EntryCopyBuffer(), new EntryCopyBuffer()];
  #state: RatingState | null = null;
  /** The buckets that are ours to rate, as far as we were told. */
  #retained: ReadonlySet<number> = new Set();
  /** Settles when all tasks asked for so far are done. */
  #tail: Promise<unknown> = Promise.resolve();
  /** Task asked for that is not wholly rated in memory; it is rated in the order in which it was asked for. */
  readonly #unrated: Task[] = [];
  /** What memory holds beyond the ledger: the batch whose turn it is, and the one rated ahead, perhaps in part. */
  #current: RatedTask | null = null;
  #ahead: RatedTask | null = null;
  /** How many wait to look at memory between two tasks. */
  #looks = 0;
  /** It has a batch's entries to task on: time to rate the next. */
  #isDatabaseBusy = false;
  /** Identities of batches under way that other writers have posted meanwhile. */
  #postedElsewhere: ReadonlySet<string> = new Set();
  /** For how many batches more the buckets are locked first. */
  #lockFirst = 0;
  /** What became of the records of the transaction that is being committed. */
  #written: Counts | null = null;
  readonly #onRepeat: OnRepeat;

  constructor(db: Database, loadCatalogue: () => Promise<Catalogue>, memory: Memory, onRepeat?: OnRepeat) {
    this.#db = db;
    this.#loadCatalogue = loadCatalogue;
    this.#memory = memory;
    this.#onRepeat = onRepeat ?? (() => undefined);
  }

  /** What is in memory; `null` before the first task. */
  get state(): RatingState | null {
    return this.#state;
  }

  /** Settles when all tasks asked for so far are done. */
  get idle(): Promise<unknown> {
    return this.#tail;
  }

  /** Gives back, in its turn, the memory of all buckets but these: others are rated elsewhere from now on. */
  retain(buckets: ReadonlySet<number>): void {
    this.#retained = buckets;
    this.#tail = this.#tail.then(() => {
      const state = this.#state;
      if (state === null) return;
      this.#ahead?.finish();
      const inUse = new Set(this.#inUse().map(({ bucket }) => bucket));
      state.release(state.months.all().filter(({ bucket }) => !buckets.has(bucket) && !inUse.has(bucket)));
    });
  }

  /** Has the next task load what it needs; what was in memory is no longer used after the task under way. */
  #drop(): RatingState | null {
    const state = this.#state;
    this.#state = null;
    if (this.#ahead !== null) this.#ahead.batch.isVoid = true;
    return state;
  }

  /**
   * Changes, in its turn, something that all calls are rated with. Memory is loaded anew after it: whatever was rated
   * with it, and priced, is no longer so. Where the change fails, memory stays: heads tell if it was made all the same.
   */
  changeAll<T>(change: () => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      const outcome = await change();
      this.#ahead?.finish();
      this.#drop()?.releaseAll();
      return outcome;
    });
  }

  /** Does a task in its turn, and says what became of its records. */
  run(task: Task): Promise<Counts> {
    this.#unrated.push(task);
    if (this.#isDatabaseBusy) this.#rateAhead();
    return this.#inTurn(async () => {
      try {
        return await this.#tryUntilDone(task);
      } finally {
        this.#isDatabaseBusy = false;
        this.#strike(task);
      }
    });
  }

  /** Has somebody look at memory between two tasks: none is under way, and none that was asked for later is rated. */
  between<T>(look: (memory: BetweenTasks) => Promise<T>): Promise<T> {
    this.#looks++;
    const looked = this.#inTurn(() => look({ ready: () => this.#ready(), drop: () => this.#drop()?.releaseAll() }));
    return looked.finally(() => this.#looks--);
  }

  /** Runs something once all that was asked for before it is done. */
  async #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const before = this.#tail;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tail = promise;
    try {
      await before;
      return await run();
    } finally {
      resolve();
    }
  }

  /**
   * Rates the next once the database has a batch's entries: sooner, it would wait; a turn later, so that much is sent.
   */
  readonly #meanwhile: Meanwhile = {
    begin: () => {
      this.#isDatabaseBusy = true;
      setImmediate(() => {
        if (this.#isDatabaseBusy) this.#rateAhead();
      });
    },
    finish: () => this.#ahead?.finish(),
  };

  /**
   * Rates the next task while the one before is in its transaction, a step at a time, so that the database is heard in
   * between.
   */
  #rateAhead(): void {
    const task = this.#unrated[0];
    const state = this.#state;
    if (this.#looks > 0 || task === undefined || state === null || !state.isWhole || state.spoiled.size > 0) return;
    if (this.#ahead !== null || this.#lockFirst > 0 || task.locksFirst) return;
    if (this.#current !== null && judgesManyLines(this.#current.batch)) return;
    const ahead = new RatedTask(task, this.#newBatch(state));
    this.#ahead = ahead;
    const goOn = (): void => {
      ahead.step();
      if (!ahead.isOver) setImmediate(goOn);
    };
    goOn();
  }

  async #tryUntilDone(task: Task): Promise<Counts> {
    let reachesFurther = false;
    let { onlyBuckets } = task;
    /** What became of the records, if the commit of which nobody knows was carried out. */
    let inDoubt: Counts | null = null;
    for (let attempt = 1; ; attempt++) {
      this.#written = null;
      try {
        const ahead = await this.#takeAhead(task);
        const ratesFirst = attempt === 1 && !task.locksFirst && this.#lockFirst === 0;
        if (ahead !== null || ratesFirst) return await this.#attempt(task, ahead);
        return await this.#attemptLocked(task, reachesFurther, onlyBuckets);
      } catch (error) {
        reachesFurther ||= error instanceof UnlockedBucketError || attempt > 1;
        this.#fail(error);
        this.#isDatabaseBusy = false;
        this.#strike(task);
        if (error instanceof LinesMissingError) onlyBuckets = undefined;
        if (error instanceof CopyNotBegunError) await repeatWhileCut(() => beginCopy(this.#db));
        if (error instanceof CommitInDoubtError) inDoubt = this.#written;
        if (inDoubt !== null && error instanceof SourceMovedError && (await task.wasDone(this.#db))) return inDoubt;
        this.#unrated.unshift(task);
        if (attempt === MAX_ATTEMPTS || !isWorthRepeating(error)) throw error;
        if (error instanceof DatabaseError) this.#onRepeat(error, attempt);
      }
    }
  }

  /** The task's batch that was rated ahead, unless what it was rated with is gone. */
  async #takeAhead(task: Task): Promise<Batch | null> {
    const ahead = this.#ahead;
    if (ahead === null || ahead.task !== task) return null;
    this.#ahead = null;
    if (ahead.batch.isVoid) {
      this.#giveBack(ahead.batch);
      return null;
    }
    this.#current = ahead;
    await ahead.finishInSteps();
    return ahead.outcome;
  }

  /** Rates, then locks; what other writers did in between is made up for within the transaction. */
  async #attempt(task: Task, ahead: Batch | null): Promise<Counts> {
    const batch = await this.#batchOf(task, ahead);
    const buckets = new Set(batch.buckets);
    const moves = await this.#db.transaction(async (tx) => {
      await task.begin(tx, true);
      await this.#lock(tx, task, batch.state, buckets);
      batch.lock(buckets);
      await askAgain(tx, batch);
      return this.#write(tx, task, batch);
    });
    await this.#ahead?.finishInSteps();
    return this.#committed(task, batch, moves);
  }

  /**
   * Once another writer was in the way: memory is brought up to the ledger without a lock, then the buckets are locked
   * and what was done in between, little, is read; only then the task is rated. Nobody can be in its way any more, and
   * nobody waits for a load.
   */
  async #attemptLocked(task: Task, locksAll: boolean, only: Task['onlyBuckets']): Promise<Counts> {
    const state = await this.#ready(only);
    await syncHeads(this.#db, state, await readHeads(this.#db), false);
    const { periods, buckets: reached, months } = task.reach(state);
    for (const period of periods) await state.prepare(period);
    state.trim(this.#memory.maxBucketMonths - months.length, months);
    await state.loadMonths(months);
    const buckets = locksAll ? ALL_BUCKETS : reached;
    const { batch, moves } = await this.#db.transaction(async (tx) => {
      await task.begin(tx, false);
      await this.#lock(tx, task, state, buckets);
      const locked = this.#rateNow(task, state);
      // PGlite's one connection is in the transaction: the next attempt loads what was missing.
      if (locked.missing.length > 0 && this.#db.kind === 'pglite')
        throw new StaleStateError('Months are not in memory');
      await this.#rateDeferred(task, locked, tx);
      locked.lock(buckets);
      return { batch: locked, moves: await this.#write(tx, task, locked) };
    });
    return this.#committed(task, batch, moves);
  }

  async #write(tx: Transaction, task: Task, batch: Batch): Promise<HeadMoves> {
    const moves = await writeBatch(tx, task, batch, this.#meanwhile);
    this.#written = batch.counts;
    return moves;
  }

  /** The batch that was rated ahead, or one rated now. */
  async #batchOf(task: Task, ahead: Batch | null): Promise<Batch> {
    const state = await this.#ready();
    const batch = ahead ?? (await this.#rateInSteps(task, state));
    await this.#rateDeferred(task, batch);
    return batch;
  }

  /** Memory, loaded and whole, or with these buckets at least, when it is the task's turn. */
  async #ready(only?: ReadonlySet<number>): Promise<RatingState> {
    const isUnused = this.#current === null && this.#ahead === null;
    if (isUnused && this.#state?.isBloated === true) this.#drop()?.releaseAll();
    if (isUnused) this.#state?.registrations.trim();
    if (isUnused && only === undefined && this.#state?.isWhole === false) this.#drop();
    this.#state ??= await RatingState.load(this.#db, await this.#loadCatalogue(), only);
    const state = this.#state;
    if (only !== undefined) await state.loadBuckets(only);
    if (state.spoiled.size > 0) await syncHeads(this.#db, state, await readHeads(this.#db), false);
    return state;
  }

  #newBatch(state: RatingState): Batch {
    return new Batch(state, state.catalogue, this.#buffers.pop() ?? new EntryCopyBuffer());
  }

  /** Rates what memory can, whose turn it is. */
  #rateNow(task: Task, state: RatingState): Batch {
    this.#current = new RatedTask(task, this.#newBatch(state));
    this.#current.finish();
    return this.#current.outcome;
  }

  /** The same before its transaction, when nobody waits for a lock of ours: others are answered in between. */
  async #rateInSteps(task: Task, state: RatingState): Promise<Batch> {
    const rated = new RatedTask(task, this.#newBatch(state));
    this.#current = rated;
    await rated.finishInSteps();
    return rated.outcome;
  }

  async #rateDeferred(task: Task, batch: Batch, q: Queryable = this.#db): Promise<void> {
    while (batch.deferred.length > 0) {
      const missing = monthsToLoad(batch, this.#retained, this.#memory);
      batch.state.trim(this.#memory.maxBucketMonths - missing.length, this.#inUse());
      await batch.state.loadMonths(missing);
      await batch.state.registrations.ask(q, batch.catalogue.plan, batch.asked.questions);
      batch.asked.close();
      const from = batch.unsettled.length;
      task.rateDeferred(batch);
      judgeTouched(batch, from);
    }
    this.#strike(task);
  }

  /** Takes a task off the list of what is to be rated. */
  #strike(task: Task): void {
    const at = this.#unrated.indexOf(task);
    if (at >= 0) this.#unrated.splice(at, 1);
  }

  /**
   * Locks buckets, and facts against changes. What other writers did to the buckets, and to facts anywhere, is taken
   * into memory; batches that were rated before it was known are amended.
   */
  async #lock(tx: Transaction, task: Task, state: RatingState, buckets: ReadonlySet<number>): Promise<void> {
    const { locked, elsewhere } = await lockBuckets(tx, task, buckets);
    // Facts name lines to every bucket's calls; what else was done to the others is no matter of this batch.
    const factsChanged = elsewhere.map((head) => ({ ...head, position: state.heads.get(head.bucket)?.position ?? 0 }));
    this.#ahead?.finish();
    const underWay = [this.#current, this.#ahead].flatMap((rated) =>
      rated === null || rated.batch.isVoid ? [] : [rated],
    );
    const synced = await syncHeads(tx, state, [...locked, ...factsChanged], underWay.length > 0);
    this.#postedElsewhere = synced.postedElsewhere;
    if (synced.grown.size > 0)
      this.#lockFirst = Math.max(this.#lockFirst, underWay.length === 0 ? TURNS_LOCKED_FIRST : 0);
    else if (this.#lockFirst > 0) this.#lockFirst--;
    amendBatches(underWay, synced);
  }

  /** The months that batches under way have calls in. */
  #inUse(): BucketMonth[] {
    return [this.#current, this.#ahead].flatMap((rated) => rated?.batch.touchedBucketMonths ?? []);
  }

  /** Takes what the batch did as what the ledger has. */
  #committed(task: Task, batch: Batch, { positions, factsChanged }: HeadMoves): Counts {
    task.committed?.();
    const { state } = batch;
    state.runs.confirm();
    this.#ahead?.finish();
    for (const [bucket, position] of positions) state.heads.get(bucket)!.position = position;
    for (const bucket of factsChanged) state.heads.get(bucket)!.facts++;
    keepFindings(batch);
    this.#current = null;
    this.#giveBack(batch);
    this.#ahead?.heedJudged(batch);
    return batch.counts;
  }

  /** Forgets the batches that memory holds and the ledger does not: the one that failed, the one rated after it. */
  #fail(error: unknown): void {
    this.#ahead?.finish();
    const failed = [this.#current, this.#ahead].flatMap((rated) => rated ?? []);
    this.#current = null;
    if (this.#state !== null) spoilWhatFailed(failed, this.#state, this.#postedElsewhere);
    const own = failed[0];
    if (own !== undefined && own !== this.#ahead) this.#giveBack(own.batch);
    if (error instanceof StaleStateError) this.#lockFirst = TURNS_LOCKED_FIRST;
    // Of what was rated only in part nobody can say which calls memory has seen.
    const isInPart = failed.some(({ failure }) => failure !== undefined);
    // Nor of facts that were changed, and are not: a line that is new in memory alone can't be taken out of it.
    const hasFacts = failed.some(({ batch }) => batch.changedBuckets.size > 0);
    if (isInPart || hasFacts || error instanceof StaleCatalogueError || !isUnderstood(error))
      this.#drop()?.releaseAll();
  }

  #giveBack({ entries }: Batch): void {
    entries.take();
    this.#buffers.push(entries);
  }
}
