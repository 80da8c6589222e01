import { DatabaseError, SourceMovedError } from '../ledger/index.ts';
import { StaleStateError } from './adopt-heads.ts';
import { type Batch, UnlockedBucketError } from './batch.ts';
import type { Work } from './work.ts';

/** What another writer posted and a batch would post once more: only the ledger can settle it. */
export function refuseMet(work: Work, batch: Batch, met: ReadonlySet<string>): void {
  if (met.size === 0) return;
  for (const key of work.newIdentities(batch)) {
    if (met.has(key)) throw new StaleStateError('Another writer posted a call of the batch');
  }
}

/** Whether the work may be done when it is tried again. */
export function isWorthRepeating(error: unknown): boolean {
  if (error instanceof StaleStateError || error instanceof UnlockedBucketError) return true;
  return error instanceof DatabaseError && (error.retryable || error.code === 'unique-violation');
}

/** Whether memory, but for the batches under way, is as good as before. */
export function isUnderstood(error: unknown): boolean {
  return isWorthRepeating(error) || error instanceof SourceMovedError || error instanceof DatabaseError;
}
