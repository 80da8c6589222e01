import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Admin, type Kafka, type Producer } from 'kafkajs';
import { pino } from 'pino';
import { inject } from 'vitest';
import { loadCatalogue } from '../../../engine/load-catalogue.ts';
import { createKafka } from '../../../kafka/kafka-client.ts';
import { parseTopicSpec } from '../../../ingest/kafka/topic-spec.ts';
import { Worker } from '../../../ingest/kafka/worker.ts';
import { RatingEngine } from '../../../engine/rating-engine.ts';
import { type Database, openDatabase, readSourceCounts, readSourcePositions } from '../../../ledger/index.ts';
import type { Line } from '../../../rater/index.ts';
import type { Offer } from '../../../rules/index.ts';
import { ANY_START } from '../../support/any-start.ts';
import { createTopics, exactProducer, kafkaClient } from '../../support/kafka-client.ts';
import { LedgerUnderTest, plan } from '../../support/ledger-under-test.ts';
import { billedCalls } from '../../support/posted-ledger.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import { storeProvisioning } from '../../support/store-provisioning.ts';

const OFFER: Offer = JSON.parse(
  readFileSync(new URL('../../../rules/offers/full-illimite.json', import.meta.url), 'utf8'),
);
const DECK = 'prefix,price_per_minute\n33,0.02\n336,0.09\n1246,0.48\n';
const ACCOUNTS = Array.from({ length: 16 }, (_, index) => `A${index}`);
const PATIENCE_MS = 45_000;

const LINES: readonly Line[] = ACCOUNTS.map((account, index) => lineOf(`L${index}`, account, 33_140_000_001 + index));

function lineOf(id: string, account: string, number: number): Line {
  const facts = { offer: OFFER.id, usageClass: 'business', mobility: 'off', equipment: 'managed' } as const;
  return { id, account, spans: [{ from: 0, to: Infinity, number, ...facts }], devices: [], networks: [] };
}

/** Call number `index`: the lines call in turn, each a new number every time. */
export function recordOf(index: number, given: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    v: 1,
    switch: 'sbc',
    call: `c${index}`,
    line: `L${index % LINES.length}`,
    to: `+3361${String(1_000_000 + index * 7)}`,
    answered: new Date(Date.UTC(2026, 10, 2, 8) + index * 61_000).toISOString(),
    durationMs: 61_000,
    ...given,
  });
}

/** A message as switches send it: a record under its account. */
export interface KeyedValue {
  readonly key: string;
  readonly value: string | Buffer | null;
}

/** The calls `[from, to)`, each in a message under its account. */
export function messagesOf(from: number, to: number): KeyedValue[] {
  return Array.from({ length: to - from }, (_, at) => ({
    key: ACCOUNTS[(from + at) % ACCOUNTS.length] ?? '',
    value: recordOf(from + at),
  }));
}

/** A worker that runs in this process, on connections and with a memory of its own. */
export interface RunningWorker {
  readonly worker: Worker;
  stop(): Promise<void>;
}

export interface StreamOptions {
  readonly partitions?: number;
  readonly brokers?: string;
  /** What stands behind the topic's name in its specification. */
  readonly settings?: string;
  /** Most messages a transaction of its workers: 100 when not given. */
  readonly batchRecords?: number;
}

/** A topic of its own on a real broker, a ledger of its own on a real PostgreSQL, and workers between them. */
export class StreamUnderTest {
  readonly topic = `cdr-${randomUUID()}`;
  readonly rekeyedTopic = `${this.topic}-rekeyed`;
  readonly db: Database;
  readonly url: string;
  readonly admin: Admin;
  readonly #brokers: string;
  readonly #settings: string;
  readonly #batchRecords: number;
  readonly #producer: Producer;
  readonly #drop: () => Promise<void>;
  readonly #running = new Set<RunningWorker>();

