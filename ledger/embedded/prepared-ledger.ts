import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { giveClusterId } from './cluster-id.ts';
import { LOCK_FOLDER } from './directory-lock.ts';
import { readMigrations } from '../schema/migrate.ts';

/** Beside the packages: whoever may change what lies there may change them, too. */
const FOLDER = new URL('../../node_modules/.cache/fairtally/', import.meta.url);
/** Counts up when what is packed, or how, changes. */
const FORMAT = 1;
const HASH_BYTES = 32;
const AT_ONCE = 64;
/** They are the process's that has it open. */
const LEFT_OUT = [LOCK_FOLDER, 'postmaster.pid'];

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** What lies in a folder, in an order in which each can be made: folders before what is in them. */
interface Packed {
  /** Names as from the folder itself, with `/` between. */
  readonly folders: readonly string[];
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

/**
 * Keeps the database of `directory`, which is closed, migrated and holds nothing else yet, as the one that later
 * ledgers begin as. A database takes seconds of computing to make, and a tenth of one to unpack.
 */
export async function keepPreparedLedger(directory: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const folders: string[] = [];
  const files: { name: string; bytes: number }[] = [];
  const contents: Buffer[] = [];
  for (const entry of entries.toSorted((a, b) => comparePaths(pathOf(a), pathOf(b)))) {
    const name = pathOf(entry).slice(directory.length + 1);
    if (LEFT_OUT.includes(name.split('/')[0] ?? '')) continue;
    if (entry.isDirectory()) folders.push(name);
    else {
      const content = await readFile(join(directory, name));
      files.push({ name, bytes: content.length });
      contents.push(content);
    }
  }
  const header = Buffer.from(JSON.stringify({ folders, files } satisfies Packed));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const packed = await compress(Buffer.concat([length, header, ...contents]), {
    params: { [constants.ZSTD_c_compressionLevel]: 6 },
  });
  const path = await preparedPath();
  await mkdir(dirname(path), { recursive: true });
  const aside = await mkdtemp(join(dirname(path), 'ledger-'));
  try {
    await writeFile(join(aside, 'packed'), Buffer.concat([sha256(packed), packed]));
    await rename(join(aside, 'packed'), path);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Takes it away again. */
export async function dropPreparedLedger(): Promise<void> {
  await rm(await preparedPath(), { force: true });
}

/** Whether there is one for this version's migrations and PGlite. */
export async function hasPreparedLedger(): Promise<boolean> {
  return (await readPrepared()) !== null;
}

/**
 * Unpacks the prepared database into `directory`, which is there and empty, as a cluster of its own. `false`, and
 * nothing done, when none was prepared for this version's migrations and PGlite, or when it is damaged. What was
 * written is not yet brought to disk, and `BEGIN_ANEW` is still to be run in it.
 */
export async function unpackPreparedLedger(directory: string): Promise<boolean> {
  const packed = await readPrepared();
  if (packed === null) return false;
  const bytes = await decompress(packed);
  const start = 4 + bytes.readUInt32LE();
  const { folders, files }: Packed = JSON.parse(bytes.toString('utf8', 4, start));
  for (const name of folders) await mkdir(join(directory, name), { mode: 0o700 });
  let at = start;
  const writes = files.map(({ name, bytes: length }) => {
    const content = bytes.subarray(at, at + length);
    at += length;
    return { path: join(directory, name), content };
  });
  for (let from = 0; from < writes.length; from += AT_ONCE) {
    await Promise.all(writes.slice(from, from + AT_ONCE).map(writeNew));
  }
  await giveClusterId(directory, newClusterId());
  return true;
}

/** A ledger is born when it is unpacked, not when it was prepared, and is no other's copy. */
export const BEGIN_ANEW = `
  begin;
  alter table ledger_life disable trigger ledger_life_is_append_only;
  update ledger_life set id = gen_random_uuid(), begun_at = now();
  alter table ledger_life enable always trigger ledger_life_is_append_only;
  alter table migration disable trigger migration_is_append_only;
  update migration set ran_at = now();
  alter table migration enable always trigger migration_is_append_only;
  commit`;

/** `null`: none was prepared, or it is damaged. */
async function readPrepared(): Promise<Buffer | null> {
  const kept = await readFile(await preparedPath()).catch(() => null);
  if (kept === null) return null;
  const packed = kept.subarray(HASH_BYTES);
  return sha256(packed).equals(kept.subarray(0, HASH_BYTES)) ? packed : null;
}

async function writeNew({ path, content }: { readonly path: string; readonly content: Buffer }): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
  } finally {
    await file.close();
  }
}

/** As PostgreSQL gives them: a positive number of 64 bits. */
function newClusterId(): bigint {
  return randomBytes(8).readBigUInt64LE() >> 1n;
}

/** Named by all that a new database depends on. */
async function preparedPath(): Promise<string> {
  const hash = createHash('sha256').update(String(FORMAT));
  const pglite = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  hash.update(await readFile(join(dirname(pglite), '..', 'package.json')));
  for (const migration of await readMigrations()) hash.update(migration.hash);
  return fileURLToPath(new URL(`ledger-${hash.digest('hex').slice(0, 16)}`, FOLDER));
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function pathOf({ parentPath, name }: { readonly parentPath: string; readonly name: string }): string {
  return join(parentPath, name);
}

function comparePaths(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
