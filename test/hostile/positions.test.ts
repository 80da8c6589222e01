import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Partitioners } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import {
  beginPartitions,
  openDatabase,
  readHoles,
  readPartitionPositions,
  readSourceCounts,
  readSourcePositions,
} from '../../ledger/index.ts';
import { type CommandRun, runCommand } from '../bin/run-command.ts';
import { writeSmallMonth } from '../bin/small-month.ts';
import { explore, type Freedom } from '../ingest/kafka/explore-partition.ts';
import { messagesOf, numbers, type StreamOptions, StreamUnderTest, until } from '../ingest/kafka/stream-under-test.ts';
import { kafkaClient } from '../support/kafka-client.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { type PassingFault, setUpFault } from './passing-fault.ts';

let stream: StreamUnderTest;
const opened: StreamUnderTest[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function open(options: StreamOptions): Promise<void> {
  stream = await StreamUnderTest.open(options);
  opened.push(stream);
}

const SMALL = { partitions: 2, batchRecords: 50 };

describe('the first slices of a partition that the ledger has never seen', () => {
  const FIRST_SLICE = 'new.position between 1 and 50';

  it.each<[string, PassingFault]>([
    ['a fault that hits the first one once', { hits: `new.partition = 0 and ${FIRST_SLICE}`, times: 1 }],
    ['a fault that lasts several retries', { hits: `new.partition = 0 and ${FIRST_SLICE}`, times: 12 }],
    ['a fault of another partition', { hits: `new.partition = 1 and ${FIRST_SLICE}`, times: 7 }],
    ['a fault of both at their commits', { hits: FIRST_SLICE, times: 9, isAtCommit: true }],
    ['a fault while it is put on record where they begin', { hits: 'new.position = 0', times: 3 }],
    ['faults of every other write', { hits: `new.position > 0 and nextval('fault_hits') % 2 = 0`, times: 24 }],
  ])('are not passed over by later ones: %s', async (_, fault) => {
    await open(SMALL);
    await stream.db.exec(setUpFault(fault));
    await stream.produce(messagesOf(0, 150), 0);
    await stream.produce(messagesOf(150, 300), 1);
    await stream.startWorker();
    await stream.taken();
    expect(await stream.billed()).toEqual(numbers(0, 300));
    expect(await stream.counts()).toEqual({ received: 300, rated: 300 });
    expect(await readHoles(stream.db)).toEqual([]);
  });

  it('are not passed over by another worker that believes the partition its own', async () => {
    await open(SMALL);
    await stream.db.exec(setUpFault({ hits: FIRST_SLICE, times: 14 }));
    await stream.produce(messagesOf(0, 200), 0);
    await stream.produce(messagesOf(200, 400), 1);
    await Promise.all(['one', 'other', 'third'].map((group) => stream.startWorker(group)));
    await stream.taken();
    expect(await stream.billed()).toEqual(numbers(0, 400));
    expect(await stream.counts()).toEqual({ received: 400, rated: 400 });
    expect(await readHoles(stream.db)).toEqual([]);
  });

  it.each([
    ['re-keyed', `new.source like 'rekey:%' and ${FIRST_SLICE}`],
    ['rated after that', `new.source like '%-rekeyed' and new.position > 0`],
  ])('are not passed over where they are %s', async (_, hits) => {
    await open({ ...SMALL, settings: ',key=other' });
    await stream.createTopic(2, stream.rekeyedTopic);
    await stream.db.exec(setUpFault({ hits, times: 7 }));
    await stream.produce(messagesOf(0, 150), 0);
    await stream.produce(messagesOf(150, 300), 1);
    await stream.startWorker();
    await stream.takenFrom(stream.topic, `rekey:${stream.topic}`);
    await stream.takenFrom(stream.rekeyedTopic, `kafka:${stream.rekeyedTopic}`);
    expect(await stream.billed()).toEqual(numbers(0, 300));
    expect(await readHoles(stream.db)).toEqual([]);
  });

  it('are not what the log begins with, if it has lost its beginning since that was put on record', async () => {
    await open(SMALL);
    await beginPartitions(stream.db, `kafka:${stream.topic}`, null, [{ partition: 0, at: 0 }]);
    await stream.produce(messagesOf(0, 100), 0);
    const partitions = [{ partition: 0, offset: '60' }];
    await until('the log has lost its beginning', () =>
      stream.admin.deleteTopicRecords({ topic: stream.topic, partitions }).then(yes, no),
    );
    const { worker } = await stream.startWorker();
    await until('the partition is stopped', () => worker.health.report().stopped.length === 1);
    expect(worker.health.report().stopped).toMatchObject([
      { partition: 0, reason: 'position-before-start', position: 0, logStart: 60 },
    ]);
    expect(await stream.billed()).toEqual([]);
  });
});

describe('the first batches of a file that the ledger has never seen', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fairtally-positions-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const FIRST_BATCH: PassingFault = { hits: 'new.position > 0', times: 5 };

  it.each<[string, PassingFault, 'postgres' | 'pglite', 'a file' | 'stdin']>([
    ['the first, on PostgreSQL', FIRST_BATCH, 'postgres', 'a file'],
    ['the first, on PGlite', FIRST_BATCH, 'pglite', 'a file'],
    ['the first of stdin', FIRST_BATCH, 'postgres', 'stdin'],
    ['the first at its commit', { ...FIRST_BATCH, isAtCommit: true }, 'postgres', 'a file'],
    ['the second', { hits: `new.position > 0 and nextval('fault_hits') > 1`, times: 11 }, 'postgres', 'a file'],
  ])('are not passed over by later ones when a fault hits %s', async (_, fault, kind, from) => {
    const month = writeSmallMonth(join(folder, 'month'));
    const records = readFileSync(month.calls);
    const database = kind === 'postgres' ? await createTestDatabase('template1') : null;
    const place = database === null ? ['--data', join(folder, 'data')] : ['--database', database.url];
    const where = database === null ? { directory: join(folder, 'data', 'ledger') } : { url: database.url };
    expect((await runCommand(folder, ['lines', 'import', 'month', ...place])).exitCode).toBe(0);
    const setUp = await openDatabase(where);
    await setUp.exec(setUpFault(fault));
    await setUp.close();

    const rate = (): Promise<CommandRun> =>
      runCommand(folder, ['rate', from === 'stdin' ? '-' : month.calls, '--batch', '200', ...place], {
        stdin: records,
      });
    const first = await rate();
    expect(first.exitCode).toBe(1);
    const second = await rate();
    expect(second).toMatchObject({ exitCode: 0 });
    const db = await openDatabase(where);
    const counts = await readSourceCounts(db);
    const received = counts.filter(({ outcome }) => outcome === 'received').map((count) => count.records);
    const lines = records.toString().trimEnd().split('\n').length;
    expect(received).toEqual([lines]);
    expect(counts.filter(({ outcome }) => outcome === 'rated').map((count) => count.records)).toEqual([month.rated]);
    expect(await readHoles(db)).toEqual([]);
    await db.close();
    await database?.drop();
  });
});

