import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../ledger/index.ts';
import { rateFile, ratingText } from './file-rating.ts';
import { setUpLedger } from './ledger.ts';
import { durableRateText, plainCopyPerSecond } from './plain-copy.ts';
import { withServer } from './postgres-server.ts';
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

/**
 * A file of calls into PostgreSQL with its default durability, into an empty month and into one of `entries` entries.
 */
export async function benchPostgres(records = SIZE.records, entries = 0): Promise<void> {
  const size = { ...SIZE, records };
  await withServer((server) =>
    server.withLedger(makeTraffic({ ...size, records: 0 }), async ({ db }) => {
      const plain = await plainCopyPerSecond(db);
      if (entries > 0) await preloadMonth(db, entries, size.lines);
      const before = entries === 0 ? 'an empty month' : `${entries.toLocaleString('en')} entries in the month`;
      const rating = await rateFile(db, size, server.pids);
      console.log(ratingText(`file to PostgreSQL, ${before}`, rating));
      const cpu = (rating.serverCpuSeconds / records) * 1e6;
      const rate = durableRateText(records / rating.seconds, plain);
      console.log(`  ${rate}; ${cpu.toFixed(1)} µs of CPU a call in PostgreSQL`);
    }),
  );
}
