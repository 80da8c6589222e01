import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { DatabaseError } from '../database/database-error.ts';
import type { Database, Queryable } from '../database/database.ts';
import { repeatWhileCut } from '../database/repeat-while-cut.ts';

/** Why a database can't be used by this version of the code. */
export type MigrationFault =
  'migration-changed' | 'database-is-newer' | 'migration-missing' | 'not-the-owner' | 'not-utf8';

/** The database's migrations and this code's do not fit; nothing has been changed. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code: MigrationFault;
  readonly retryable = false;

  constructor(code: MigrationFault, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Migration {
  readonly no: number;
  /** File name, e.g. `0001-init.sql`. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text, hex: a released migration never changes. */
  readonly hash: string;
  /** First line `-- breaking`: older code refuses a database that has it. */
  readonly breaking: boolean;
}

const MIGRATIONS = new URL('../migrations/', import.meta.url);

/** Any number that nothing else locks: concurrent starters wait for one another under it. */
const LOCK = 7_260_115;

/**
 * Brings the database to this code's schema: each missing migration in a transaction of its own, forward only, and
 * returns the names of those it ran. Safe to run by any number of processes at once. Throws `MigrationError` when a
 * migration that was run has another text here, when one is missing below one that was run, or when the database has
 * a breaking migration that this code does not know, when one is missing and the role may not run it, or when the
 * database's encoding is not UTF8;
 * `DatabaseError` when a migration fails, which leaves no trace.
 */
export async function migrate(db: Database, migrations?: readonly Migration[]): Promise<string[]> {
  await repeatWhileCut(() => refuseOtherEncoding(db));
  const known = migrations ?? (await readMigrations());
  const ran: string[] = [];
  for (let done = false; !done;) {
    const name = await repeatWhileCut(() => runNext(db, known));
    if (name === null) done = true;
    else ran.push(name);
  }
  return ran;
}

/** Names and numbers that people call come in any script: they are kept as UTF8, or not at all. */
async function refuseOtherEncoding(q: Queryable): Promise<void> {
  const [row] = await q.query<{ encoding: string }>(`select current_setting('server_encoding') as encoding`);
  if (row?.encoding === 'UTF8') return;
  throw new MigrationError(
    'not-utf8',
    `Cannot use the database: its encoding is '${row?.encoding ?? ''}', not UTF8; ` +
      `"create database NAME encoding 'UTF8' template template0" makes one that is`,
  );
}

/** Reads `‹no›-‹name›.sql` of a folder, in order. Throws when numbers are missing or double. */
export async function readMigrations(folder: URL = MIGRATIONS): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  const migrations = await Promise.all(
    names.map(async (name) => migrationOf(name, await readFile(new URL(name, folder), 'utf8'))),
  );
  for (const [index, { no, name }] of migrations.entries()) {
    if (no !== index + 1) throw new Error(`Cannot order the migrations: '${name}' should bear number '${index + 1}'`);
  }
  return migrations;
}

/** A migration from its file's name and text. */
export function migrationOf(name: string, sql: string): Migration {
  const no = Number(/^(\d{4})-[a-z0-9-]+\.sql$/.exec(name)?.[1]);
  if (Number.isNaN(no)) throw new Error(`Cannot number the migration '${name}': it must look like '0001-init.sql'`);
  const hash = createHash('sha256').update(sql).digest('hex');
  return { no, name, sql, hash, breaking: /^-- breaking\s*\n/.test(sql) };
}

interface AppliedRow {
  readonly no: number;
  readonly name: string;
  readonly hash: string;
  readonly breaking: boolean;
}

function runNext(db: Database, known: readonly Migration[]): Promise<string | null> {
  let running = 'the first migration';
  const ran = db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
    const next = nextOf(known, await appliedTo(tx));
    if (next === null) return null;
    running = `migration '${next.name}'`;
    // An index over a large month takes its time.
    await tx.exec('set local statement_timeout = 0');
    // The row first: without the lock (a pooler, another client) its key would still stop the second starter.
    await tx.query('insert into migration (no, name, hash, breaking) values ($1, $2, $3, $4)', [
      next.no,
      next.name,
      next.hash,
      next.breaking,
    ]);
    await tx.exec(next.sql);
    return next.name;
  });
  return ran.catch((error: unknown) => {
    if (!isDenied(error)) throw error;
    throw new MigrationError(
      'not-the-owner',
      `Cannot run ${running}: ${error.message}; 'fairtally setup' runs it, as the role that owns the ledger's tables`,
    );
  });
}

/** The role may not do it. */
function isDenied(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && error.sqlState === '42501';
}

async function appliedTo(tx: Queryable): Promise<AppliedRow[]> {
  // Asked first, so that a role without the right to create tables can start on a database that is up to date.
  const [table] = await tx.query<{ exists: boolean }>(`select to_regclass('migration') is not null as exists`);
  if (table?.exists !== true) {
    await tx.query(`create table migration (
      no int primary key, name text not null, hash text not null, breaking boolean not null,
      ran_at timestamptz not null default now()
    )`);
  }
  return tx.query<AppliedRow>('select no, name, hash, breaking from migration order by no');
}

/** The first migration still to run; `null` when there is none. */
function nextOf(known: readonly Migration[], applied: readonly AppliedRow[]): Migration | null {
  for (const [index, { no, name, hash, breaking }] of applied.entries()) {
    if (no !== index + 1) {
      throw new MigrationError('migration-missing', `Cannot migrate: the database has '${name}' but not all before it`);
    }
    const mine = known[index];
    if (mine === undefined) {
      if (!breaking) continue;
      throw new MigrationError(
        'database-is-newer',
        `Cannot use the database: its migration '${name}' breaks this older version of Fairtally`,
      );
    }
    if (mine.hash !== hash) {
      throw new MigrationError(
        'migration-changed',
        `Cannot migrate: '${mine.name}' has changed since the database ran it as '${name}'`,
      );
    }
  }
  return known[applied.length] ?? null;
}
