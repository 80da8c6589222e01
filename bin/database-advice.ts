import { CommitInDoubtError, DatabaseError } from '../ledger/index.ts';

const DENIED = '42501';
const READ_ONLY = '25006';

/**
 * What a person can do about a failure of the database, a sentence beside what it says itself; `null`: nothing to
 * add.
 */
export function databaseAdvice(error: Error): string | null {
  if (error instanceof CommitInDoubtError) {
    return 'It may have been done or not: look first (report, quarantine, positions), then run the command again if it was not';
  }
  if (!(error instanceof DatabaseError)) return null;
  if (error.code === 'lock-timeout') {
    return (
      'Another process holds what this needs: run the command again in a while. ' +
      'FAIRTALLY_LOCK_TIMEOUT says for how many seconds it is waited for; select * from pg_stat_activity shows who is there'
    );
  }
  if (error.code === 'cancelled') {
    return 'An administrator ended the statement, or it took longer than FAIRTALLY_STATEMENT_TIMEOUT or FAIRTALLY_READ_TIMEOUT allow';
  }
  if (error.sqlState === READ_ONLY) {
    return 'The server lets only read: it is a standby, or default_transaction_read_only is set; give the address of the one that is written to';
  }
  if (error.sqlState === DENIED) {
    return `The role may not do this: docs/operations.md says which may; 'fairtally setup --roles', as the owner, gives rights`;
  }
  return null;
}
