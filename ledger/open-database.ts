import type { Database } from './database.ts';
import { openPglite } from './pglite-database.ts';
import { openPostgres } from './postgres-database.ts';
import type { SessionSettings } from './session-settings.ts';

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
