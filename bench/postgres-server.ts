import { type Database, openDatabase } from '../ledger/index.ts';
import { runOn, startPostgres, withDatabase } from '../test/support/postgres.ts';
import { setUpLedger } from './ledger.ts';
import type { Traffic } from './traffic.ts';

/** A PostgreSQL server to measure with. */
export interface BenchServer {
  /** Its main process, where it is on this machine and ours; else none. */
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
  checkpoint_timeout: '30min',
  wal_compression: 'on',
  maintenance_work_mem: '1GB',
};

let ledgers = 0;

/** Runs with the server at `DATABASE_URL`, its settings as they are, or with one of our own. */
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
    await run({
      get pids() {
        return server.pids;
      },
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
