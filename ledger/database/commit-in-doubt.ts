import { DatabaseError } from './database-error.ts';

/**
 * The connection broke while a transaction was being committed: nobody can say whether it was, but the database
 * itself, once it answers again. What is done once more must be looked for first, unless it may be done twice.
 */
export class CommitInDoubtError extends DatabaseError {
  override readonly name = 'CommitInDoubtError';

  constructor(cause: Error) {
    super(`Cannot tell whether the transaction was committed: ${cause.message}`, { code: 'connection-lost', cause });
  }
}
