import type { DatabaseError } from '../ledger/index.ts';

/** What an engine keeps in memory, when it loads it, and whom it tells of repetitions. */
export interface EngineOptions {
  /** Most months of a bucket kept in memory when no batch needs more: 192, which is three months of all buckets. */
  readonly maxBucketMonths?: number;
  /**
   * A month that calls ask for is loaded with those of all other buckets: then a call that is reported under two
   * accounts is noticed at once, in whichever order. For who rates alone, as commands on files do; workers share the
   * buckets, and leave it to `sweep`.
   */
  readonly loadsWholePeriods?: boolean;
  /**
   * Records rated ahead between two turns of the event loop: 128, which take less than a millisecond, so that what the
   * database says is heard soon, and whoever asks is answered.
   */
  readonly recordsAStep?: number;
  /**
   * Told when a task is done again since the database failed: with the failure, and how often it has failed.
   */
  readonly onRepeat?: (error: DatabaseError, failures: number) => void;
}
