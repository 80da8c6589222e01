import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import kafkajs, { type Message } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { originHeaders } from '../../ingest/kafka/rekeyed-reader.ts';
import { readSourceCounts } from '../../ledger/index.ts';
import { StreamUnderTest, recordOf } from '../ingest/kafka/stream-under-test.ts';
import { createTopics, kafkaClient } from '../support/kafka-client.ts';
import { type LimitedChild, runLimited } from '../support/limited-child.ts';
import { bomb } from './bombs.ts';

const { CompressionCodecs, CompressionTypes, Partitioners } = kafkajs;
type Compression = Exclude<keyof typeof CompressionTypes, 'None'>;

/** What compose gives a worker. */
const WORKER_BYTES = 2_147_483_648;
/** Brokers take messages so large where they are told to. */
const LARGE = [{ name: 'max.message.bytes', value: '33554432' }];
const PATIENCE_MS = 150_000;

let stream: StreamUnderTest;
let folder: string;
let worker: LimitedChild | null = null;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-hostile-'));
  stream = await StreamUnderTest.open({ partitions: 1 });
});
afterEach(async () => {
  await worker?.stop();
  worker = null;
  await stream.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A topic of its own beside the stream's, for messages of any size. */
async function createTopic(name: string, numPartitions: number): Promise<string> {
  const topic = `${stream.topic}-${name}`;
  await createTopics(stream.admin, [{ topic, numPartitions, replicationFactor: 1, configEntries: LARGE }]);
  return topic;
}

/** Produces messages to a partition as one batch, whose compressed records are `compressed` where that is given. */
async function send(
  topic: string,
  partition: number,
  messages: readonly Message[],
  compression: Compression | 'None' = 'None',
  compressed?: Buffer,
): Promise<void> {
  if (compression !== 'None') {
    const compress = async ({ buffer }: { buffer: Buffer }): Promise<Buffer> =>
      compressed ?? (compression === 'ZSTD' ? zstdCompressSync(buffer) : gzipSync(buffer));
    CompressionCodecs[CompressionTypes[compression]] = () => ({ compress, decompress: async (bytes: Buffer) => bytes });
  }
  const producer = kafkaClient(inject('kafkaBrokers')).producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  try {
    const placed = messages.map((message) => ({ ...message, partition }));
    await producer.send({ topic, acks: -1, messages: placed, compression: CompressionTypes[compression] });
  } finally {
    await producer.disconnect();
  }
}

function startWorker(...topics: readonly string[]): LimitedChild {
  const named = topics.flatMap((topic) => ['--topic', topic]);
  const own = ['--rekeyed-topic', `${stream.topic}-rekeyed`, '--group', stream.topic, '--linger-ms', '50'];
  const env = { DATABASE_URL: stream.url, KAFKA_BROKERS: inject('kafkaBrokers') };
  worker = runLimited(['worker', ...named, ...own], env, WORKER_BYTES);
  return worker;
}

/** Waits until all of a topic is taken; throws when the worker ends before, or it takes too long. */
async function untilTaken(topic: string, source: string, partitions: number): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  const ends = await stream.admin.fetchTopicOffsets(topic);
  for (;;) {
    const rows = await stream.db.query<{ partition: number; position: bigint }>(
      'select partition, position from source_position where source = $1',
      [source],
    );
    const positions = new Map(rows.map(({ partition, position }) => [partition, Number(position)]));
    const behind = ends.filter(({ partition, high }) => (positions.get(partition) ?? 0) < Number(high));
    if (behind.length === 0 && ends.length === partitions) return;
    const ended = await Promise.race([worker?.ended, new Promise<null>((resolve) => setTimeout(resolve, 200, null))]);
    const state = `${JSON.stringify(behind)} of ${JSON.stringify([...positions])}`;
    if (ended !== null) throw new Error(`The worker ended, ${JSON.stringify(ended).slice(0, 3_000)}: ${state}`);
    if (Date.now() > giveUpAt) throw new Error(`Not taken: ${state}; ${worker?.out().slice(-3_000)}`);
  }
}

/** The worker ends in order, and had no more memory than it may have. */
async function expectGoodEnd(): Promise<void> {
  const { end, peakBytes, out } = await worker!.stop();
  worker = null;
  expect([end, out.slice(-2_000)]).toEqual([0, expect.any(String)]);
  console.log(`the worker had ${Math.round(peakBytes / 1_048_576)} MiB at most`);
  expect(peakBytes).toBeLessThan(WORKER_BYTES);
}

/** What became of a source's records. */
async function countsOf(source: string): Promise<Record<string, number>> {
  const counts = await readSourceCounts(stream.db, source);
  return Object.fromEntries(
    counts.map(({ outcome, reason, records }) => [[outcome, reason].join(' ').trim(), records]),
  );
}

interface Kept {
  readonly position: bigint;
  readonly partition: number;
  readonly bytes: number;
  readonly detail: string;
}

function keptOf(source: string, reason: string): Promise<Kept[]> {
  return stream.db.query<Kept>(
    `select partition, position, length(record) as bytes, detail from quarantine where source = $1 and reason = $2
     order by partition, position, item`,
    [source, reason],
  );
}

function goodCall(index: number): Message {
  return { key: 'A0', value: recordOf(index) };
}

/** Received is what became of each record. */
function expectSum(counts: Record<string, number>): void {
  const { received = 0, ...outcomes } = counts;
  expect(Object.values(outcomes).reduce((sum, records) => sum + records, 0)).toBe(received);
}

/** Lines that are no records, each another. */
function numberedLines(count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, (_, index) => `${index}\n`).join(''));
}

