import { type Database, type Head, readHeads } from '../ledger/index.ts';
import { type BucketMonth, bucketMonthKey } from './bucket-months.ts';
import type { Memory } from './months-to-load.ts';
import type { RatingState } from './rating-state.ts';
import type { BetweenTasks } from './runner-parts.ts';
import { StaleStateError, syncHeads } from './sync-heads.ts';
import type { TaskRunner } from './task-runner.ts';

/** Others' calls are looked for so often while somebody asks, and waited for where that was longer ago. */
const LOOK_AGAIN_MS = 250;
const MOST_BEHIND_MS = 1_000;
/** Others' entries are followed so many at a time. */
const ENTRIES_A_STEP = 10_000;
/** Where others posted more than this since, months are loaded again when somebody asks for them. */
const MOST_FOLLOWED = 500_000;

/** The next look at the ledger, and what it is to load: all who ask before it begins share it. */
interface Look {
  readonly months: BucketMonth[];
  readonly done: Promise<RatingState>;
}

/** The memory of a runner, for who only asks: no more than a second behind what other writers did. */
export class RecentMemory {
  readonly #db: Database;
  readonly #runner: TaskRunner;
  readonly #memory: Memory;
  #syncedAt = -Infinity;
  #next: Look | null = null;

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
    const isUsable = state?.isWhole === true && state.spoiled.size === 0;
    if (state === null || !isUsable || behindMs > MOST_BEHIND_MS) return this.with([]);
    // Whoever asks next is told what went wrong, if it still does.
    if (behindMs > LOOK_AGAIN_MS) this.with([]).catch(ignore);
    return state;
  }

  /** Memory as the ledger is once all that was asked for before is done, with these months in it. */
  with(months: readonly BucketMonth[]): Promise<RatingState> {
    if (this.#next === null) {
      const asked: BucketMonth[] = [];
      const done = this.#runner.between((memory) => {
        this.#next = null;
        return this.#look(memory, asked);
      });
      this.#next = { months: asked, done };
    }
    this.#next.months.push(...months);
    return this.#next.done;
  }

  async #look({ ready, drop, inUse }: BetweenTasks, asked: readonly BucketMonth[]): Promise<RatingState> {
    let state = await ready();
    // A batch that is rated already is left as it is: its own transaction looks at what others did.
    while (inUse.length === 0) {
      const at = performance.now();
      try {
        await follow(this.#db, state);
        this.#syncedAt = at;
        break;
      } catch (error) {
        if (!(error instanceof StaleStateError)) throw error;
        drop();
        state = await ready();
      }
    }
    const wanted = new Map(asked.map((month) => [bucketMonthKey(month.bucket, month.period), month]));
    const missing = [...wanted.values()].filter(({ bucket, period }) => !state.months.has(bucket, period));
    if (missing.length === 0) return state;
    state.trim(this.#memory.maxBucketMonths - missing.length, [...inUse, ...missing]);
    await state.loadMonths(missing);
    return state;
  }
}

/** Brings memory up to the ledger, a step at a time: a process that answers others meanwhile goes on answering. */
async function follow(db: Database, state: RatingState): Promise<void> {
  const heads = await readHeads(db);
  const isFollowed = sum(heads, state) <= MOST_FOLLOWED;
  for (let [step, left] = stepOf(heads, state, isFollowed); ; [step, left] = stepOf(heads, state, isFollowed)) {
    await syncHeads(db, state, step, false);
    if (left === 0) return;
  }
}

/** Heads that memory has not reached, as far as it goes in one step; and how many entries are left after it. */
function stepOf(heads: readonly Head[], state: RatingState, isFollowed: boolean): [step: Head[], left: number] {
  if (!isFollowed) return [[...heads], 0];
  let room = ENTRIES_A_STEP;
  let left = 0;
  const step = heads.map((head) => {
    const after = state.heads.get(head.bucket)?.position ?? 0;
    const position = Math.min(head.position, after + room);
    room -= Math.max(0, position - after);
    left += head.position - position;
    return { ...head, position };
  });
  return [step, left];
}

function sum(heads: readonly Head[], state: RatingState): number {
  return heads.reduce((entries, { bucket, position }) => {
    const known = state.heads.get(bucket)?.position ?? 0;
    return entries + Math.max(0, position - known);
  }, 0);
}

function ignore(): void {}
