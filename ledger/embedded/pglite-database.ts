import { existsSync } from 'node:fs';
import { mkdir, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseError } from '../database/database-error.ts';
import type { Database, Transaction } from '../database/database.ts';
import { type DirectoryLock, LOCK_FOLDER, lockDirectory, verifyLock } from './directory-lock.ts';
import type { PgliteSession } from './pglite-session.ts';
import { openThread } from './pglite-thread-session.ts';
import { BEGIN_ANEW, unpackPreparedLedger } from './prepared-ledger.ts';
import { keepPrivate } from './private-files.ts';
import { syncFolder } from './sync-folder.ts';
import { COLUMN_PARSERS, type Parameter, toParameterText } from '../database/sql-values.ts';

/** As `openDatabase` takes them. */
interface Folder {
  readonly directory: string;
  readonly isPrepared?: boolean;
  readonly bufferMegabytes?: number;
}
type Place = Folder | { readonly memory: true; readonly snapshot?: Blob };

/** Opens PGlite on a directory, which no other process may use meanwhile, or in memory. */
export async function openPglite(place: Place): Promise<Database> {
  if (!('directory' in place)) {
    // On a folder it runs in a thread, which loads it for itself.
    const { openSession } = await import('./pglite-session.ts');
    const session = await openSession({ snapshot: place.snapshot ?? null });
    return embeddedDatabase({ session, reopen: null, end: async () => {} });
  }
  const lock = await lockFolder(place.directory);
  try {
    const open = (): Promise<PgliteSession> => openOrMake(lock, place);
    return embeddedDatabase({ session: await open(), reopen: open, end: () => lock.release() });
  } catch (cause) {
    await lock.release();
    throw cause;
  }
}

async function lockFolder(directory: string): Promise<DirectoryLock> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    keepPrivate(await realpath(directory));
    return await lockDirectory(directory);
  } catch (cause) {
    throw folderFault(cause, directory);
  }
}

const FOLDER_FAULTS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'it is on a file system that can only be read',
  ENOSPC: 'no space is left on its disk',
  EDQUOT: `the user's share of its disk is used up`,
  ENOTDIR: 'a part of its path is no folder',
  EEXIST: 'it is no folder',
  ELOOP: 'its symbolic links go in circles',
  ENAMETOOLONG: 'its path is too long',
};

function folderFault(cause: unknown, directory: string): unknown {
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
  if (cause instanceof DatabaseError || typeof code !== 'string') return cause;
  const why = FOLDER_FAULTS[code] ?? (cause instanceof Error ? cause.message : code);
  return new DatabaseError(`Cannot open the database in '${directory}': ${why}`, {
    code: code === 'ENOSPC' || code === 'EDQUOT' ? 'out-of-space' : 'unusable',
    cause,
  });
}

/** There while a database is being made: what was made so far is of no use, and holds nothing yet. */
const UNFINISHED = 'unfinished';

async function openOrMake(
  { proof }: DirectoryLock,
  { isPrepared = false, bufferMegabytes }: Folder,
): Promise<PgliteSession> {
  verifyLock(proof);
  const { directory } = proof;
  const unfinished = join(directory, LOCK_FOLDER, UNFINISHED);
  const isNew = !existsSync(join(directory, 'PG_VERSION')) || existsSync(unfinished);
  try {
    if (isNew) {
      await refuseStrangers(directory, unfinished);
      await writeFile(unfinished, '', { mode: 0o600 });
      await clear(directory);
    }
    const beginsAnew = isNew && isPrepared && (await unpackPreparedLedger(directory));
    const session = await openThread(proof, bufferMegabytes);
    if (beginsAnew) await session.exec(BEGIN_ANEW);
    if (isNew) {
      // PostgreSQL syncs what it writes; what PGlite unpacked for it, nobody did.
      await syncFolder(directory, join(directory, LOCK_FOLDER));
      await rm(unfinished);
    }
    return session;
  } catch (cause) {
    throw folderFault(cause, directory);
  }
}

/** A folder with files of someone's own is not taken for a database that was half made. */
async function refuseStrangers(directory: string, unfinished: string): Promise<void> {
  if (existsSync(unfinished)) return;
  const names = (await readdir(directory)).filter((name) => name !== LOCK_FOLDER);
  if (names.length === 0) return;
  throw new DatabaseError(
    `Cannot open the database in '${directory}': it holds '${names[0]}', and no 'PG_VERSION' as a database does`,
    { code: 'unusable' },
  );
}

async function clear(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name !== LOCK_FOLDER) await rm(join(directory, name), { recursive: true });
  }
}

interface Opened {
  readonly session: PgliteSession;
  /** Opens it once more after it broke down; `null` where nothing would be left of it. */
  readonly reopen: (() => Promise<PgliteSession>) | null;
  /** Gives back what it was opened on. */
  readonly end: () => Promise<void>;
}

/** PGlite's one connection, shared: a transaction has it for itself. */
function embeddedDatabase({ session: first, reopen, end }: Opened): Database {
  let session = first;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const turn = last.then(run);
    last = turn.catch(ignore);
    return turn;
  };
  /** A database that broke down in a statement is opened once more, as a server's is that was killed. */
  const alone = <T>(run: (session: PgliteSession) => Promise<T>): Promise<T> =>
    inTurn(async () => {
      if (session.isOver && reopen !== null) {
        await session.close().catch(ignore);
        session = await reopen();
      }
      return run(session);
    });
  return {
    kind: 'pglite',
    query: <Row>(sql: string, params?: readonly Parameter[]) => alone((own) => queryOn<Row>(own, sql, params)),
    exec: (sqlScript) => alone((own) => own.exec(sqlScript)),
    transaction: (run) => alone((own) => inTransaction(own, run)),
    async *copyOut(sql) {
      yield* inChunks(await alone((own) => own.copyOut(sql)));
    },
    async close() {
      try {
        await inTurn(() => session.close());
      } finally {
        await end();
      }
    },
  };
}

async function inTransaction<T>(session: PgliteSession, run: (tx: Transaction) => Promise<T>): Promise<T> {
  await session.exec('begin isolation level read committed');
  try {
    const result = await run(transactionOn(session));
    await session.commit();
    return result;
  } catch (cause) {
    // What broke down has forgotten it already.
    await session.exec('rollback').catch(ignore);
    throw cause;
  }
}

function transactionOn(session: PgliteSession): Transaction {
  return {
    query: (sql, params) => queryOn(session, sql, params),
    exec: (sqlScript) => session.exec(sqlScript),
    copyIn: (sql, bytes) => session.copyIn(sql, bytes),
    async *copyOut(sql) {
      yield* inChunks(await session.copyOut(sql));
    },
  };
}

async function queryOn<Row>(session: PgliteSession, sql: string, params: readonly Parameter[] = []): Promise<Row[]> {
  const { names, types, values, rowCount } = await session.query(sql, params.map(toParameterText));
  const columns = names.map((name, index) => ({ name, parse: COLUMN_PARSERS[types[index] ?? 0] ?? String }));
  const rows: Record<string, unknown>[] = [];
  for (let no = 0, at = 0; no < rowCount; no++) {
    const row: Record<string, unknown> = {};
    for (const { name, parse } of columns) {
      const text = values[at++] ?? null;
      row[name] = text === null ? null : parse(text);
    }
    rows.push(row);
  }
  // What a statement selects is what its caller says: no check could tell.
  return rows as Row[];
}

const CHUNK_BYTES = 65_536;

function* inChunks(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

function ignore(): void {}