/** JSON that is nested so deep. */
function deep(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

/** Call number `index`, to something that is no number. */
function callTo(index: number, json: string): string {
  return recordOf(index).replace(/"to":"[^"]*"/, () => `"to":${json}`);
}

/** The value of a re-keyed message. */
function frameOf(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([1]), zstdCompressSync(bytes)]);
}

describe('a worker with the memory of compose', () => {
  it('takes bombs of every compression in several partitions at once, and what follows them', async () => {
    const topic = await createTopic('bombs', 6);
    const source = `kafka:${topic}`;
    const sizes = { GZIP: 943_718_400, ZSTD: 1_900_000_000, LZ4: 629_145_600, Snappy: 209_715_200 } as const;
    for (const [partition, [compression, size]] of Object.entries(sizes).entries()) {
      const codec = compression.toLowerCase() as Lowercase<Compression>;
      await send(topic, partition, [goodCall(16 * partition)]);
      await send(topic, partition, [{ key: 'A0', value: 'x' }], compression as Compression, await bomb(codec, size));
      await send(topic, partition, [goodCall(16 * partition + 8)]);
    }
    await send(topic, 4, [{ key: 'A0', value: Buffer.alloc(30_000_000, 'a') }]);
    await send(topic, 4, [goodCall(100)]);
    // A second bomb in the same batches' partition, and one more that has to wait for its turn.
    await send(topic, 5, [{ key: 'A0', value: 'x' }], 'ZSTD', await bomb('zstd', 700_000_000));
    await send(topic, 5, [{ key: 'A0', value: 'x' }], 'GZIP', await bomb('gzip', 50_000_000));
    await send(topic, 5, [goodCall(101)]);

    startWorker(topic);
    await untilTaken(topic, source, 6);
    const counts = await countsOf(source);
    expect(counts).toEqual({ received: 17, rated: 10, 'quarantined too-long': 7 });
    expectSum(counts);
    const kept = await keptOf(source, 'too-long');
    expect(kept.map(({ partition, bytes }) => [partition, bytes])).toEqual(
      [0, 1, 2, 3, 4, 5, 5].map((partition) => [partition, 1_048_576]),
    );
    expect(kept.map(({ detail }) => Number(/(\d+) bytes/.exec(detail)?.[1]))).toEqual([
      ...Object.values(sizes),
      30_000_000,
      700_000_000,
      50_000_000,
    ]);
    await expectGoodEnd();
  });

  it('takes messages of very many records, and batches of very many messages', async () => {
    const topic = await createTopic('many', 3);
    const source = `kafka:${topic}`;
    const tiny = numberedLines(2_700_000);
    await send(topic, 0, [{ key: 'A0', value: tiny }], 'GZIP');
    await send(topic, 0, [goodCall(1)]);
    // 60 MB of messages that compress a thousandfold: one call, and again and again the same.
    const padded = `${recordOf(2)}${' '.repeat(3_000)}`;
    const many = Array.from({ length: 20_000 }, () => ({ key: 'A0', value: padded }));
    await send(topic, 1, many, 'ZSTD');
    await send(topic, 1, [goodCall(3)]);
    // Many messages of many records each.
    const lines = Buffer.alloc(18_000, '{}\n');
    await send(
      topic,
      2,
      Array.from({ length: 5 }, () => ({ key: 'A0', value: lines })),
      'ZSTD',
    );
    await send(topic, 2, [goodCall(4)]);

    startWorker(topic);
    await untilTaken(topic, source, 3);
    const counts = await countsOf(source);
    const rest = await keptOf(source, 'too-many-records');
    expect(counts).toMatchObject({ rated: 4, duplicate: 19_999 + 29_999, 'quarantined not-an-object': 100_000 });
    // What can't be read waits once, however often it comes.
    expect(counts).toMatchObject({ 'quarantined missing-field': 1 });
    expectSum(counts);
    // Nothing of the message is lost: what is not read as records waits whole.
    expect(rest.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(tiny.length - numberedLines(100_000).length);
    await expectGoodEnd();
  });

  it('gives each record of a poisoned topic its outcome, keyed by account or not', async () => {
    const poison: readonly Message[] = [
      goodCall(1),
      { key: 'A0', value: callTo(2, deep(20_000)) },
      { key: 'A0', value: callTo(3, deep(400_000)) },
      { key: 'A0', value: `{"strange":${deep(20_000)}` },
      { key: 'A0', value: deep(20_000) },
      { key: 'A0', value: null },
      { value: null },
      { key: 'A0', value: '' },
      { key: 'A0', value: Buffer.from([0xef, 0xbb, 0xbf]) },
      { key: 'A0', value: '\n\n' },
      { value: recordOf(4) },
      { key: '', value: recordOf(5) },
      { key: Buffer.alloc(300_000, 'k'), value: recordOf(6) },
      {
        key: 'A0',
        value: recordOf(7),
        headers: { ...originHeaders({ source: 'kafka:evil', partition: 99, format: 'x' }), x: Buffer.alloc(200_000) },
      },
      {
        key: 'A0',
        value: recordOf(8),
        headers: Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`h${index}`, 'v'])),
      },
      { key: 'A0', value: `${recordOf(9)}\n${recordOf(10)}` },
      { key: 'A0', value: Buffer.from([1, 0x28, 0xb5, 0x2f, 0xfd]) },
      { key: 'A0', value: recordOf(11) + '\0' },
      goodCall(12),
    ];
    const keyed = await createTopic('keyed', 1);
    const other = await createTopic('other', 1);
    const rekeyed = await createTopic('rekeyed', 4);
    for (const topic of [keyed, other]) {
      for (const compression of ['None', 'GZIP', 'ZSTD'] as const) {
        await send(topic, 0, poison.slice(0, 9), compression);
        await send(topic, 0, poison.slice(9), compression);
      }
    }
    // What the re-keyer did not write: bombs, headers and frames of others.
    const headers = originHeaders({ source: 'kafka:cdr', partition: 0, format: 'canonical-ndjson' });
    const strange: readonly Message[] = [
      { value: frameOf(Buffer.alloc(900_000_000)), headers },
      ...Array.from({ length: 300 }, () => ({ value: frameOf(Buffer.alloc(4_000_000)), headers })),
      { value: frameOf(Buffer.alloc(20, 0xff)), headers },
      { value: frameOf(Buffer.alloc(20)), headers: { ...headers, 'fairtally-source': 'evil\0' } },
      { value: frameOf(Buffer.alloc(20)), headers: { ...headers, 'fairtally-format': Buffer.alloc(100_000, 'f') } },
      { value: frameOf(Buffer.alloc(20)), headers: { ...headers, 'fairtally-partition': '99999999999' } },
      { value: frameOf(Buffer.concat([Buffer.alloc(8, 0x7f), Buffer.alloc(12)])), headers },
      { value: frameOf(Buffer.concat([Buffer.alloc(8), Buffer.alloc(4, 0xff), Buffer.alloc(8)])), headers },
      { value: recordOf(90), headers: {} },
    ];
    await send(rekeyed, 0, strange);

    startWorker(keyed, `${other},key=other`);
    await untilTaken(keyed, `kafka:${keyed}`, 1);
    await untilTaken(other, `rekey:${other}`, 1);
    await untilTaken(rekeyed, `kafka:${rekeyed}`, 4);
    // Each comes six times, by two topics, and waits once.
    const unread = { 'invalid-field': 2, 'invalid-utf8': 1, 'not-json': 2, 'not-an-object': 1 };
    const both = [await countsOf(`kafka:${keyed}`), await countsOf(`kafka:${other}`)];
    for (const counts of both) expectSum(counts);
    for (const [reason, records] of Object.entries(unread)) {
      const waiting = both.map((counts) => counts[`quarantined ${reason}`] ?? 0);
      expect([reason, waiting[0]! + waiting[1]!]).toEqual([reason, records]);
    }
    expect(await countsOf('kafka:evil')).toEqual({});
    const forged = await countsOf(`kafka:${rekeyed}`);
    expectSum(forged);
    // 300 of them are alike, and three more.
    expect(forged['quarantined broken-frame']).toBe(strange.length - 299 - 2);
    // Each call once, whichever topic it came by first.
    expect(await stream.billed()).toEqual([1, 4, 5, 6, 7, 8, 9, 10, 12]);
    await expectGoodEnd();
  });
});

