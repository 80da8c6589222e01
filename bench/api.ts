import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Database } from '../ledger/index.ts';
import { cpuSecondsOf, endedChildrenSeconds } from './cpu-seconds.ts';
import { rateFile } from './file-rating.ts';
import { microsToParse } from './micros-to-parse.ts';
import { withServer } from './postgres-server.ts';
import { benchKey, feedToFile, postChunks, type Served, startServing, toFile } from './served.ts';
import { makeTraffic } from './traffic.ts';

const LINES = 50_000;
const SIZE = { lines: LINES, numbersPerLine: 40, recordsPerChunk: 10_000 };

/**
 * The API beside what it stands on, in one run: posts beside files, the feed beside COPY. CPU seconds are those of the
 * server, of the database, and of this process, which asks.
 */
export async function benchApi(records = 300_000, rounds = 3): Promise<void> {
  console.log(`JSON.parse of a record: ${microsToParse().toFixed(2)} µs`);
  await withServer(async (server) => {
    for (let round = 0; round < rounds; round++) {
      await server.withLedger(makeTraffic({ ...SIZE, records: 0, name: 'p' }), async ({ db, url }) => {
        const file = await measured(server.pids, 0, async () => {
          const { seconds } = await rateFile(db, { ...SIZE, records, name: `file-${round}` });
          return seconds;
        });
        console.log(`file: ${ratioText(records / file.outcome, null, 'records/s')}; ${cpuText(file)}`);
        const key = await benchKey(db);
        const served = await startServing(['--database', url]);
        for (const connections of [1, 4]) {
          const post = await secondsOfPosts(served, server.pids, { key, connections, records, name: `post-${round}` });
          const text = ratioText(records / post.outcome, records / file.outcome, 'records/s', 'of a file');
          console.log(`posts over ${connections} connections: ${text}; ${cpuText(post)}`);
        }
        await benchFeed(db, served, server.pids, key);
        await served.command.stop();
      });
    }
  });
}

async function benchFeed(db: Database, served: Served, pids: readonly number[], key: string): Promise<void> {
  const [{ entries } = { entries: 0 }] = await db.query<{ entries: number }>(
    'select count(*)::int as entries from entry',
  );
  await inFolder(async (folder) => {
    const copy = await measured(pids, 0, () => secondsOf(() => copyToFile(db, join(folder, 'copy'))));
    console.log(
      `COPY of ${entries} entries: ${ratioText(entries / copy.outcome, null, 'entries/s')}; ${cpuText(copy)}`,
    );
    for (const which of ['first', 'second', 'third']) {
      const feed = await measured(pids, served.command.pid, () =>
        secondsOf(() => feedToFile(served, key, join(folder, 'feed'))),
      );
      const text = ratioText(entries / feed.outcome, entries / copy.outcome, 'entries/s', 'of a COPY');
      console.log(`feed as NDJSON, ${which} pull of the process: ${text}; ${cpuText(feed)}`);
    }
  });
}

/** What something came to, and what it took of processors, in seconds. */
interface Measured<T> {
  readonly outcome: T;
  /** Of this process and of those that it started for it. */
  readonly own: number;
  readonly served: number;
  readonly database: number;
}

async function measured<T>(pids: readonly number[], serves: number, run: () => Promise<T>): Promise<Measured<T>> {
  const own = process.cpuUsage();
  const children = endedChildrenSeconds();
  const [served, database] = [serves === 0 ? 0 : cpuSecondsOf([serves]), cpuSecondsOf(pids)];
  const outcome = await run();
  const { user, system } = process.cpuUsage(own);
  return {
    outcome,
    own: (user + system) / 1e6 + endedChildrenSeconds() - children,
    served: serves === 0 ? 0 : cpuSecondsOf([serves]) - served,
    database: cpuSecondsOf(pids) - database,
  };
}

function cpuText({ own, served, database }: Measured<unknown>): string {
  return `CPU s: ${served.toFixed(1)} of serve, ${database.toFixed(1)} of the database, ${own.toFixed(1)} of who asks`;
}

async function secondsOf(run: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await run();
  return (performance.now() - begin) / 1000;
}

interface Posts {
  readonly key: string;
  readonly connections: number;
  readonly records: number;
  readonly name: string;
}

function secondsOfPosts(
  served: Served,
  pids: readonly number[],
  { key, connections, records, name }: Posts,
): Promise<Measured<number>> {
  const named = `${name}-${connections}`;
  const { chunks } = makeTraffic({ ...SIZE, records, name: named });
  const warmUp = makeTraffic({ ...SIZE, records: 1_000, name: `${named}-w` }).chunks;
  return postChunks(served, key, warmUp).then(() =>
    measured(pids, served.command.pid, () =>
      secondsOf(async () => {
        const rated = await postChunks(served, key, chunks, { connections });
        if (rated !== records) throw new Error(`Cannot measure: ${rated} of ${records} posted records were rated`);
      }),
    ),
  );
}

async function copyToFile(db: Database, path: string): Promise<void> {
  const rows = db.copyOut('copy (select * from entry order by bucket, position) to stdout');
  await toFile(Readable.from(rows), path);
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fairtally-bench-'));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function ratioText(rate: number, beside: number | null, unit: string, of = ''): string {
  const figure = `${Math.round(rate).toLocaleString('en')} ${unit}`;
  return beside === null ? figure : `${figure}, ${(rate / beside).toFixed(2)} ${of}`;
}
