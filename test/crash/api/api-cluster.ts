import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '../../../ledger/index.ts';
import { SCOPES, createApiKey } from '../../../services/index.ts';
import { type PostgresServer, runOn, startPostgres, withDatabase } from '../../support/postgres.ts';
import { type ResettingProxy, startResettingProxy } from '../../support/resetting-proxy.ts';
import { freePort } from '../../support/servers/free-port.ts';
import { ownServerWays } from '../../support/servers/server-ways.ts';
import { command } from '../cluster.ts';
import { FairtallyProcess } from '../fairtally-process.ts';

const DATABASE = 'crash_api';
const READER = fileURLToPath(new URL('./billing-reader.ts', import.meta.url));

/** The API on PostgreSQL, twice, and a billing system that pulls from it. */
export interface ApiCluster {
  readonly postgres: PostgresServer;
  /** What the servers' connections go through. */
  readonly toPostgres: ResettingProxy;
  /** Address of the ledger's database. */
  readonly url: string;
  readonly servers: readonly [FairtallyProcess, FairtallyProcess];
  /** Their addresses. */
  readonly apis: readonly string[];
  readonly reader: FairtallyProcess;
  /** Where the reader keeps what it read. */
  readonly readFile: string;
  /** A key that may do everything. */
  readonly key: string;
  importLines(folder: string): Promise<void>;
  /** What the API says that all entries up to a cursor come to. */
  totals(until: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Starts a database of its own with an empty ledger, and nothing else yet. */
export async function startApiCluster(folder: string): Promise<ApiCluster> {
  const [postgres, toPostgres] = await Promise.all([startPostgres(ownServerWays()), startResettingProxy()]);
  const url = withDatabase(postgres.url, DATABASE);
  await runOn(postgres.url, `create database ${DATABASE}`);
  const { host } = new URL(url);
  toPostgres.passOnTo(host);
  const proxiedUrl = url.replace(host, toPostgres.address);
  await command(folder, ['setup', '--database', url]);
  const key = await makeKey(url);
  const ports = [await freePort(), await freePort()] as const;
  const server = (port: number): FairtallyProcess => {
    const args = ['serve', '--port', String(port), '--database', proxiedUrl];
    return new FairtallyProcess(`serve-${port}`, args, join(folder, `serve-${port}.log`));
  };
  const servers = [server(ports[0]), server(ports[1])] as const;
  const apis = ports.map((port) => `http://127.0.0.1:${port}`);
  const readFile = join(folder, 'read.ndjson');
  const readerArgs = [apis.join(','), key, readFile];
  const reader = new FairtallyProcess('reader', readerArgs, join(folder, 'reader.log'), READER);
  return {
    postgres,
    toPostgres,
    url,
    servers,
    apis,
    reader,
    readFile,
    key,
    importLines: (lines) => command(folder, ['lines', 'import', lines, '--database', url]),
    async totals(until) {
      const asked = new URL(`/v1/usage/totals?until=${encodeURIComponent(until)}`, apis[0]);
      const answer = await fetch(asked, { headers: { authorization: `Bearer ${key}` } });
      if (!answer.ok) throw new Error(`The totals were answered ${answer.status}: ${await answer.text()}`);
      return answer.json();
    },
    async close() {
      await Promise.all([...servers, reader].map((process) => process.kill()));
      await postgres.close();
      toPostgres.close();
    },
  };
}

/** All that is killed, and started again. */
export function apiProcesses({ servers, reader }: Pick<ApiCluster, 'servers' | 'reader'>): readonly FairtallyProcess[] {
  return [...servers, reader];
}

async function makeKey(url: string): Promise<string> {
  const db = await openDatabase({ url });
  try {
    const made = await createApiKey(db, { name: 'crash test', scopes: SCOPES, by: 'crash test' });
    if (made.kind === 'refused') throw new Error(made.code);
    return made.key;
  } finally {
    await db.close();
  }
}
