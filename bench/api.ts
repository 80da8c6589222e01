import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Database } from '../ledger/index.ts';
import { rateFile } from './file-rating.ts';
import { microsToParse } from './micros-to-parse.ts';
import { withServer } from './postgres-server.ts';
import { benchKey, postChunks, type Served, startServing } from './served.ts';
import { makeTraffic } from './traffic.ts';

const LINES = 50_000;
const SIZE = { lines: LINES, numbersPerLine: 40, recordsPerChunk: 10_000 };

/** The API beside what it stands on, in one run: posts beside files, the feed beside COPY. */
export async function benchApi(records = 300_000, rounds = 3): Promise<void> {
  console.log(`JSON.parse of a record: ${microsToParse().toFixed(2)} µs`);
  await withServer(async (server) => {
    for (let round = 0; round < rounds; round++) {
      await server.withLedger(makeTraffic({ ...SIZE, records: 0, name: 'p' }), async ({ db, url }) => {
        const { seconds } = await rateFile(db, { ...SIZE, records, name: `file-${round}` });
        const key = await benchKey(db);
        const served = await startServing(['--database', url]);
        const post = await secondsOfPosts(served, key, records, `post-${round}`);
        console.log(`posts: ${ratioText(records / post, records / seconds, 'records/s', 'of a file')}`);
        const copy = await secondsOfCopy(db);
        const stream = await secondsOfStream(served, key);
        console.log(`feed as NDJSON: ${ratioText(1 / stream, 1 / copy, 'of all entries a second', 'of a COPY')}`);
        await served.command.stop();
      });
    }
  });
}

async function secondsOfPosts(served: Served, key: string, records: number, name: string): Promise<number> {
  await postChunks(served, key, makeTraffic({ ...SIZE, records: 1_000, name: `${name}-w` }).chunks);
  const { chunks } = makeTraffic({ ...SIZE, records, name });
  const begin = performance.now();
  const rated = await postChunks(served, key, chunks);
  if (rated !== records) throw new Error(`Cannot measure: ${rated} of ${records} posted records were rated`);
  return (performance.now() - begin) / 1000;
}

async function secondsOfCopy(db: Database): Promise<number> {
  return toFile(async () =>
    Readable.from(db.copyOut('copy (select * from entry order by bucket, position) to stdout')),
  );
}

async function secondsOfStream({ url }: Served, key: string): Promise<number> {
  return toFile(async () => {
    const headers = { authorization: `Bearer ${key}`, accept: 'application/x-ndjson' };
    const { body } = await fetch(`${url}/v1/usage`, { headers });
    if (body === null) throw new Error('Cannot measure: the feed has no body');
    return Readable.fromWeb(body as ReadableStream<Uint8Array>);
  });
}

async function toFile(open: () => Promise<Readable>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'fairtally-bench-'));
  try {
    const begin = performance.now();
    await pipeline(await open(), createWriteStream(join(folder, 'entries')));
    return (performance.now() - begin) / 1000;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function ratioText(rate: number, beside: number, unit: string, of: string): string {
  const figure = rate >= 10 ? Math.round(rate).toLocaleString('en') : rate.toFixed(3);
  return `${figure} ${unit}, ${(rate / beside).toFixed(2)} ${of}`;
}
