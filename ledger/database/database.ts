import type { Parameter } from './sql-values.ts';

/** Something that statements can be sent to: the database itself, or a transaction of it. */
export interface Queryable {
  /**
   * Runs one statement with its `$1`, `$2`, … and returns its rows. How values go in and come back is the same for
   * both kinds of database: see `sql-values.ts`. Throws `DatabaseError`.
   */
  query<Row>(sql: string, params?: readonly Parameter[]): Promise<Row[]>;
}

export interface Transaction extends Queryable {
  /**
   * Carries out a `COPY … FROM STDIN (FORMAT binary)` with `bytes`. The caller may read them meanwhile, and change
   * them once the promise has settled.
   */
  copyIn(sql: string, bytes: Uint8Array): Promise<void>;
  /** The bytes of a `COPY … TO STDOUT`, chunk by chunk, to be read to their end; chunks end anywhere. */
  copyOut(sql: string): AsyncIterable<Uint8Array>;
  /** Runs a script of several statements, without parameters. */
  exec(sqlScript: string): Promise<void>;
}

/**
 * The ledger's database: a PostgreSQL server, or PGlite embedded in this process. PGlite has one connection: inside a
 * `transaction` send statements to that transaction only, or the process waits for itself.
 */
export interface Database extends Queryable {
  readonly kind: 'postgres' | 'pglite';
  /**
   * Runs `run` in one transaction (read committed): committed when it returns, rolled back when it throws. On
   * PostgreSQL what was committed is on disk, as the server's `synchronous_commit` has it; on PGlite it has been
   * handed to the operating system: it outlives a killed process, but not a power cut. Throws `CommitInDoubtError` when
   * the connection broke while it was committed; after any other error nothing of it stays.
   */
  transaction<T>(run: (tx: Transaction) => Promise<T>): Promise<T>;
  /** The bytes of a `COPY … TO STDOUT`, chunk by chunk; chunks end anywhere. */
  copyOut(sql: string): AsyncIterable<Uint8Array>;
  /** Runs a script of several statements, without parameters. */
  exec(sqlScript: string): Promise<void>;
  close(): Promise<void>;
}
