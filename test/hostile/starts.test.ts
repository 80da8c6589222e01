import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Admin, type Producer } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { type Database, openDatabase, readSourcePositions } from '../../ledger/index.ts';
import { type CommandRun, runCommand } from '../bin/run-command.ts';
import { type StartedCommand, startCommand } from '../bin/start-command.ts';
import { createTopics, exactProducer, kafkaClient } from '../support/kafka-client.ts';
import { billedCalls } from '../support/posted-ledger.ts';
import { runOn } from '../support/postgres.ts';
import { createTestDatabase } from '../support/test-database.ts';

/** When the messages reached their topic: they say so themselves, so that the day of the test decides nothing. */
const RECEIVED = Date.parse('2026-11-20T12:00:00Z');
const PATIENCE = { timeout: 60_000, interval: 200 };
const GOOD = 40;

function record(call: string, answered: string, line = 'L1'): string {
  return JSON.stringify({ v: 1, switch: 'sbc', call, line, to: '+33612345678', answered, durationMs: 61_000 });
}

function good(no: number, day = '2026-11-19'): string {
  return record(
    `good-${no}`,
    `${day}T08:00:${String(no % 60).padStart(2, '0')}.${String(no % 1000).padStart(3, '0')}Z`,
  );
}

/** Clocks that are wrong in every way, and one call in each month from 2001 to 2059. */
const WRONG_CLOCKS = [
  '2044-03-01T00:00:00Z',
  '1970-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '0000-01-01T00:00:00Z',
  '2026-11-21T12:00:00.001Z',
  '2025-10-16T11:59:59.999Z',
].map((answered, no) => record(`clock-${no}`, answered));
const WRONG_MONTHS = Array.from({ length: 708 }, (_, month) => {
  const day = new Date(Date.UTC(2001, month, 15)).toISOString();
  return record(`month-${day.slice(0, 7)}`, day);
});
/** Of the 708 months, these lie within 400 days of the receipt: their calls are plausible. */
const PLAUSIBLE_MONTHS = 13;

let folder: string;
let admin: Admin;
let producer: Producer;
let database: { url: string; drop: () => Promise<void> };
let db: Database;
let role: string;
let workers: StartedCommand[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-starts-'));
  mkdirSync(join(folder, 'lines'));
  writeFileSync(join(folder, 'lines', 'accounts.csv'), 'account,name\nA1,Dupont\n');
  writeFileSync(
    join(folder, 'lines', 'lines.csv'),
    'line,account,number,offer,usage_class,mobility,equipment,from,to\n' +
      'L1,A1,+33140000001,full-illimite,business,off,managed,2001-01-01,\n',
  );
  const kafka = kafkaClient(inject('kafkaBrokers'));
  admin = kafka.admin();
  producer = exactProducer(kafka);
  await admin.connect();
  await producer.connect();
});
afterAll(async () => {
  await producer.disconnect();
  await admin.disconnect();
  rmSync(folder, { recursive: true });
});

/** A ledger that its owner has set up, with November 2026, and a role that may make no table. */
beforeEach(async () => {
  workers = [];
  database = await createTestDatabase('template1');
  db = await openDatabase({ url: database.url });
  for (const args of [
    ['setup', '--months', '2026-11'],
    ['lines', 'import', 'lines'],
  ]) {
    const { exitCode, stderr } = await command(...args);
    if (exitCode !== 0) throw new Error(stderr);
  }
  role = `rating_${randomUUID().slice(0, 8)}`;
  await db.exec(`
    create role ${role} login password 'rating';
    grant usage on schema public to ${role};
    grant select, insert on all tables in schema public to ${role};
    grant update on head, source_position, source_count, quarantine, unread_arrival, breach, case_file, account,
      line_suspension, relay_cursor, leg_head, registration, registered_line to ${role};
    grant delete on line_fact, line_device, line_network, stale_line, line_suspension to ${role};
  `);
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await db.close();
  await database.drop();
  await runOn(inject('postgres').url, `drop role ${role}`);
});

