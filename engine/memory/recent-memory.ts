import { setTimeout as pause } from 'node:timers/promises';
import { type Database, type Head, readHeads } from '../../ledger/index.ts';
import { type BucketMonth, bucketMonthKey } from './bucket-months.ts';
import type { Memory } from './months-to-load.ts';
import type { RatingState } from './rating-state.ts';
import type { BetweenTasks } from '../tasks/runner-parts.ts';
import { StaleStateError, syncHeads } from './sync-heads.ts';
import type { TaskRunner } from '../tasks/task-runner.ts';

/** Others' calls are looked for so often while somebody asks. */
const LOOK_AGAIN_MS = 250;
/** Who asks when nobody has for so long waits until memory is where the ledger is; so do those who ask meanwhile. */
const ASKED_LATELY_MS = 60_000;
/**
 * Others' entries are followed step by step. In between, batches that wait have their turn, and who asks is answered:
 * the next step comes after a pause as long as this one took, but no longer than that. A step has part of what memory
 * lacks, within bounds: each costs some milliseconds, however few entries it has.
 */
const PART_A_STEP = 1 / 4;
const LEAST_A_STEP = 2_000;
const MOST_A_STEP = 20_000;
const LONGEST_PAUSE_MS = 20;
/** Where others posted more than this since somebody asked last, months are loaded again: that is quicker. */
const MOST_FOLLOWED = 500_000;

/** Memory, and until when it has all that was posted: ms since the epoch. */
export interface Recent {
  readonly state: RatingState;
  readonly asOf: number;
}

/** What a look came to: how many of others' entries memory still lacks. */
interface Looked {
  readonly state: RatingState;
  readonly left: number;
}

/** The next look at the ledger, and what it is to load: all who ask before it begins share it. */
interface Look {
  readonly months: BucketMonth[];
  readonly done: Promise<Looked>;
}

/**
 * The memory of a runner, for who only asks. It follows what other writers post while somebody asks, and says as of
 * when it is: nobody waits for it to catch up but who asks first after a while.
 */
export class RecentMemory {
  readonly #db: Database;
  readonly #runner: TaskRunner;
  readonly #memory: Memory;
  /** When memory was last where the ledger was, and when somebody asked last: of a clock that never goes back. */
  #syncedAt = -Infinity;
  #askedAt = -Infinity;
  /**
   * Nobody had asked for a while, and memory is not where the ledger is since: it may be more behind than is followed,
   * and nobody knows as of when it is.
   */
  #isLeftBehind = true;
  #next: Look | null = null;
  #following: Promise<RatingState> | null = null;

  constructor(db: Database, runner: TaskRunner, memory: Memory) {
    this.#db = db;
    this.#runner = runner;
    this.#memory = memory;
  }

  /** Memory as it is; loaded first where it is not whole. */
  async get(): Promise<Recent> {
    const now = performance.now();
    this.#isLeftBehind ||= now - this.#askedAt > ASKED_LATELY_MS;
    this.#askedAt = now;
    const { state } = this.#runner;
    if (state?.isWhole !== true || state.spoiled.size > 0) return this.with([]);
    // Nobody but us writes to an embedded ledger.
    if (this.#db.kind === 'pglite') return this.#recent(state);
    if (this.#isLeftBehind) return this.#recent(await this.#follow());
    // Whoever asks next is told what went wrong, if it still does.
    if (now - this.#syncedAt > LOOK_AGAIN_MS) this.#follow().catch(ignore);
    return this.#recent(state);
  }

  /** Memory with these months in it, once all that was asked for before is done. */
  async with(months: readonly BucketMonth[]): Promise<Recent> {
    if (this.#isLeftBehind) await this.#follow();
    return this.#recent((await this.#look(months)).state);
  }

  #recent(state: RatingState): Recent {
    if (this.#db.kind === 'pglite') return { state, asOf: Date.now() };
    return { state, asOf: Date.now() - (performance.now() - this.#syncedAt) };
  }

  /** Looks again and again until memory is where the ledger was when the last look began. */
  #follow(): Promise<RatingState> {
    this.#following ??= this.#lookUntilThere().finally(() => {
      this.#following = null;
    });
    return this.#following;
  }

  async #lookUntilThere(): Promise<RatingState> {
    for (;;) {
      const begunAt = performance.now();
      const { state, left } = await this.#look([]);
      if (left === 0) return state;
      await pause(Math.min(LONGEST_PAUSE_MS, performance.now() - begunAt));
    }
  }

  #look(months: readonly BucketMonth[]): Promise<Looked> {
    if (this.#next === null) {
      const asked: BucketMonth[] = [];
      const done = this.#runner.between((memory) => {
        this.#next = null;
        return this.#lookNow(memory, asked);
      });
      this.#next = { months: asked, done };
    }
    this.#next.months.push(...months);
    return this.#next.done;
  }

  async #lookNow({ ready, drop }: BetweenTasks, asked: readonly BucketMonth[]): Promise<Looked> {
    const { state, left } = await this.#step(ready, drop);
    const wanted = new Map(asked.map((month) => [bucketMonthKey(month.bucket, month.period), month]));
    const missing = [...wanted.values()].filter(({ bucket, period }) => !state.months.has(bucket, period));
    if (missing.length === 0) return { state, left };
    state.trim(this.#memory.maxBucketMonths - missing.length, missing);
    await state.loadMonths(missing);
    return { state, left };
  }

  /** Follows what others did, one step. */
  async #step(ready: BetweenTasks['ready'], drop: BetweenTasks['drop']): Promise<Looked> {
    for (;;) {
      const state = await ready();
      const at = performance.now();
      const heads = await readHeads(this.#db);
      const { step, left } = stepOf(heads, state, this.#isLeftBehind ? MOST_FOLLOWED : Infinity);
      try {
        await syncHeads(this.#db, state, step, false);
        if (left === 0) {
          this.#syncedAt = at;
          this.#isLeftBehind = false;
        }
        return { state, left };
      } catch (error) {
        if (!(error instanceof StaleStateError)) throw error;
        drop();
      }
    }
  }
}

/** Where memory goes in one step, and what it lacks after it: to the heads where it lacks more than `most` entries. */
function stepOf(
  heads: readonly Head[],
  state: RatingState,
  most: number,
): { readonly step: readonly Head[]; readonly left: number } {
  const behind = heads.map(({ bucket, position }) => Math.max(0, position - (state.heads.get(bucket)?.position ?? 0)));
  const all = behind.reduce((sum, entries) => sum + entries, 0);
  const size = Math.min(Math.max(all * PART_A_STEP, LEAST_A_STEP), MOST_A_STEP);
  if (all > most || all <= size) return { step: heads, left: 0 };
  const step = heads.map((head, index) => {
    const entries = behind[index]!;
    return { ...head, position: head.position - entries + Math.ceil((entries * size) / all) };
  });
  return { step, left: all - size };
}

function ignore(): void {}
