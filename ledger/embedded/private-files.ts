import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What others may do is taken away; what the owner may stays. */
const OWNER_ALONE = 0o700;

/**
 * Takes a folder, and all that lies in it, away from everybody but its owner. Where that is not ours to do, or the file
 * system knows no rights, things stay as they are.
 */
export function keepPrivate(folder: string): void {
  restrict(folder);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) keepPrivate(path);
    else if (entry.isFile()) restrict(path);
  }
}

function restrict(path: string): void {
  try {
    const { mode } = lstatSync(path);
    if ((mode & 0o077) !== 0) chmodSync(path, mode & OWNER_ALONE);
  } catch (cause) {
    if (!isNotOurs(cause)) throw cause;
  }
}

function isNotOurs(cause: unknown): boolean {
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
  return ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EROFS', 'ENOENT'].includes(String(code));
}
