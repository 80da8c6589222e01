import { DatabaseError, SourceMovedError } from '../ledger/index.ts';
import { StaleStateError } from './sync-heads.ts';
import { UnlockedBucketError } from './batch.ts';
import { ChangeRefusedError } from './fact-change.ts';

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
