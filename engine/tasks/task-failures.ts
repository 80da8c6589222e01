import { DatabaseError, SourceMovedError } from '../../ledger/index.ts';
import { StaleStateError } from '../memory/sync-heads.ts';
import type { RatingState } from '../memory/rating-state.ts';
import { UnlockedBucketError } from './batch.ts';
import { ChangeRefusedError } from '../fact-change.ts';
import type { RatedTask } from './rated-task.ts';

/** Whether the task may be done when it is tried again. */
export function isWorthRepeating(error: unknown): boolean {
  if (error instanceof StaleStateError || error instanceof UnlockedBucketError) return true;
  return error instanceof DatabaseError && (error.retryable || error.code === 'unique-violation');
}

/** Whether memory, but for the batches under way, is as good as before. */
export function isUnderstood(error: unknown): boolean {
  if (error instanceof SourceMovedError || error instanceof ChangeRefusedError) return true;
  return isWorthRepeating(error) || error instanceof DatabaseError;
}

/** Has memory forget batches that the ledger does not have; of `postedElsewhere` others have posted the calls. */
export function spoilWhatFailed(
  failed: readonly RatedTask[],
  state: RatingState,
  postedElsewhere: ReadonlySet<string>,
): void {
  for (const { task, batch } of failed) {
    if (batch.isVoid) continue;
    for (const key of task.newIdentities(batch)) if (!postedElsewhere.has(key)) state.unposted.add(key);
    state.spoil(batch.buckets);
    state.spoil([...batch.reconciled.keys()].map(({ bucket }) => bucket));
    batch.isVoid = true;
  }
}
