import type { Database } from './database.ts';
import type { SessionSettings } from './session-settings.ts';

/** Where the database is: a `postgres://` address, a directory for PGlite's files, or memory alone. */
export type DatabasePlace =
  | {
      readonly url: string;
      /** `DEFAULT_SESSION` when left out. */
      readonly session?: SessionSettings;
    }
  | {
      readonly directory: string;
      /** Where nothing is yet, a migrated database is unpacked that was prepared, if there is one. */
      readonly isPrepared?: boolean;
      /** How much of it is kept in memory (`shared_buffers`): 128 MB when left out. */
      readonly bufferMegabytes?: number;
    }
  /** `snapshot`: an image of another PGlite's files, to start from. */
  | { readonly memory: true; readonly snapshot?: Blob };

/**
 * Opens the ledger's database; its directory is made if absent. It is not migrated: see `migrate`. Throws
 * `DatabaseError` `unreachable`, or `in-use` when another process has the directory open.
 */
export async function openDatabase(where: DatabasePlace): Promise<Database> {
  // Each kind is loaded where it is used: commands start sooner.
  if ('url' in where) return (await import('./postgres-database.ts')).openPostgres(where.url, where.session);
  return (await import('../embedded/pglite-database.ts')).openPglite(where);
}