/** A command of the owner. */
function command(...args: string[]): Promise<CommandRun> {
  return runCommand(folder, args, { env: { DATABASE_URL: database.url } });
}

function urlOfRole(): string {
  const url = new URL(database.url);
  url.username = role;
  url.password = 'rating';
  return url.href;
}

function mayHaveMonthsMade(): Promise<void> {
  return db.exec(`grant execute on function ensure_entry_month(int) to ${role}`);
}

/** A topic whose log keeps old messages, and a worker of the role on it. */
async function startStream(settings = '', more: Record<string, string> = {}): Promise<{ topic: string; port: number }> {
  const topic = `clock-${randomUUID()}`;
  const configEntries = [{ name: 'retention.ms', value: '-1' }];
  const topics = [topic, `${topic}-rekeyed`].map((name) => ({ topic: name, numPartitions: 1, configEntries }));
  await createTopics(admin, topics);
  const env = {
    DATABASE_URL: urlOfRole(),
    KAFKA_BROKERS: inject('kafkaBrokers'),
    FAIRTALLY_TOPICS: `${topic}${settings}`,
    FAIRTALLY_REKEYED_TOPIC: `${topic}-rekeyed`,
    FAIRTALLY_GROUP: topic,
    FAIRTALLY_METRICS_PORT: '0',
    ...more,
  };
  const worker = startCommand(folder, ['worker'], env);
  workers.push(worker);
  await expect.poll(() => worker.lines.map(({ msg }) => msg), PATIENCE).toContain('worker started');
  return { topic, port: Number(worker.lines.find(({ msg }) => msg === 'worker started')?.['port']) };
}

async function produce(topic: string, values: readonly string[], timestamp: number | null = RECEIVED): Promise<void> {
  const at = timestamp === null ? {} : { timestamp: String(timestamp) };
  await producer.send({ topic, acks: -1, messages: values.map((value) => ({ key: 'A1', value, ...at })) });
}

/** Waits until the ledger stands at the log's end. */
async function taken(topic: string): Promise<void> {
  const [log] = await admin.fetchTopicOffsets(topic);
  const position = async (): Promise<number> => (await readSourcePositions(db, `kafka:${topic}`)).get(0) ?? 0;
  await expect.poll(position, PATIENCE).toBe(Number(log?.high));
}

async function billed(): Promise<string[]> {
  return [...(await billedCalls(db)).keys()].map((identity) => String(JSON.parse(identity)[1])).toSorted();
}

async function waiting(): Promise<Record<string, number>> {
  const rows = await db.query<{ reason: string; records: number }>(
    `select reason, count(*)::int as records from quarantine where state = 'waiting' group by reason order by reason`,
  );
  return Object.fromEntries(rows.map(({ reason, records }) => [reason, records]));
}

async function months(): Promise<number> {
  const [row] = await db.query<{ months: number }>(
    `select count(*)::int as months from pg_inherits where inhparent = 'entry'::regclass`,
  );
  return row?.months ?? 0;
}

const GOOD_CALLS = Array.from({ length: GOOD }, (_, no) => `good-${no}`).toSorted();

/** Good records first, in between and last. */
function mixed(wrong: readonly string[]): string[] {
  const goods = Array.from({ length: GOOD }, (_, no) => good(no));
  const every = Math.ceil(wrong.length / (GOOD - 2)) || 1;
  return [
    ...goods.splice(0, 1),
    ...wrong.flatMap((text, index) =>
      index % every === 0 ? [text, ...goods.splice(0, goods.length > 1 ? 1 : 0)] : [text],
    ),
    ...goods,
  ];
}

