import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** So many at once: file systems bring what waits together to disk in one go. */
const AT_ONCE = 32;

/** Has all files and folders in `folder`, and itself, brought to disk; but for what lies below `except`. */
export async function syncFolder(folder: string, except: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const within = entries.map(({ parentPath, name }) => join(parentPath, name));
  const paths = [...within.filter((path) => !path.startsWith(except)), folder];
  for (let at = 0; at < paths.length; at += AT_ONCE) await Promise.all(paths.slice(at, at + AT_ONCE).map(syncPath));
}

async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
