import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder `console/`. */
export const CONSOLE_FOLDER = fileURLToPath(new URL('..', import.meta.url));
/** Where the pages are built to; never committed. */
export const BUILT_FOLDER = join(CONSOLE_FOLDER, 'dist');
/** In it: what it was built from. */
export const BUILT_FROM = 'built-from.txt';

const SOURCES = ['index.html', 'vite.config.ts', 'src', 'build'];

/** A hash of everything that pages are built from: they are built anew when it differs from the one beside them. */
export function sourcesHash(): string {
  const hash = createHash('sha256');
  for (const path of sourcePaths()) {
    hash
      .update(`${relative(CONSOLE_FOLDER, path)}\0`)
      .update(readFileSync(path))
      .update('\0');
  }
  // Another version of a package makes other pages.
  const lock = join(CONSOLE_FOLDER, '..', 'package-lock.json');
  return hash.update(existsSync(lock) ? readFileSync(lock) : '').digest('hex');
}

/** Whether the pages are there, built from what the folder holds today. */
export function isBuilt(): boolean {
  const file = join(BUILT_FOLDER, BUILT_FROM);
  return existsSync(file) && readFileSync(file, 'utf8').trim() === sourcesHash();
}

function sourcePaths(): string[] {
  return SOURCES.flatMap((name) => {
    const path = join(CONSOLE_FOLDER, name);
    if (!name.includes('.')) {
      return readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
    }
    return [path];
  }).toSorted();
}
