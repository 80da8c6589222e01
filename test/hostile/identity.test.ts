import { adminOf } from '../../kafka/admin.ts';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { RatingEngine } from '../../engine/rating-engine.ts';
import { takeFile } from '../../ingest/files/take-file.ts';
import { parseTopicSpec } from '../../ingest/kafka/topic-spec.ts';
import { type Database, type Transaction, readSourceCounts, readSourcePositions } from '../../ledger/index.ts';
import { collidingIds, hashOf } from '../support/colliding-ids.ts';
import { createTopics, exactProducer, kafkaClient } from '../support/kafka-client.ts';
import type { LedgerUnderTest } from '../support/ledger-under-test.ts';
import { billedCalls, feedGaps } from '../support/posted-ledger.ts';
import { DATABASE_KINDS } from '../support/test-database.ts';
import { startWorker } from '../support/worker-under-test.ts';
import { Ledgers, recordOf } from '../engine/ledger-of-lines.ts';
import { until } from '../ingest/kafka/stream-under-test.ts';

const MANY = 2_048;
const LINES = ['L1', 'L2', 'L3', 'L4'];
/** Beside the attacker's, calls as they always are. */
const ORDINARY = 200;

let ids: string[];
beforeAll(() => {
  ids = collidingIds(MANY, 'sbc');
});

/** The attacker's calls, all with one hash, and others. */
function records(given: (index: number) => Readonly<Record<string, unknown>> = () => ({})): string[] {
  const hostile = ids.map((call, index) => recordOf(call, { line: LINES[index % LINES.length], ...given(index) }));
  const ordinary = Array.from({ length: ORDINARY }, (_, index) =>
    recordOf(`good-${index}`, { line: LINES[index % 4] }),
  );
  return [...hostile, ...ordinary].toSorted((a, b) => (a.slice(-20) < b.slice(-20) ? -1 : 1));
}

function callsOf(db: Database): Promise<string[]> {
  return billedCalls(db).then((calls) => [...calls.keys()].map((key) => JSON.parse(key)[1]).toSorted());
}

function allIds(): string[] {
  return [...ids, ...Array.from({ length: ORDINARY }, (_, index) => `good-${index}`)].toSorted();
}

describe('ids that an attacker makes in seconds', () => {
  it('have one hash, and are different', () => {
    expect(new Set(ids).size).toBe(MANY);
    expect(new Set(ids.map((callId) => hashOf({ switchId: 'sbc', callId, legId: '' }))).size).toBe(1);
  });
});

describe.each(DATABASE_KINDS)('thousands of calls with one hash in files, on %s', (kind) => {
  const ledgers = new Ledgers(kind);
  let folder: string;
  let ledger: LedgerUnderTest;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fairtally-hostile-'));
    ledger = await ledgers.open();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  afterAll(() => ledgers.close());

  async function rate(engine: RatingEngine, name: string, lines: readonly string[], batchSize: number) {
    const path = join(folder, name);
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
    const taken = await takeFile(engine, ledger.db, { path, source: `file:${path}` }, { batchSize });
    if (taken.kind !== 'taken') throw new Error(`Cannot rate '${name}': '${taken.kind}'`);
    return Object.fromEntries([...taken.counts].filter(([, count]) => count > 0));
  }

  it('are all billed, each once, and the second time all are duplicates', async () => {
    const all = records();
    const first = await rate(ledger.otherEngine(), 'first.ndjson', all, 300);
    expect(first).toEqual({ 'received\t': all.length, 'rated\t': all.length });
    const again = await rate(ledger.otherEngine(), 'again.ndjson', all.toReversed(), 700);
    expect(again).toEqual({ 'received\t': all.length, 'duplicate\t': all.length });
    expect(await callsOf(ledger.db)).toEqual(allIds());
    expect(await feedGaps(ledger.db)).toEqual([]);
    expect(await ledger.otherEngine().sweep()).toBe(0);
  });

  it('are all billed as their records say in the end: corrected, contradicted, in other months, taken back', async () => {
    const engine = ledger.otherEngine();
    await rate(engine, 'first.ndjson', records(), 500);
    const later = ids.map((call, index) => {
      const line = LINES[index % 4];
      switch (index % 4) {
        case 0:
          return recordOf(call, { line, revision: 1, durationMs: 90_000 });
        case 1:
          return recordOf(call, { line, durationMs: 30_000 });
        case 2:
          return recordOf(call, { line, revision: 1, answered: '2026-12-24T10:00:00Z' });
        default:
          return recordOf(call, { line, revision: 1, answered: null });
      }
    });
    await rate(ledger.otherEngine(), 'later.ndjson', later, 500);
    const calls = await billedCalls(ledger.db);
    expect(calls.size).toBe(ORDINARY + (MANY * 3) / 4);
    const seconds = ids.map((call) => calls.get(JSON.stringify(['sbc', call, '']))).map((call) => call?.period);
    expect(seconds).toEqual(ids.map((_, index) => [202611, 202611, 202612, undefined][index % 4]));
    const states = await ledger.db.query<{ state: string; records: number }>(
      'select state, count(*)::int as records from quarantine group by state order by state',
    );
    expect(states).toEqual([
      { state: 'no-call', records: MANY / 4 },
      { state: 'superseded', records: (MANY * 3) / 4 },
      { state: 'waiting', records: MANY / 4 },
    ]);
  });

  it('cost each a few rows of the ledger, however many there are, rated or in quarantine', async () => {
    const rows = { read: 0 };
    const counting = countingRows(ledger.db, rows);
    const engine = ledger.otherEngine(counting);
    await rate(
      engine,
      'nobodys.ndjson',
      ids.map((call) => recordOf(call, { line: 'L9' })),
      128,
    );
    await rate(engine, 'ours.ndjson', records(), 128);
    const most = rows.read;
    const batches = Math.ceil(MANY / 128) * 2 + 2;
    // Heads and the like are read by every batch; of calls and records nothing but their own.
    expect(most).toBeLessThan(batches * 300 + MANY * 2 * 8);
  });
});

