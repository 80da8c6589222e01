import { setImmediate } from 'node:timers/promises';
import { inject } from 'vitest';
import { type Database, type Transaction, migrate, openDatabase } from '../../ledger/index.ts';
import { createTestDatabase, type DatabaseKind, openTestDatabase } from './test-database.ts';

/** Makes ledgers for the tests of a file. */
export interface LedgerServer {
  /** An empty, migrated ledger, of use until the next is made: on PGlite they have one connection. */
  newLedger(): Promise<Database>;
  /** Takes away what is left of them. */
  close(): Promise<void>;
}

/**
 * On PostgreSQL a ledger is a copy of the run's template, a tenth of the computing that PGlite takes for one; embedded,
 * what is proven of both kinds, or of PGlite itself.
 */
export async function openLedgerServer(kind: DatabaseKind): Promise<LedgerServer> {
  return kind === 'postgres' ? onPostgres() : onPglite(await openTestDatabase('pglite'));
}

function onPostgres(): LedgerServer {
  let removeLast: (() => Promise<void>) | null = null;
  return {
    async newLedger() {
      await removeLast?.();
      removeLast = null;
      const { url, drop } = await createTestDatabase(inject('postgres').template);
      const db = await openDatabase({ url });
      removeLast = async () => {
        await db.close();
        await drop();
      };
      return db;
    },
    async close() {
      await removeLast?.();
    },
  };
}

/** Each ledger but the first, with which PGlite begins, is a schema of its own. */
function onPglite(pglite: Database): LedgerServer {
  let made = 0;
  return {
    async newLedger() {
      // An object of its own: what is remembered of one ledger must not be taken for another's.
      const db = inTurns(pglite);
      made += 1;
      if (made > 1) {
        await pglite.exec(`create schema ledger_${made}; set search_path to ledger_${made}`);
        await migrate(db);
      }
      return db;
    },
    close: () => pglite.close(),
  };
}

/**
 * PGlite does a whole transaction in one turn of the event loop. A server takes many, in which the engine rates the
 * next batch ahead: so does this one.
 */
function inTurns(server: Database): Database {
  return { ...server, transaction: (run) => server.transaction((tx) => run(answeringLater(tx))) };
}

function answeringLater(tx: Transaction): Transaction {
  return {
    ...tx,
    async query<Row>(sql: string, params?: Parameters<Transaction['query']>[1]) {
      await setImmediate();
      return tx.query<Row>(sql, params);
    },
    async copyIn(sql, bytes) {
      await setImmediate();
      await tx.copyIn(sql, bytes);
    },
  };
}
