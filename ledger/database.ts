import { openPglite } from './pglite-database.ts';
import { openPostgres } from './postgres-database.ts';
import type { SessionSettings } from './session-settings.ts';
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
   * Carries out a `COPY … FROM STDIN (FORMAT binary)` with `bytes`, which belong to the caller again once the promise
   * has settled.
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

/** Where the database is: a `postgres://` address, a directory for PGlite's files, or memory alone. */
export type DatabasePlace =
  | {
      readonly url: string;
      /** `DEFAULT_SESSION` when left out. */
      readonly session?: SessionSettings;
    }
  | { readonly directory: string }
  /** `snapshot`: an image of another PGlite's files, to start from. */
  | { readonly memory: true; readonly snapshot?: Blob };

/**
 * Opens the ledger's database; its directory is made if absent. It is not migrated: see `migrate`. Throws
 * `DatabaseError` `unreachable`, or `in-use` when another process has the directory open.
 */
export function openDatabase(where: DatabasePlace): Promise<Database> {
  return 'url' in where ? openPostgres(where.url, where.session) : openPglite(where);
}
