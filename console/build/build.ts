import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'vite';
import { BUILT_FOLDER, BUILT_FROM, CONSOLE_FOLDER, isBuilt, sourcesHash } from './sources-hash.ts';

/** Builds the pages beside what is there, and puts them in its place when they are whole. */
export async function buildConsole(): Promise<void> {
  if (isBuilt()) return;
  const from = sourcesHash();
  const folder = `${BUILT_FOLDER}.${process.pid}`;
  // Whatever the environment is: React would come with its checks for developers.
  process.env['NODE_ENV'] = 'production';
  try {
    await build({
      root: CONSOLE_FOLDER,
      configFile: join(CONSOLE_FOLDER, 'vite.config.ts'),
      mode: 'production',
      logLevel: 'error',
      build: { outDir: folder, emptyOutDir: true },
    });
    compress(folder);
    writeFileSync(join(folder, BUILT_FROM), `${from}\n`);
    replace(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Compressed once, as small as can be: the server hands the files out as they are. */
function compress(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(?:js|css|html|svg)$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = readFileSync(path);
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
    const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
  }
}

/** Another process may build at the same time: whoever comes last finds the place taken by the same pages. */
function replace(folder: string): void {
  const old = `${folder}.old`;
  if (existsSync(BUILT_FOLDER)) renameSync(BUILT_FOLDER, old);
  try {
    renameSync(folder, BUILT_FOLDER);
  } catch (error) {
    if (!isBuilt()) throw error;
  } finally {
    rmSync(old, { recursive: true, force: true });
  }
}
