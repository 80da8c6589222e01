import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Batch } from './batch.ts';
import { judgeTouched } from '../verdicts/judge-touched.ts';
import type { Task } from './task.ts';

/** What is rated without a pause, where others may wait for an answer. */
const STEP_MS = 1;

/**
 * A task and its batch, rated in memory step by step: who looks at the batch, or changes what memory knows,
 * finishes it first. Of a void batch nothing more is rated.
 */
export class RatedTask {
  readonly task: Task;
  readonly batch: Batch;
  readonly #steps: Iterator<void>;
  #isRated = false;
  #failure: unknown;

  constructor(task: Task, batch: Batch) {
    this.task = task;
    this.batch = batch;
    this.#steps = stepsOf(task, batch);
  }

  /** Whether nothing is left to do; it may have failed. */
  get isOver(): boolean {
    return this.#isRated || this.batch.isVoid;
  }

  /** What rating failed with; `undefined` when it did not. */
  get failure(): unknown {
    return this.#failure;
  }

  /** The batch, once it is rated. Throws what rating failed with. */
  get outcome(): Batch {
    if (this.#failure !== undefined) throw this.#failure;
    return this.batch;
  }

  /** Rates a little more, some milliseconds' worth. Never throws: see `failure`. */
  step(): void {
    if (this.isOver) return;
    try {
      this.#isRated = this.#steps.next().done === true;
    } catch (error) {
      this.#failure = error;
      this.#isRated = true;
    }
  }

  /** Lines that the batch before judged from the ledger lack, in memory, the calls of this one: it judges them anew. */
  heedJudged({ reconciled }: Batch): void {
    if (reconciled.size === 0) return;
    for (const { line, period } of this.batch.touched()) {
      if (reconciled.has(line)) this.batch.markStale(line, period);
    }
  }

  /** Rates what is left. Never throws: see `failure`. */
  finish(): void {
    while (!this.isOver) this.step();
  }

  /** The same, a millisecond or two at a time: others are answered in between. */
  async finishInSteps(): Promise<void> {
    while (!this.isOver) {
      for (const end = performance.now() + STEP_MS; !this.isOver && performance.now() < end;) this.step();
      if (!this.isOver) await nextTurn();
    }
  }
}

/** Months of lines, judged in less than a millisecond. */
const JUDGED_A_STEP = 1_000;

/** Rates what memory can, and takes what memory can say of the months that it touched. */
function* stepsOf(task: Task, batch: Batch): Generator<void> {
  yield* task.rate(batch);
  for (let from = 0; from < batch.unsettled.length; from += JUDGED_A_STEP) {
    judgeTouched(batch, from, Math.min(from + JUDGED_A_STEP, batch.unsettled.length));
    yield;
  }
  for (const { bucket, period } of batch.touchedBucketMonths) batch.state.months.use(bucket, period);
  yield;
  batch.entries.arrange();
}
