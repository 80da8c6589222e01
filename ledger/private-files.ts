import { chmod, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What others may do is taken away; what the owner may stays. */
const OWNER_ALONE = 0o700;

/**
 * Takes a folder, and all that lies in it, away from everybody but its owner. Where that is not ours to do, or the file
 * system knows no rights, things stay as they are.
 */
export async function keepPrivate(folder: string): Promise<void> {
  await restrict(folder);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await keepPrivate(path);
    else if (entry.isFile()) await restrict(path);
  }
}

async function restrict(path: string): Promise<void> {
  try {
    const { mode } = await lstat(path);
    if ((mode & 0o077) !== 0) await chmod(path, mode & OWNER_ALONE);
  } catch (cause) {
    if (!isNotOurs(cause)) throw cause;
  }
}

function isNotOurs(cause: unknown): boolean {
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
  return ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EROFS', 'ENOENT'].includes(String(code));
}
