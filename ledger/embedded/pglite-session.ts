import { PGlite, type PGliteOptions, type Results, types } from '@electric-sql/pglite';
import { DatabaseError, toDatabaseError } from '../database/database-error.ts';
import { type LockProof, verifyLock } from './directory-lock.ts';
import { LockedFolder } from './pglite-files.ts';
import { guardMainLoop, type PgliteDeath } from './pglite-guard.ts';
import { TEXT_PARAMETERS } from '../database/sql-values.ts';

/**
 * Rows as text: the columns' names and types, and the values as PostgreSQL writes them, row after row in one list,
 * which goes from thread to thread sooner than an object a row.
 */
export interface TextRows {
  readonly names: readonly string[];
  readonly types: readonly number[];
  readonly values: readonly (string | null)[];
  readonly rowCount: number;
}

/**
 * The one connection of an embedded database, in this thread or in another. Whoever uses it sends one thing after the
 * other. Rejects with `DatabaseError`, or with what is no failure of the database.
 */
export interface PgliteSession {
  /** It broke down in a statement, or its folder is lost: nothing can be sent any more. */
  readonly isOver: boolean;
  query(sql: string, params: readonly (string | null)[]): Promise<TextRows>;
  exec(sqlScript: string): Promise<void>;
  /** Commits what was begun by `exec('begin')`: what it did is on disk when it resolves. */
  commit(): Promise<void>;
  copyIn(sql: string, bytes: Uint8Array): Promise<void>;
  copyOut(sql: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

export type SessionPlace =
  { readonly proof: LockProof; readonly bufferMegabytes: number | undefined } | { readonly snapshot: Blob | null };

/**
 * Opens an embedded database in this thread: on a folder whose lock we have, or in memory, from an image of another's
 * files.
 */
export async function openSession(place: SessionPlace): Promise<PgliteSession> {
  const death: PgliteDeath = { cause: null };
  const says = new LastWords();
  const options: PGliteOptions = {
    parsers: AS_TEXT,
    serializers: TEXT_PARAMETERS,
    onStderr: (line) => {
      says.add(line);
      return false;
    },
  };
  if (!('proof' in place)) {
    const loadDataDir = place.snapshot === null ? {} : { loadDataDir: place.snapshot };
    return sessionOn(await PGlite.create({ ...options, dataDir: 'memory://', ...loadDataDir }), death, null);
  }
  const { proof, bufferMegabytes } = place;
  const startParams =
    bufferMegabytes === undefined ? DURABLE : [...DURABLE, '-c', `shared_buffers=${bufferMegabytes}MB`];
  try {
    const pglite = await PGlite.create({ ...options, fs: new LockedFolder(proof), startParams });
    guardMainLoop(pglite.Module, death, (cause) => deathOf(cause, proof, says));
    return sessionOn(pglite, death, proof);
  } catch (cause) {
    throw openingFault(cause, proof, says);
  }
}

/**
 * As PGlite starts PostgreSQL, but not without `fsync`; of its ways to ask for it, the one that PGlite's files know.
 */
const DURABLE = [...PGlite.defaultStartParams.filter((param) => param !== '-F'), '-c', 'wal_sync_method=fsync'];

/** Values are read where they are used, on the other side of a thread's border: here they stay text. */
const AS_TEXT = Object.fromEntries(Object.values(types).map((type) => [type, (text: string) => text]));

function sessionOn(pglite: PGlite, death: PgliteDeath, proof: LockProof | null): PgliteSession {
  const send = async <T>(sql: string, run: () => Promise<T>): Promise<T> => {
    try {
      if (death.cause !== null) throw death.cause;
      return await run();
    } catch (cause) {
      throw toDatabaseError(death.cause ?? cause, sql);
    }
  };
  /**
   * Before what is committed, so that nothing is written to another's folder; and after, so that nothing is told that
   * is lost.
   */
  const surely = async <T>(run: () => Promise<T>): Promise<T> => {
    verifyFor(proof, death);
    const result = await run();
    verifyFor(proof, death);
    return result;
  };
  return {
    get isOver() {
      return death.cause !== null;
    },
    query: (sql, params) =>
      send(sql, () =>
        surely(async () => textRows(await pglite.query<TextRow>(sql, [...params], { rowMode: 'array' }))),
      ),
    exec: (sqlScript) => send(sqlScript, () => surely(async () => void (await pglite.exec(sqlScript)))),
    commit: () => send('commit', () => surely(() => commit(pglite))),
    // PGlite has no stream into COPY: it reads the device /dev/blob, behind which lie the bytes.
    copyIn: (sql, bytes) =>
      send(sql, async () => {
        const fromBlob = sql.replace(/\bfrom\s+stdin\b/i, `from '/dev/blob'`);
        await pglite.query(fromBlob, [], { blob: new Blob([new Uint8Array(bytes)]) });
      }),
    // What the device /dev/blob was written, which PGlite gives only whole.
    copyOut: (sql) =>
      send(sql, async () => {
        const { blob } = await pglite.query(sql.replace(/\bto\s+stdout\b/i, `to '/dev/blob'`));
        return blob === undefined ? new Uint8Array() : new Uint8Array(await blob.arrayBuffer());
      }),
    close: async () => {
      if (death.cause === null) verifyFor(proof, death);
      await pglite.close();
    },
  };
}

async function commit(pglite: PGlite): Promise<void> {
  const [result] = await pglite.exec('commit');
  // PostgreSQL answers so, without an error, when a failed statement went unnoticed.
  if (Reflect.get(Object(result), 'command') === 'ROLLBACK') {
    throw new DatabaseError('Cannot commit: a statement of the transaction had failed', { code: 'rolled-back' });
  }
}

/** Once the folder is not ours, nothing of PostgreSQL runs any more: even what it does to end would write. */
function verifyFor(proof: LockProof | null, death: PgliteDeath): void {
  if (proof === null) return;
  try {
    verifyLock(proof);
  } catch (cause) {
    death.cause ??= cause instanceof Error ? cause : new Error(String(cause));
    throw cause;
  }
}

type TextRow = readonly (string | null)[];

function textRows({ rows, fields }: Results<TextRow>): TextRows {
  return {
    names: fields.map(({ name }) => name),
    types: fields.map(({ dataTypeID }) => dataTypeID),
    values: rows.flat(),
    rowCount: rows.length,
  };
}

/** The last that PostgreSQL said on its stderr of what it can't go on with. */
class LastWords {
  #text = '';

  add(line: string): void {
    const said = /\b(?:PANIC|FATAL):\s+(.*)$/.exec(line)?.[1];
    if (said !== undefined) this.#text = said;
  }

  get text(): string {
    return this.#text;
  }
}

/**
 * PostgreSQL gave up in the midst of a statement: as if its server had been killed, and begun again as that would be.
 */
function deathOf(cause: unknown, { directory }: LockProof, says: LastWords): DatabaseError {
  if (cause instanceof DatabaseError) return cause;
  const why = says.text === '' ? messageOf(cause) : says.text;
  return new DatabaseError(`Cannot go on with the database in '${directory}': ${why}`, {
    code: isOutOfSpace(why) ? 'out-of-space' : 'connection-lost',
    cause,
  });
}

function openingFault(cause: unknown, { directory }: LockProof, says: LastWords): DatabaseError {
  if (cause instanceof DatabaseError) return cause;
  const why = says.text === '' ? messageOf(cause) : says.text;
  return new DatabaseError(`Cannot open the database in '${directory}': ${why}`, {
    code: 'unusable',
    cause,
  });
}

function isOutOfSpace(text: string): boolean {
  return /No space left on device|Disk quota exceeded|ENOSPC|EDQUOT/.test(text);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