describe('rating files with the memory of compose', () => {
  it('survives a gigabyte of one line, and gzip of it, and goes on behind', async () => {
    const paths = [join(folder, 'endless.ndjson'), join(folder, 'endless.ndjson.gz'), join(folder, 'tiny.ndjson')];
    const [plain, packed, tiny] = paths as [string, string, string];
    const endless = await open(plain, 'w');
    await endless.write(`${recordOf(1)}\n`);
    const piece = Buffer.alloc(16_777_216, '[');
    for (let at = 0; at < 64; at++) await endless.write(piece);
    await endless.write(`\n${recordOf(2)}\n`);
    await endless.close();
    const member = gzipSync(piece, { level: 1 });
    const gzip = await open(packed, 'w');
    await gzip.write(gzipSync(`${recordOf(3)}\n`));
    // One piece less, as the same line again would be a duplicate.
    for (let at = 0; at < 63; at++) await gzip.write(member);
    await gzip.write(gzipSync(`\n${recordOf(4)}\n`));
    await gzip.close();
    const many = await open(tiny, 'w');
    await many.write(`${recordOf(5)}\n`);
    await many.write(Buffer.alloc(200_000, '0\n'));
    await many.write(`${recordOf(6)}\n`);
    await many.close();

    const env = { DATABASE_URL: stream.url };
    const child = runLimited(['rate', ...paths], env, WORKER_BYTES);
    const { end, peakBytes, out } = await child.ended;
    console.log(`rate had ${Math.round(peakBytes / 1_048_576)} MiB at most`);
    expect([end, out.slice(-2_000)]).toEqual([0, expect.any(String)]);
    expect(await stream.billed()).toEqual([1, 2, 3, 4, 5, 6]);
    for (const path of [plain, packed]) {
      expect(await countsOf(`file:${path}`)).toEqual({ received: 3, rated: 2, 'quarantined too-long': 1 });
    }
    expect(await countsOf(`file:${tiny}`)).toEqual({
      received: 100_002,
      rated: 2,
      'quarantined not-an-object': 1,
      duplicate: 99_999,
    });
    expect(peakBytes).toBeLessThan(WORKER_BYTES / 2);
  });
});
