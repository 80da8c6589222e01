import { DatabaseError } from '../ledger/index.ts';

/**
 * Whether a request failed since the ledger cannot be asked now: it does not answer, does not let anybody in, has no
 * room left, or what ran beside was in the way. The same request may pass later: 503, and not 500.
 */
export function isLedgerAway(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && (error.retryable || error.isFatal);
}