describe('wrong clocks, by Kafka', () => {
  it.each([
    ['keyed by account', ''],
    ['by way of the re-keying topic', ',key=other'],
  ])('stop no partition of a role that may make no month: %s', async (_, settings) => {
    const before = await months();
    const { topic, port } = await startStream(settings);
    await produce(topic, mixed([...WRONG_CLOCKS, ...WRONG_MONTHS]));
    const total = WRONG_CLOCKS.length + WRONG_MONTHS.length + GOOD;
    const waits = async (): Promise<number> => Object.values(await waiting()).reduce((sum, count) => sum + count, 0);
    await expect.poll(async () => (await waits()) + (await billed()).length, PATIENCE).toBe(total);
    const found = await billed();
    expect(found).toEqual(expect.arrayContaining(GOOD_CALLS));
    const reasons = await waiting();
    expect(reasons).toMatchObject({ 'invalid-field': 3, 'start-implausible': 708 - PLAUSIBLE_MONTHS + 3 });
    expect((reasons['month-not-prepared'] ?? 0) + found.length).toBe(GOOD + PLAUSIBLE_MONTHS);
    expect(await months()).toBe(before);
    const health = await fetch(`http://127.0.0.1:${port}/health`);
    expect(await health.json()).toMatchObject({ stopped: [] });
  });

  it('a plausible month that is missing waits, with an alarm that says who must do what; made, it is rated by itself', async () => {
    const { topic, port } = await startStream();
    await produce(topic, [good(0), good(1, '2026-03-02'), good(2)]);
    await taken(topic);
    expect(await billed()).toEqual(['good-0', 'good-2']);
    expect(await waiting()).toEqual({ 'month-not-prepared': 1 });
    const alarm = { level: 'error', waited: [202_603], msg: expect.stringContaining('fairtally setup') };
    await expect.poll(() => workers[0]?.lines ?? [], PATIENCE).toContainEqual(expect.objectContaining(alarm));
    const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    await expect.poll(metrics, PATIENCE).toContain('fairtally_months_waited_for 1');
    expect((await command('setup', '--months', '2026-03')).stdout).toContain('Months made: 2026-03');
    await expect.poll(billed, PATIENCE).toEqual(['good-0', 'good-1', 'good-2']);
    await produce(topic, [good(3, '2026-03-03')]);
    await taken(topic);
    await expect.poll(billed, PATIENCE).toContain('good-3');
    await expect.poll(metrics, PATIENCE).toContain('fairtally_months_waited_for 0');
  });

  it('a role that may call for months has plausible ones made, and no others', async () => {
    await mayHaveMonthsMade();
    const before = await months();
    const { topic } = await startStream();
    await produce(topic, mixed([...WRONG_CLOCKS, ...WRONG_MONTHS]));
    await taken(topic);
    const found = await billed();
    expect(found).toHaveLength(GOOD + PLAUSIBLE_MONTHS);
    expect(await months()).toBeLessThanOrEqual(before + PLAUSIBLE_MONTHS);
    expect(await waiting()).toEqual({ 'invalid-field': 3, 'start-implausible': 708 - PLAUSIBLE_MONTHS + 3 });
  });

  it('whose messages have a wrong clock, too, make no more months than a ledger may have of records', async () => {
    await mayHaveMonthsMade();
    const { topic } = await startStream();
    await produce(topic, [good(0)]);
    for (const text of WRONG_MONTHS.filter((_, index) => index % 5 === 0)) {
      const at = Date.parse(JSON.parse(text).answered);
      // Brokers refuse messages from the future.
      if (at < RECEIVED) await produce(topic, [text], at);
    }
    await produce(topic, [good(1)]);
    await taken(topic);
    expect(await billed()).toEqual(expect.arrayContaining(['good-0', 'good-1']));
    expect(await months()).toBeLessThanOrEqual(60);
  });

  it('are released by a wider setting and a replay, by the receipt that was kept', async () => {
    const { topic } = await startStream();
    await produce(topic, [record('late', '2026-11-25T08:00:00Z'), record('later', '2026-11-27T08:00:00Z'), good(0)]);
    await taken(topic);
    expect(await waiting()).toEqual({ 'start-implausible': 2 });
    await command('quarantine', 'replay');
    expect(await waiting()).toEqual({ 'start-implausible': 2 });
    const env = { DATABASE_URL: database.url, FAIRTALLY_TOPICS: `${topic},starts-after-days=5` };
    const replayed = await runCommand(folder, ['quarantine', 'replay'], { env });
    expect(replayed.stdout).toContain('2 records tried, 1 rated, 1 wait on');
    expect(await billed()).toEqual(['good-0', 'late']);
    const [row] = await db.query<{ no: bigint }>(`select no from quarantine where state = 'waiting'`);
    const accepted = await command('quarantine', 'accept', String(row?.no), '--by', 'A. Martin', '--note', 'checked');
    expect(accepted.stdout).toContain('1 start accepted by A. Martin: 1 call rated');
    expect(await billed()).toEqual(['good-0', 'late', 'later']);
    const again = await command('quarantine', 'accept', String(row?.no), '--by', 'A. Martin', '--note', 'checked');
    expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no record of this number waits as') });
  });

  it('are judged by the settings of their topic', async () => {
    const { topic } = await startStream(',starts-after-days=30,starts-before-days=2');
    await produce(topic, [record('ahead', '2026-11-28T08:00:00Z'), record('behind', '2026-11-17T08:00:00Z'), good(0)]);
    await taken(topic);
    expect(await billed()).toEqual(['ahead', 'good-0']);
    expect(await waiting()).toEqual({ 'start-implausible': 1 });
  });
});

