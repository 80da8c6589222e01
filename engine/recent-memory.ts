import { type Database, readHeads } from '../ledger/index.ts';
import type { BucketMonth } from './bucket-months.ts';
import type { Memory } from './months-to-load.ts';
import type { RatingState } from './rating-state.ts';
import { StaleStateError, syncHeads } from './sync-heads.ts';
import type { TaskRunner } from './task-runner.ts';

/** Others' calls are looked for so often while somebody asks, and waited for where that was longer ago. */
const LOOK_AGAIN_MS = 250;
const MOST_BEHIND_MS = 1_000;

/** The memory of a runner, for who only asks: no more than a second behind what other writers did. */
export class RecentMemory {
  readonly #db: Database;
  readonly #runner: TaskRunner;
  readonly #memory: Memory;
  #syncedAt = -Infinity;
  #isLooking = false;

  constructor(db: Database, runner: TaskRunner, memory: Memory) {
    this.#db = db;
    this.#runner = runner;
    this.#memory = memory;
  }

  /** Memory as it is, if it is recent; else as the ledger is, in its turn. */
  async get(): Promise<RatingState> {
    const { state } = this.#runner;
    // Nobody but us writes to an embedded ledger.
    const behindMs = this.#db.kind === 'pglite' ? 0 : performance.now() - this.#syncedAt;
    if (state === null || state.spoiled.size > 0 || behindMs > MOST_BEHIND_MS) return this.with([]);
    if (behindMs > LOOK_AGAIN_MS && !this.#isLooking) {
      this.#isLooking = true;
      const looked = (): void => {
        this.#isLooking = false;
      };
      this.with([]).then(looked, looked);
    }
    return state;
  }

  /** Memory as the ledger is once all that was asked for before is done, with these months in it. */
  with(months: readonly BucketMonth[]): Promise<RatingState> {
    return this.#runner.between(async ({ ready, drop, inUse }) => {
      let state = await ready();
      // A batch that is rated already is left as it is: its own transaction looks at what others did.
      while (inUse.length === 0) {
        const at = performance.now();
        try {
          await syncHeads(this.#db, state, await readHeads(this.#db), false);
          this.#syncedAt = at;
          break;
        } catch (error) {
          if (!(error instanceof StaleStateError)) throw error;
          drop();
          state = await ready();
        }
      }
      const missing = months.filter(({ bucket, period }) => !state.months.has(bucket, period));
      if (missing.length === 0) return state;
      state.trim(this.#memory.maxBucketMonths - missing.length, [...inUse, ...missing]);
      await state.loadMonths(missing);
      return state;
    });
  }
}
