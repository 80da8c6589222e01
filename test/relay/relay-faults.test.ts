import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createKafka } from '../../kafka/index.ts';
import { type Database, openDatabase } from '../../ledger/index.ts';
import { Relay, type RelayTopics } from '../../relay/index.ts';
import { fullIllimite } from '../rules/full-illimite-for-test.ts';
import { type KafkaServer, startKafka } from '../support/kafka.ts';
import { LedgerUnderTest } from '../support/ledger-under-test.ts';
import { ownServerWays } from '../support/servers/server-ways.ts';
import { createTestDatabase } from '../support/test-database.ts';
import {
  afterTheLast,
  makeRelayTopics,
  positionsOf,
  positionsOfLedger,
  readTopic,
  untilTold,
  usageOf,
} from './told.ts';
import { DECK, lines, record, records } from './usage-for-test.ts';

const LINES = 24;
const MAIN = new URL('../../bin/main.ts', import.meta.url).pathname;

describe('a relay loses nothing', () => {
  let kafka: KafkaServer;
  let url: string;
  let drop: () => Promise<void>;
  let db: Database;
  let ledger: LedgerUnderTest;
  beforeAll(async () => {
    kafka = await startKafka({ ways: ownServerWays() });
    ({ url, drop } = await createTestDatabase(inject('postgres').template));
    db = await openDatabase({ url });
    ledger = await LedgerUnderTest.on(db, [fullIllimite()], DECK);
    await ledger.provision(lines(LINES));
  });
  afterAll(async () => {
    await db.close();
    await drop();
    await kafka.close();
  });

  /** A relay in this process, until all is told. */
  async function publishTheRest(
    topics: RelayTopics,
    meanwhile: () => Promise<void> = async () => undefined,
  ): Promise<void> {
    const log = pino({ level: 'silent' });
    const client = createKafka({ brokers: [kafka.address], tls: null, sasl: null }, log);
    const stop = new AbortController();
    const running = new Relay(topics, { kafka: client, db, log }).run(stop.signal);
    await meanwhile();
    await untilTold(db);
    stop.abort();
    await running;
  }

  /** `fairtally relay` as a process of its own. */
  async function startRelay({ usageTopic, eventTopic }: RelayTopics): Promise<ChildProcess> {
    const args = [
      '--database',
      url,
      '--brokers',
      kafka.address,
      '--usage-topic',
      usageTopic,
      '--event-topic',
      eventTopic,
    ];
    const child = spawn(process.execPath, [MAIN, 'relay', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    for await (const line of createInterface({ input: child.stderr! })) {
      if (line.includes('relay started')) return child;
    }
    throw new Error(`Cannot start a relay: it ended with ${child.exitCode}`);
  }

  /** What a consumer has that skips repetitions, and the events that contradict themselves. */
  async function told(topics: RelayTopics): Promise<unknown> {
    const usage = usageOf(await readTopic(kafka.address, topics.usageTopic));
    const events = (await readTopic(kafka.address, topics.eventTopic)).flatMap(({ value }) => eventOf(value));
    return {
      positions: new Map([...positionsOf(usage)].map(([bucket, all]) => [bucket, afterTheLast(all)])),
      events: new Set(events.map(({ id }) => id)),
      contradictions: [usage, events].flatMap((all) =>
        [...Map.groupBy(all, ({ id }) => id).values()].filter(saysTwoThings),
      ),
    };
  }

  async function allThereIs(): Promise<unknown> {
    const outbox = await db.query<{ id: string }>(`select bucket || '-' || no as id from outbox`);
    return {
      positions: await positionsOfLedger(db),
      events: new Set(outbox.map(({ id }) => id)),
      contradictions: [],
    };
  }

  it('when it is killed again and again while it tells', async () => {
    const topics = await makeRelayTopics(kafka.address, 'killed');
    for (let life = 0; life < 5; life++) {
      const relay = await startRelay(topics);
      const ended = once(relay, 'exit');
      const first = life * 2_000;
      await ledger.deliver(records(first, first + 2_000, LINES));
      // A line or two cross the limit, so that there are corrections and events.
      await ledger.deliver(
        Array.from({ length: 160 }, (_, index) => record(100_000 + life * 10_000 + index, LINES, { line: `L${life}` })),
      );
      await delay(life * 40);
      relay.kill('SIGKILL');
      await ended;
    }
    await publishTheRest(topics);
    expect(await told(topics)).toEqual(await allThereIs());
  });

  it('when the broker is killed and started again, and ends in order at SIGTERM', async () => {
    const topics = await makeRelayTopics(kafka.address, 'restarted');
    await db.exec(`update relay_cursor set position = 0`);
    await publishTheRest(topics, async () => {
      for (let round = 0; round < 2; round++) {
        const first = 20_000 + round * 2_000;
        const delivered = ledger.deliver(records(first, first + 2_000, LINES));
        await delay(300);
        await kafka.kill();
        await delivered;
        await kafka.start();
      }
    });
    expect(await told(topics)).toEqual(await allThereIs());

    const relay = await startRelay(topics);
    const ended = once(relay, 'exit');
    relay.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});

function eventOf(value: Buffer): { readonly id: string } {
  return JSON.parse(value.toString());
}

/** Whether events with one id differ in anything. */
function saysTwoThings(events: readonly { readonly id: string }[]): boolean {
  return new Set(events.map((event) => JSON.stringify(event))).size > 1;
}
