import { mkdir } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import type { Transaction as PgliteTransaction } from '@electric-sql/pglite';
import { toDatabaseError } from './database-error.ts';
import type { Database, Queryable, Transaction } from './database.ts';
import { lockDirectory } from './directory-lock.ts';
import { COLUMN_PARSERS, TEXT_PARAMETERS, toParameterText } from './sql-values.ts';

type Place = { readonly directory: string } | { readonly memory: true; readonly snapshot?: Blob };

/** Opens PGlite on a directory, which no other process may use meanwhile, or in memory. */
export async function openPglite(place: Place): Promise<Database> {
  if (!('directory' in place)) return pgliteDatabase(await start('memory://', place.snapshot), noLock);
  await mkdir(place.directory, { recursive: true });
  const unlock = await lockDirectory(place.directory);
  try {
    return pgliteDatabase(await start(place.directory), unlock);
  } catch (cause) {
    await unlock();
    throw cause;
  }
}

async function noLock(): Promise<void> {}

function start(dataDir: string, loadDataDir?: Blob): Promise<PGlite> {
  return PGlite.create({
    dataDir,
    parsers: COLUMN_PARSERS,
    serializers: TEXT_PARAMETERS,
    ...(loadDataDir === undefined ? {} : { loadDataDir }),
  });
}

function pgliteDatabase(pglite: PGlite, unlock: () => Promise<void>): Database {
  return {
    kind: 'pglite',
    query: queryOf(pglite),
    transaction: (run) => inTransaction(pglite, run),
    copyOut: (sql) => copyOut(pglite, sql),
    exec: execOf(pglite),
    async close() {
      await pglite.close();
      await unlock();
    },
  };
}

function queryOf(client: PGlite | PgliteTransaction): Queryable['query'] {
  return <Row>(sql: string, params?: readonly unknown[]) =>
    sent(sql, async () => (await client.query<Row>(sql, params?.map(toParameterText))).rows);
}

function execOf(client: PGlite | PgliteTransaction): Database['exec'] {
  return (sqlScript) => sent(sqlScript, async () => void (await client.exec(sqlScript)));
}

function transactionOf(tx: PgliteTransaction): Transaction {
  return {
    query: queryOf(tx),
    exec: execOf(tx),
    copyIn: (sql, bytes) => copyIn(tx, sql, bytes),
    copyOut: (sql) => copyOut(tx, sql),
  };
}

async function inTransaction<T>(pglite: PGlite, run: (tx: Transaction) => Promise<T>): Promise<T> {
  try {
    return await pglite.transaction((tx) => run(transactionOf(tx)));
  } catch (cause) {
    throw toDatabaseError(cause, 'commit');
  }
}

/** PGlite has no stream into COPY: it reads the device /dev/blob, behind which lie the bytes. */
async function copyIn(tx: PgliteTransaction, sql: string, bytes: Uint8Array): Promise<void> {
  const fromBlob = sql.replace(/\bfrom\s+stdin\b/i, `from '/dev/blob'`);
  await sent(sql, () => tx.query(fromBlob, [], { blob: new Blob([copyOf(bytes)]) }));
}

/** What the device /dev/blob was written, which PGlite gives only whole. */
async function* copyOut(client: PGlite | PgliteTransaction, sql: string): AsyncIterable<Uint8Array> {
  const toBlob = sql.replace(/\bto\s+stdout\b/i, `to '/dev/blob'`);
  const { blob } = await sent(sql, () => client.query(toBlob));
  for await (const chunk of (blob ?? new Blob([])).stream()) yield chunk;
}

// A Blob's type wants bytes that are surely no shared memory.
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

async function sent<T>(sql: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (cause) {
    throw toDatabaseError(cause, sql);
  }
}