describe('a topic that is deleted and made anew under a running worker, again and again', () => {
  it('is stopped every time before anything of it is rated, however quickly it grows', async () => {
    await open({ ...SMALL, partitions: 1 });
    const { worker } = await stream.startWorker();
    await stream.produce(messagesOf(0, 20), 0);
    await stream.taken();
    for (let round = 1; round <= 3; round++) {
      const before = await stream.billed();
      await stream.admin.deleteTopics({ topics: [stream.topic] });
      await until('the topic is made anew', () => stream.createTopic(1).then(yes, no));
      await until('it has grown', () => stream.produce(messagesOf(round * 100, round * 100 + 60), 0).then(yes, no));
      await until('it is stopped', () => worker.health.report().stopped.length === 1);
      expect(worker.health.report().stopped).toMatchObject([{ reason: 'topic-made-anew' }]);
      expect(await stream.billed()).toEqual(before);
      const moved = await positionsCommand('move', stream.topic, '0', '--to', 'start', '--by', 'A', '--note', 'anew');
      expect(moved).toMatchObject({ exitCode: 0 });
      await stream.taken();
    }
    const expected = [0, 1, 2, 3].flatMap((round) => numbers(round * 100, round * 100 + (round === 0 ? 20 : 60)));
    expect(await stream.billed()).toEqual(expected);
    expect(await readHoles(stream.db)).toEqual([]);
  });
});

