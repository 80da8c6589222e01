import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { Worker } from 'node:worker_threads';
import { type Database, openDatabase } from '../ledger/index.ts';
import { startCommand } from './child-command.ts';
import { rateFile } from './file-rating.ts';
import { setUpLedger } from './ledger.ts';
import { withServer } from './postgres-server.ts';
import type { QuoteAnswers, QuoteLoad } from './quote-client.ts';
import { benchKey, postChunks, type Served, startServing } from './served.ts';
import { makeTraffic } from './traffic.ts';

const LINES = 50_000;
const SIZE = { lines: LINES, numbersPerLine: 40, recordsPerChunk: 10_000 };
const QUOTES = { aSecond: 500, seconds: 20, lines: LINES, at: Date.UTC(2026, 10, 15, 10) };
const PARSED = 20_000;

/** The API beside what it stands on, in one run: posts beside files, the feed beside COPY, quotes beside rating. */
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
        if (round === 0) await benchQuotes(served, key, url);
        await served.command.stop();
      });
    }
  });
  await benchEmbeddedQuotes();
}

/** Quotes alone, then beside `fairtally rate`, which is a process of its own. */
async function benchQuotes(served: Served, key: string, url: string): Promise<void> {
  await quotes(served, key, 2);
  console.log(`quotes, PostgreSQL: ${quotesText(await quotes(served, key, QUOTES.seconds))}`);
  await withFile(async (path) => {
    const rating = startCommand(['rate', path, '--database', url]);
    console.log(`quotes beside a rating process: ${quotesText(await quotes(served, key, QUOTES.seconds))}`);
    await rating.stop();
  });
}

/** Quotes alone, then beside records that are posted to the same process, which rates them itself. */
async function benchEmbeddedQuotes(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fairtally-bench-api-'));
  try {
    const db = await openDatabase({ directory: join(directory, 'ledger') });
    await setUpLedger(db, makeTraffic({ ...SIZE, records: 0, name: 'e' }));
    const key = await benchKey(db);
    await db.close();
    const served = await startServing(['--data', directory]);
    await postChunks(served, key, makeTraffic({ ...SIZE, records: 50_000, name: 'before' }).chunks);
    await quotes(served, key, 2);
    console.log(`quotes, embedded: ${quotesText(await quotes(served, key, QUOTES.seconds))}`);
    const stopping = new AbortController();
    const traffic = makeTraffic({ ...SIZE, records: 1_000_000, name: 'beside' });
    const begin = performance.now();
    const posting = postChunks(served, key, traffic.chunks, stopping.signal);
    const answers = await quotes(served, key, QUOTES.seconds);
    stopping.abort();
    const rated = await posting;
    const perSecond = Math.round((rated * 1000) / (performance.now() - begin));
    console.log(`quotes beside ${perSecond.toLocaleString('en')} posted records/s: ${quotesText(answers)}`);
    await served.command.stop();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
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

async function quotes({ url }: Served, key: string, seconds: number): Promise<QuoteAnswers> {
  const workerData: QuoteLoad = { ...QUOTES, url, key, seconds };
  const thread = new Worker(new URL('./quote-client.ts', import.meta.url), { workerData });
  const [answers] = (await once(thread, 'message')) as [QuoteAnswers];
  await thread.terminate();
  return answers;
}

function quotesText({ milliseconds, failures }: QuoteAnswers): string {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (part: number): string => (sorted[Math.floor(sorted.length * part)] ?? Number.NaN).toFixed(1);
  return (
    `${sorted.length} answered, ${failures} not; ` +
    `ms: p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, p99.9 ${at(0.999)}`
  );
}

function ratioText(rate: number, beside: number, unit: string, of: string): string {
  const figure = rate >= 10 ? Math.round(rate).toLocaleString('en') : rate.toFixed(3);
  return `${figure} ${unit}, ${(rate / beside).toFixed(2)} ${of}`;
}

async function withFile(run: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fairtally-bench-'));
  try {
    const path = join(folder, 'calls.ndjson');
    await writeFile(path, makeTraffic({ ...SIZE, records: 1_500_000, name: 'beside' }).chunks);
    await run(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function microsToParse(): number {
  const [chunk] = makeTraffic({ ...SIZE, recordsPerChunk: PARSED, records: PARSED, name: 'parsed' }).chunks;
  const texts = String(chunk).trimEnd().split('\n');
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const begin = performance.now();
    for (const text of texts) JSON.parse(text);
    best = Math.min(best, performance.now() - begin);
  }
  return (best * 1000) / texts.length;
}
