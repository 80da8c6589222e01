/**
 * What a connection to PostgreSQL is given, whatever the role, the database and the server set. Times in ms; 0: no
 * limit.
 */
export interface SessionSettings {
  /** The schema that holds the ledger; `null`: where it is found, as `findSchema` has it. */
  readonly schema: string | null;
  /** How long a statement waits for a lock: a row, a table, an advisory lock. */
  readonly lockTimeoutMs: number;
  /** How long a statement of a transaction may take: batches, imports, decisions. */
  readonly statementTimeoutMs: number;
  /** How long one outside of a transaction may take: reports, months that are loaded, sweeps. */
  readonly readTimeoutMs: number;
  /** After how long the server ends a transaction whose process is silent, and so gives back what it has locked. */
  readonly idleTimeoutMs: number;
}

/**
 * A batch waits for the batches of others in its buckets, which takes seconds; a month of 20 million entries is loaded
 * within a transaction, in the worst case, in a minute.
 */
export const DEFAULT_SESSION: SessionSettings = {
  schema: null,
  lockTimeoutMs: 30_000,
  statementTimeoutMs: 10 * 60_000,
  readTimeoutMs: 2 * 60 * 60_000,
  idleTimeoutMs: 2 * 60_000,
};