/** Counts the rows that queries within transactions answer with. */
function countingRows(db: Database, rows: { read: number }): Database {
  const counting = (tx: Transaction): Transaction => ({
    ...tx,
    async query<Row>(sql: string, params?: Parameters<Transaction['query']>[1]) {
      const found = await tx.query<Row>(sql, params);
      rows.read += found.length;
      return found;
    },
  });
  return { ...db, transaction: (run) => db.transaction((tx) => run(counting(tx))) };
}

describe('thousands of calls with one hash by Kafka', () => {
  const brokers = inject('kafkaBrokers');
  const ledgers = new Ledgers('postgres');
  const stops: (() => Promise<void>)[] = [];
  let db: Database;
  beforeEach(async () => {
    db = (await ledgers.open()).db;
  });
  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
  });
  afterAll(() => ledgers.close());

  async function taken(topic: string, source: string): Promise<void> {
    await until(`the ledger stands at the end of '${topic}'`, async () => {
      const positions = await readSourcePositions(db, source);
      const log = await adminOf(kafkaClient(brokers))((admin) => admin.fetchTopicOffsets(topic));
      return log.every(({ partition, high }) => (positions.get(partition) ?? 0) === Number(high));
    });
  }

  it.each([
    ['keyed by account', ''],
    ['by way of the re-keying topic', ',key=other'],
  ])('%s, to two workers, with what was sent twice: each is billed once', async (_how, settings) => {
    const [topic, rekeyedTopic] = [`hostile-${randomUUID()}`, `hostile-rekeyed-${randomUUID()}`];
    const topics = [topic, rekeyedTopic].map((name) => ({ topic: name, numPartitions: 4 }));
    await adminOf(kafkaClient(brokers))((admin) => createTopics(admin, topics));
    const parsed = parseTopicSpec(`${topic}${settings}`);
    if (parsed.kind === 'faults') throw new Error(parsed.faults.join('\n'));
    const worker = { topics: [parsed.topic], rekeyedTopic, groupId: `group-${topic}` };
    for (let started = 0; started < 2; started++) stops.push(startWorker(brokers, db, worker).stop);
    const all = records();
    const broken = '{"v":1,"switch":"sbc"';
    const messages = [...all, ...all.slice(0, 500), broken, broken, broken].map((value) => {
      const line = /"line":"(L\d)"/.exec(value)?.[1];
      return { key: settings === '' ? (line ?? 'L1') : null, value };
    });
    const producer = exactProducer(kafkaClient(brokers));
    await producer.connect();
    for (let from = 0; from < messages.length; from += 250) {
      await producer.send({ topic, acks: -1, messages: messages.slice(from, from + 250) });
    }
    await producer.disconnect();
    if (settings !== '') await taken(topic, `rekey:${topic}`);
    await taken(settings === '' ? topic : rekeyedTopic, `kafka:${settings === '' ? topic : rekeyedTopic}`);

    expect(await callsOf(db)).toEqual(allIds());
    expect(await feedGaps(db)).toEqual([]);
    const counts = new Map<string, number>();
    for (const { outcome, records: count } of await readSourceCounts(db)) {
      counts.set(outcome, (counts.get(outcome) ?? 0) + count);
    }
    expect([counts.get('rated'), counts.get('quarantined')]).toEqual([all.length, 1]);
    const unread = await db.query('select state, arrivals::int as arrivals from quarantine where cdr is null');
    expect(unread).toEqual([{ state: 'waiting', arrivals: 3 }]);
  });
});
