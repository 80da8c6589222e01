import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DatabaseError } from '../database/database-error.ts';
import { LOCK_FOLDER, lockDirectory } from './directory-lock.ts';

/**
 * Copies the folder of an embedded database to `to`, which must not exist, while its lock keeps every writer out: the
 * copy is of one moment. It is made aside and renamed, so that what is at `to` is whole. Throws `DatabaseError`
 * `in-use` when another process has the database open.
 */
export async function copyDatabaseDirectory(from: string, to: string): Promise<void> {
  if ((await stat(to).catch(() => null)) !== null) {
    throw new DatabaseError(`Cannot copy the database to '${to}': there is something already`, { code: 'other' });
  }
  const lock = await lockDirectory(from);
  const aside = join(dirname(to), `.${basename(to)}.${process.pid}`);
  try {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await cp(from, aside, {
      recursive: true,
      preserveTimestamps: true,
      filter: (file) => basename(file) !== LOCK_FOLDER,
    });
    await rename(aside, to);
  } finally {
    await rm(aside, { recursive: true, force: true });
    await lock.release();
  }
}
