import type { DatabaseError } from '../../ledger/index.ts';
import type { RatingState } from '../memory/rating-state.ts';

/** Told when a task is done again since the database failed: with the failure, and how often it has failed. */
export type OnRepeat = (error: DatabaseError, failures: number) => void;

/** Memory between two tasks. */
export interface BetweenTasks {
  /** Memory, loaded and whole. */
  readonly ready: () => Promise<RatingState>;
  /** Has it loaded anew. */
  readonly drop: () => void;
}