describe('wrong clocks, by a file', () => {
  it.each([['the owner'], ['a role that may make no month']])(
    'hinder no good record, and months stay bounded: %s',
    async (who) => {
      const file = join(folder, `${randomUUID()}.ndjson`);
      writeFileSync(file, `${mixed([...WRONG_CLOCKS, ...WRONG_MONTHS]).join('\n')}\n`);
      const env = { DATABASE_URL: who === 'the owner' ? database.url : urlOfRole() };
      const { exitCode, stderr } = await runCommand(folder, ['rate', file], { env });
      expect([exitCode, stderr]).toEqual([0, expect.stringContaining('fairtally setup --months FROM..TO')]);
      const found = await billed();
      expect(found).toEqual(expect.arrayContaining(GOOD_CALLS));
      expect(await months()).toBeLessThanOrEqual(60);
      const waits = await waiting();
      expect(waits).toMatchObject({ 'invalid-field': 3, 'month-not-prepared': expect.any(Number) });
      expect(found.length + (waits['month-not-prepared'] ?? 0) + 3).toBe(GOOD + WRONG_CLOCKS.length + 708);
      const strict = await runCommand(folder, ['rate', '--again', '--strict', file], { env });
      expect(strict.exitCode).toBe(0);
      // Whatever else waits: the next good record is rated.
      writeFileSync(file, `${good(41)}\n`, { flag: 'a' });
      expect((await runCommand(folder, ['rate', '--strict', file], { env })).exitCode).toBe(0);
      expect(await billed()).toContain('good-41');
    },
  );

  it('wait where a person says which starts are plausible, and are rated once he says otherwise', async () => {
    const file = join(folder, `${randomUUID()}.ndjson`);
    writeFileSync(file, `${[good(0), good(1, '2026-12-01'), good(2, '2026-10-31')].join('\n')}\n`);
    const bounds = ['--starts-from', '2026-11-01', '--starts-to', '2026-12-01'];
    const { exitCode } = await command('rate', file, ...bounds);
    expect([exitCode, await billed()]).toEqual([0, ['good-0']]);
    expect(await waiting()).toEqual({ 'start-implausible': 2 });
    await command('rate', file, '--again', '--starts-from', '2026-11-01');
    expect([await billed(), await waiting()]).toEqual([['good-0', 'good-1'], { 'start-implausible': 1 }]);
    await command('rate', file, '--again');
    expect([await billed(), await waiting()]).toEqual([['good-0', 'good-1', 'good-2'], {}]);
    const wrong = await command('rate', file, '--starts-from', 'yesterday', '--starts-to', '2026-13-01');
    expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--starts-from 'yesterday'") });
  });
});