  private constructor(options: StreamOptions, db: Database, url: string, drop: () => Promise<void>) {
    this.#brokers = options.brokers ?? inject('kafkaBrokers');
    this.#settings = options.settings ?? '';
    this.#batchRecords = options.batchRecords ?? 100;
    this.db = db;
    this.url = url;
    this.#drop = drop;
    const kafka = kafkaClient(this.#brokers);
    this.admin = kafka.admin();
    this.#producer = exactProducer(kafka);
  }

  static async open(options: StreamOptions = {}): Promise<StreamUnderTest> {
    const { url, drop } = await createTestDatabase(inject('postgres').template);
    const db = await openDatabase({ url });
    const ledger = await LedgerUnderTest.on(db, [OFFER], DECK);
    await ledger.provision(LINES);
    const stream = new StreamUnderTest(options, db, url, drop);
    await stream.admin.connect();
    await stream.#producer.connect();
    await stream.createTopic(options.partitions ?? 4);
    return stream;
  }

  async createTopic(numPartitions: number, topic: string = this.topic): Promise<void> {
    await createTopics(this.admin, [{ topic, numPartitions, replicationFactor: 1 }]);
  }

  async close(): Promise<void> {
    for (const running of this.#running) await running.stop();
    await this.#producer.disconnect();
    await this.admin.disconnect();
    await this.db.close();
    await this.#drop();
  }

  async produce(messages: readonly KeyedValue[], partition?: number): Promise<void> {
    const placed = messages.map((message) => ({ ...message, ...(partition === undefined ? {} : { partition }) }));
    await this.#producer.send({ topic: this.topic, acks: -1, messages: placed });
  }

  /** Enters a line, as an operator would, while workers run. */
  async provision(line: string, account: string): Promise<void> {
    await storeProvisioning(this.db, {
      accounts: [{ id: account, name: account }],
      lines: [lineOf(line, account, 33_150_000_001)],
    });
  }

  /** Starts a worker; those of one group share the partitions. By default it has a client of its own. */
  async startWorker(group = 'workers', client: Kafka | null = null): Promise<RunningWorker> {
    const parsed = parseTopicSpec(`${this.topic}${this.#settings}`, ANY_START);
    if (parsed.kind === 'faults') throw new Error(parsed.faults.join('\n'));
    const log = pino({ level: process.env['TEST_LOG'] ?? 'silent' }, pino.destination(2));
    const kafka = client ?? createKafka({ brokers: this.#brokers.split(','), tls: null, sasl: null }, log);
    const db = await openDatabase({ url: this.url });
    const engine = new RatingEngine(db, () => loadCatalogue(db, plan));
    const settings = {
      topics: [parsed.topic],
      rekeyedTopic: this.rekeyedTopic,
      groupId: `${this.topic}-${group}`,
      batchRecords: this.#batchRecords,
      lingerMs: 50,
      sessionMs: 6_000,
    };
    const worker = new Worker(settings, { kafka, db, engine, plan, log });
    const over = new AbortController();
    const ended = worker.run(over.signal);
    const running: RunningWorker = {
      worker,
      stop: async () => {
        over.abort();
        await ended;
        if (this.#running.delete(running)) await db.close();
      },
    };
    this.#running.add(running);
    return running;
  }

  /** Waits until the ledger stands at the end of the topic's log, but for the partitions in `except`. */
  taken(except: readonly number[] = []): Promise<void> {
    return this.takenFrom(this.topic, `kafka:${this.topic}`, except);
  }

  /** The same of any topic, whose positions the ledger keeps as `source`. */
  async takenFrom(topic: string, source: string, except: readonly number[] = []): Promise<void> {
    await until('the ledger stands at the end of the log', async () => {
      const positions = await readSourcePositions(this.db, source);
      const logs = await this.admin.fetchTopicOffsets(topic);
      return logs
        .filter(({ partition }) => !except.includes(partition))
        .every(({ partition, high }) => (positions.get(partition) ?? 0) === Number(high));
    });
  }

  /** Where the ledger stands, by partition. */
  positions(): Promise<ReadonlyMap<number, number>> {
    return readSourcePositions(this.db, `kafka:${this.topic}`);
  }

  /** What became of the records, by outcome and reason. */
  async counts(): Promise<Record<string, number>> {
    const counts = await readSourceCounts(this.db, `kafka:${this.topic}`);
    return Object.fromEntries(
      counts.map(({ outcome, reason, records }) => [[outcome, reason].join(' ').trim(), records]),
    );
  }

  /** The numbers of the calls that are billed, each once. */
  async billed(): Promise<number[]> {
    const calls = await billedCalls(this.db);
    return [...calls.keys()].map((identity) => Number(/c(\d+)/.exec(identity)?.[1])).toSorted((a, b) => a - b);
  }
}

/** Waits for something that other processes do; throws when it does not happen. */
export async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error(`Waited ${PATIENCE_MS / 1000} s in vain until ${what}`);
    await delay(50);
  }
}

export function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, at) => from + at);
}
