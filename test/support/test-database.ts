import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { inject } from 'vitest';
import { type Database, type Migration, migrate, openDatabase, readMigrations } from '../../ledger/index.ts';
import { runOn, withDatabase } from './postgres.ts';

/** Every test of the ledger runs on both. */
export const DATABASE_KINDS = ['pglite', 'postgres'] as const;
export type DatabaseKind = (typeof DATABASE_KINDS)[number];

/** A migrated, empty database of its own for a test file; `close` also removes it. */
export async function openTestDatabase(kind: DatabaseKind): Promise<Database> {
  if (kind === 'pglite') return openDatabase({ memory: true, snapshot: await snapshotOf(await readMigrations()) });
  return clonedDatabase(inject('postgres').template);
}

/** The same without a schema. */
export async function openEmptyTestDatabase(kind: DatabaseKind): Promise<Database> {
  if (kind === 'pglite') return openDatabase({ memory: true, snapshot: await snapshotOf([]) });
  return clonedDatabase('template1');
}

/** A new database on the test server for tests that open it more than once: its address, and what removes it. */
export async function createTestDatabase(template: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const { url } = inject('postgres');
  const name = `fairtally_test_${randomUUID().replaceAll('-', '')}`;
  // Copies the files, rather than to write each page into the log: a third of the work.
  await runOn(url, `create database ${name} template ${template} strategy file_copy`);
  return {
    url: withDatabase(url, name),
    drop: () => runOn(url, `drop database ${name} with (force)`),
  };
}

async function clonedDatabase(template: string): Promise<Database> {
  const { url, drop } = await createTestDatabase(template);
  const db = await openDatabase({ url });
  return {
    ...db,
    async close() {
      await db.close();
      await drop();
    },
  };
}

/**
 * PGlite takes seconds to make a database and little to load one: those made once are kept among the temporary files,
 * under the hash of their migrations and of PGlite's version.
 */
async function snapshotOf(migrations: readonly Migration[]): Promise<Blob> {
  const hash = createHash('sha256').update(await pgliteVersion());
  for (const migration of migrations) hash.update(migration.hash);
  const file = join(tmpdir(), `fairtally-pglite-${hash.digest('hex').slice(0, 16)}.tar`);
  const known = await readFile(file).catch(() => null);
  return known === null ? makeSnapshot(file, migrations) : new Blob([known]);
}

async function makeSnapshot(file: string, migrations: readonly Migration[]): Promise<Blob> {
  const folder = await mkdtemp(join(tmpdir(), 'fairtally-pglite-'));
  const dataDir = join(folder, 'files');
  const db = await openDatabase({ directory: dataDir });
  if (migrations.length > 0) await migrate(db, migrations);
  await db.close();
  const pglite = await PGlite.create(dataDir);
  const snapshot = await pglite.dumpDataDir('none');
  await pglite.close();
  // Written aside and renamed: several test processes may make it at once.
  const aside = join(folder, 'snapshot.tar');
  await writeFile(aside, Buffer.from(await snapshot.arrayBuffer()));
  await rename(aside, file);
  await rm(folder, { recursive: true, force: true });
  return snapshot;
}

/** The text of PGlite's package.json, which says its version. */
async function pgliteVersion(): Promise<string> {
  return readFile(new URL('../package.json', import.meta.resolve('@electric-sql/pglite')), 'utf8');
}
