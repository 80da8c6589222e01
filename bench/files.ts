import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../ledger/index.ts';
import { runOn, startTestServer, withDatabase } from '../test/support/postgres.ts';
import { rateFile, ratingText } from './file-rating.ts';
import { setUpLedger } from './ledger.ts';
import { preloadMonth } from './preload-month.ts';
import { makeTraffic } from './traffic.ts';

const SIZE = { lines: 50_000, records: 1_000_000, numbersPerLine: 40, recordsPerChunk: 10_000, name: 'file' };

/** A file of calls into the embedded database, on disk. */
export async function benchPglite(records = 300_000): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fairtally-bench-pglite-'));
  const db = await openDatabase({ directory });
  const size = { ...SIZE, records };
  await setUpLedger(db, makeTraffic({ ...size, records: 0 }));
  console.log(ratingText('file to PGlite, on disk', await rateFile(db, size)));
  await db.close();
  await rm(directory, { recursive: true, force: true });
}

/** A file of calls into PostgreSQL with its default durability, into an empty month and into one of `entries` entries. */
export async function benchPostgres(records = SIZE.records, entries = 0): Promise<void> {
  await withPostgres(async (db) => {
    const size = { ...SIZE, records };
    await setUpLedger(db, makeTraffic({ ...size, records: 0 }));
    if (entries > 0) await preloadMonth(db, entries, size.lines);
    const before = entries === 0 ? 'an empty month' : `${entries.toLocaleString('en')} entries in the month`;
    console.log(ratingText(`file to PostgreSQL, ${before}`, await rateFile(db, size)));
  });
}

/** On the server at DATABASE_URL, or on one of its own with the WAL settings that docs/operations.md asks for. */
async function withPostgres(run: (db: Database) => Promise<void>): Promise<void> {
  const server = await startTestServer(['environment', 'local']);
  const name = `fairtally_bench_${process.pid}`;
  await runOn(server.url, `create database ${name} template ${server.template}`);
  if (process.env['DATABASE_URL'] === undefined) await tune(server.url);
  const db = await openDatabase({ url: withDatabase(server.url, name) });
  try {
    await run(db);
  } finally {
    await db.close();
    await runOn(server.url, `drop database ${name} with (force)`);
    await server.stop();
  }
}

/** Durability stays as it is: fsync and synchronous commit on. */
async function tune(url: string): Promise<void> {
  const settings = [`max_wal_size = '16GB'`, `checkpoint_timeout = '15min'`, `wal_compression = 'on'`];
  for (const setting of settings) await runOn(url, `alter system set ${setting}`);
  await runOn(url, 'select pg_reload_conf()');
}