describe('offsets that are counted', () => {
  it('show a hole of whatever origin in a gauge and in topics positions', async () => {
    await open({ ...SMALL, partitions: 1 });
    await stream.produce(messagesOf(0, 40), 0);
    const first = await stream.startWorker();
    await stream.taken();
    await first.stop();
    await stream.produce(messagesOf(40, 60), 0);
    await stream.db.query('update source_position set position = position + 13');
    const { worker } = await stream.startWorker();
    await stream.taken();
    await until('the gauge tells', async () =>
      (await worker.metrics.registry.metrics()).includes(
        `fairtally_hole_offsets{topic="${stream.topic}",partition="0"} 13`,
      ),
    );
    const { stdout } = await positionsCommand('positions');
    expect(stdout).toContain('holes: partition 0: 13 offsets were passed, and nothing explains them');
    const source = `kafka:${stream.topic}`;
    expect(stdout).toContain(`once explained: npx fairtally holes settle '${source}' PARTITION --hole COUNT`);

    const env = { DATABASE_URL: stream.url };
    const settle = (...args: readonly string[]) =>
      runCommand('/', ['holes', 'settle', ...args, '--by', 'Ada'], { env });
    expect(await settle(source, '0', '--hole', '12', '--note', 'seen')).toMatchObject({
      exitCode: 1,
      stderr: `Cannot settle the hole of '${source}/0': it is 13, not 12\n`,
    });
    expect(await settle(source, '0', '--hole', '13', '--note', '')).toMatchObject({ exitCode: 2 });
    expect(await settle(source, '0', '--hole', '13', '--note', 'the test made it')).toEqual({
      exitCode: 0,
      stdout: `${source}/0: the hole of 13 up to 60 is settled\n`,
      stderr: '',
    });
    await until('the alarm is over', async () =>
      (await worker.metrics.registry.metrics()).includes(
        `fairtally_hole_offsets{topic="${stream.topic}",partition="0"} 0`,
      ),
    );
    const kept = `${source}/0: hole of 13 up to 60 settled by Ada: the test made it`;
    expect((await positionsCommand('positions')).stdout).toContain(kept);
    const listed = await runCommand('/', ['holes', 'list'], { env });
    expect(listed.stdout).toMatch(/^No source has a hole\n/);
    expect(listed.stdout).toContain(kept);
  });

  it('are explained by what a person skips', async () => {
    await open({ ...SMALL, partitions: 1 });
    await stream.produce(messagesOf(0, 100), 0);
    await positionsCommand('move', stream.topic, '0', '--to', '70', '--by', 'A', '--note', 'tests');
    const { worker } = await stream.startWorker();
    await stream.taken();
    expect(await stream.billed()).toEqual(numbers(70, 100));
    await positionsCommand('move', stream.topic, '0', '--to', '40', '--by', 'A', '--note', 'once more');
    // Nothing comes, and the worker follows all the same.
    await until('it is read once more', async () => (await stream.billed()).length === 60);
    expect(await worker.metrics.registry.metrics()).toContain('partition="0"} 0');
    expect((await positionsCommand('positions')).stdout).toContain('holes: none');
  });

  it('are explained by transactions, whose last control record is passed too', async () => {
    await open({ ...SMALL, partitions: 1 });
    await stream.startWorker();
    const producer = kafkaClient(inject('kafkaBrokers')).producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      transactionalId: stream.topic,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    for (let from = 0; from < 60; from += 10) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: stream.topic, messages: messagesOf(from, from + 10) });
      await (from % 20 === 0 ? transaction.commit() : transaction.abort());
    }
    await producer.disconnect();
    await stream.taken();
    expect(await stream.billed()).toEqual([...numbers(0, 10), ...numbers(20, 30), ...numbers(40, 50)]);
    expect((await readSourcePositions(stream.db, `kafka:${stream.topic}`)).get(0)).toBe(66);
    expect(await readHoles(stream.db)).toEqual([]);
  });

  it('are explained by compaction', async () => {
    await open({ ...SMALL, partitions: 1 });
    const configEntries = Object.entries({
      'cleanup.policy': 'compact',
      'segment.ms': '200',
      'min.cleanable.dirty.ratio': '0.001',
      'max.compaction.lag.ms': '200',
      'delete.retention.ms': '0',
    }).map(([name, value]) => ({ name, value }));
    await stream.admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: 2, name: stream.topic, configEntries }],
    });
    for (let from = 0; from < 400; from += 25) {
      const messages = messagesOf(from, from + 25).map((message) => ({ ...message, key: `k${from % 50}` }));
      await stream.produce(messages, 0);
    }
    await until('the log is compacted', async () => {
      await stream.produce(
        messagesOf(1000, 1001).map((message) => ({ ...message, key: 'last' })),
        0,
      );
      return (await messagesIn(stream.topic)) < 100;
    });
    await stream.startWorker();
    await stream.taken();
    const position = (await readPartitionPositions(stream.db, `kafka:${stream.topic}`)).get(0);
    expect(position?.position).toBeGreaterThan(400);
    expect(await readHoles(stream.db)).toEqual([]);
  });
});

describe('every order of events of a partition, with more of everything', () => {
  it.each<[string, Freedom]>([
    ['more failures', { log: 'mmm', sliceRecords: 1, failures: 2, assignments: 1 }],
    ['halves', { log: 'mmmm', sliceRecords: 2, failures: 1, assignments: 0 }],
    ['control records', { log: 'cmcm', sliceRecords: 1, failures: 1, assignments: 0 }],
    ['a longer log that loses more', { log: 'mcm', sliceRecords: 1, failures: 1, assignments: 0, deletions: 1 }],
  ])('%s', (_, freedom) => {
    const { loss, stuck } = explore(freedom);
    expect(loss).toBeNull();
    expect(stuck).toBeNull();
  });
});

function positionsCommand(...args: string[]): Promise<CommandRun> {
  const env = { DATABASE_URL: stream.url, KAFKA_BROKERS: inject('kafkaBrokers'), FAIRTALLY_TOPICS: stream.topic };
  return runCommand(tmpdir(), ['topics', ...args], { env });
}

/** How many messages a topic's one partition really has. */
async function messagesIn(topic: string): Promise<number> {
  const [log] = await stream.admin.fetchTopicOffsets(topic);
  const consumer = kafkaClient(inject('kafkaBrokers')).consumer({ groupId: `count-${topic}-${performance.now()}` });
  const { promise, resolve } = Promise.withResolvers<number>();
  let count = 0;
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      count += batch.messages.length;
      if (Number(batch.lastOffset()) + 1 >= Number(log?.high)) resolve(count);
    },
  });
  return promise.finally(() => consumer.disconnect());
}

function yes(): boolean {
  return true;
}

function no(): boolean {
  return false;
}
