import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { openDatabase } from '../ledger/index.ts';
import { startCommand } from './child-command.ts';
import { setUpLedger } from './ledger.ts';
import { microsToParse } from './micros-to-parse.ts';
import { withServer } from './postgres-server.ts';
import type { QuoteAnswers, QuoteLoad } from './quote-client.ts';
import { benchKey, postChunks, type Served, startServing } from './served.ts';
import { makeTraffic } from './traffic.ts';

const LINES = 50_000;
const SIZE = { lines: LINES, numbersPerLine: 40, recordsPerChunk: 10_000 };
const QUOTES = { aSecond: 500, seconds: 20, lines: LINES, at: Date.UTC(2026, 10, 15, 10) };

/** Records a second at which a process beside the quotes is fed evenly. */
const STEADY = [5_000, 20_000];
/** Of a switch that posts what it has, several times a second. */
const RECORDS_A_POST = 500;

/**
 * Quotes at 500 a second. On PostgreSQL alone, beside another process that is fed evenly, and beside `fairtally rate`,
 * which takes all that the processors have; on the embedded ledger alone, and beside records that are posted to the
 * process that answers, evenly and as fast as it takes them.
 */
export async function benchQuotes(): Promise<void> {
  console.log(`JSON.parse of a record: ${microsToParse().toFixed(2)} µs`);
  await withServer((server) =>
    server.withLedger(makeTraffic({ ...SIZE, records: 0, name: 'q' }), async ({ db, url }) => {
      const key = await benchKey(db);
      const served = await startServing(['--database', url]);
      await postChunks(served, key, makeTraffic({ ...SIZE, records: 50_000, name: 'before' }).chunks);
      await benchServerQuotes(served, key, url);
      await served.command.stop();
    }),
  );
  await benchEmbeddedQuotes();
}

async function benchServerQuotes(served: Served, key: string, url: string): Promise<void> {
  await quotes(served, key, 2);
  console.log(`quotes, PostgreSQL: ${quotesText(await quotes(served, key, QUOTES.seconds))}`);
  const other = await startServing(['--database', url]);
  for (const aSecond of STEADY) {
    console.log(`beside another process that rates ${await besidePosts(served, other, key, aSecond)}`);
  }
  await other.command.stop();
  await withFile(async (path) => {
    const rating = startCommand(['rate', path, '--database', url]);
    console.log(`beside a rating process: ${quotesText(await quotes(served, key, QUOTES.seconds))}`);
    await rating.stop();
  });
}

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
    for (const aSecond of [STEADY[0]!, Infinity]) {
      console.log(`while the same process rates ${await besidePosts(served, served, key, aSecond)}`);
    }
    await served.command.stop();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Quotes of one process beside records that are posted to another, or to the same. */
async function besidePosts(asked: Served, posted: Served, key: string, recordsASecond: number): Promise<string> {
  const stopping = new AbortController();
  const recordsPerChunk = recordsASecond === Infinity ? SIZE.recordsPerChunk : RECORDS_A_POST;
  const traffic = makeTraffic({ ...SIZE, recordsPerChunk, records: 600_000, name: `beside-${recordsASecond}` });
  const begin = performance.now();
  const posting = postChunks(posted, key, traffic.chunks, { signal: stopping.signal, recordsASecond, connections: 2 });
  const answers = await quotes(asked, key, QUOTES.seconds);
  stopping.abort();
  const rated = await posting;
  const perSecond = Math.round((rated * 1000) / (performance.now() - begin));
  return `${perSecond.toLocaleString('en')} posted records/s: ${quotesText(answers)}`;
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
