import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Database, openDatabase, readHoles, readSourceCounts } from '../../../ledger/index.ts';
import { parseTopicSpec, type TopicSpec } from '../../../ingest/kafka/topic-spec.ts';
import type { Line } from '../../../rater/index.ts';
import { createTopics, exactProducer, kafkaClient } from '../../support/kafka-client.ts';
import { LedgerUnderTest } from '../../support/ledger-under-test.ts';
import { standingFindings } from '../../support/posted-ledger.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import { type WorkerUnderTest, startWorker } from '../../support/worker-under-test.ts';
import { ANY_START } from '../../support/any-start.ts';
import { until } from './stream-under-test.ts';

const OFFER = JSON.parse(readFileSync(new URL('../../../rules/offers/full-illimite.json', import.meta.url), 'utf8'));
const DECK = 'prefix,price_per_minute\n33,0.02\n336,0.09\n';
const FOREIGN = { ua: 'Zoiper 5', ip: '203.0.113.9' };
const MANAGED = { ua: 'Yealink SIP-T46U 108', ip: '192.0.2.44' };

function lineOf(index: number): Line {
  const facts = { offer: OFFER.id, usageClass: 'business', mobility: 'off', equipment: 'managed' } as const;
  return {
    id: `L${index}`,
    account: `A${index}`,
    spans: [{ from: 0, to: Infinity, number: 33_140_000_001 + index, ...facts }],
    devices: [{ from: 0, to: Infinity, userAgent: 'Yealink*' }],
    networks: [{ from: 0, to: Infinity, cidr: '192.0.2.0/24' }],
  };
}

function callOf(line: number, hour: number): string {
  return JSON.stringify({
    v: 1,
    switch: 'sbc',
    call: `c${line}-${hour}`,
    line: `L${line}`,
    to: '+33612345678',
    answered: new Date(Date.UTC(2026, 10, 3, hour, 30)).toISOString(),
    durationMs: 60_000,
  });
}

function registrationOf(party: string, hour: number, given: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    line: party,
    registeredAt: new Date(Date.UTC(2026, 10, 3, hour)).toISOString(),
    expires: 3600,
    ...given,
  });
}

function topic(spec: string): TopicSpec {
  const parsed = parseTopicSpec(spec, ANY_START);
  if (parsed.kind === 'faults') throw new Error(parsed.faults.join('\n'));
  return parsed.topic;
}

/** Even lines call from afar, by their number in one notation or another; the others from their phone. */
function partyOf(line: number): string {
  return line % 4 === 0 ? `014${String(line + 1).padStart(7, '0')}` : `L${line}`;
}

function deviceOf(line: number) {
  return line % 2 === 0 ? FOREIGN : MANAGED;
}

let db: Database;
let drop: () => Promise<void>;
const running: WorkerUnderTest[] = [];
beforeEach(async () => {
  const made = await createTestDatabase(inject('postgres').template);
  drop = made.drop;
  db = await openDatabase({ url: made.url });
  const ledger = await LedgerUnderTest.on(db, [OFFER], DECK);
  await ledger.provision(Array.from({ length: 16 }, (_, index) => lineOf(index)));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
  await db.close();
  await drop();
});

describe('registrations from Kafka', () => {
  it('tell where calls came from, before and after them, whichever worker takes which', async () => {
    const calls = `cdr-${randomUUID()}`;
    const told = `reg-${randomUUID()}`;
    const kafka = kafkaClient(inject('kafkaBrokers'));
    const admin = kafka.admin();
    const producer = exactProducer(kafka);
    await admin.connect();
    await producer.connect();
    await createTopics(
      admin,
      [calls, told].map((name) => ({ topic: name, numPartitions: 4 })),
    );
    const settings = {
      topics: [topic(calls), topic(`${told},format=registrations`)],
      rekeyedTopic: `${calls}-rekeyed`,
      groupId: `group-${calls}`,
    };
    const send = (name: string, values: readonly (readonly [key: string, value: string])[]) =>
      producer.send({ topic: name, messages: values.map(([key, value]) => ({ key, value })) });
    const counted = async (name: string, outcome: string): Promise<number> =>
      (await readSourceCounts(db, `kafka:${name}`))
        .filter((count) => `${count.outcome} ${count.reason}`.trim() === outcome)
        .reduce((sum, { records }) => sum + records, 0);
    running.push(startWorker(inject('kafkaBrokers'), db, settings));
    running.push(startWorker(inject('kafkaBrokers'), db, settings));
    const lines = Array.from({ length: 16 }, (_, index) => index);
    await send(
      told,
      lines.map((line) => [String(line), registrationOf(partyOf(line), 10, deviceOf(line))]),
    );
    await until('registrations are taken', async () => (await counted(told, 'not-a-call registration')) === 16);
    await send(
      calls,
      lines.map((line) => [`A${line}`, callOf(line, 10)]),
    );
    await send(
      calls,
      lines.map((line) => [`A${line}`, callOf(line, 12)]),
    );
    await until('calls are taken', async () => (await counted(calls, 'rated')) === 32);
    expect((await standingFindings(db)).map(({ line }) => line).toSorted()).toEqual(
      lines
        .filter((line) => line % 2 === 0)
        .map((line) => `L${line}`)
        .toSorted(),
    );
    // Late, and told twice: at noon, the others called from afar.
    const late = lines
      .filter((line) => line % 2 === 1)
      .map((line) => [String(line), registrationOf(`L${line}`, 12, FOREIGN)] as const);
    await send(told, [...late, ...late, ['x', '{"line":"L1"}']]);
    await until('all lines are judged again', async () => (await standingFindings(db)).length === 16);
    expect(await counted(told, 'duplicate')).toBe(8);
    expect(await counted(told, 'received')).toBe(33);
    expect(await counted(told, 'quarantined missing-field')).toBe(1);
    expect(await readHoles(db)).toEqual([]);
    await producer.disconnect();
    await admin.disconnect();
  }, 90_000);

  it('gather for a second, where they come a few at a time', async () => {
    const told = `reg-${randomUUID()}`;
    const kafka = kafkaClient(inject('kafkaBrokers'));
    const admin = kafka.admin();
    const producer = exactProducer(kafka);
    await admin.connect();
    await producer.connect();
    await createTopics(admin, [{ topic: told, numPartitions: 1 }]);
    const topics = [topic(`${told},format=registrations`)];
    const one = startWorker(inject('kafkaBrokers'), db, { topics, rekeyedTopic: `${told}-rekeyed`, groupId: told });
    running.push(one);
    const begunAt = performance.now();
    let sent = 0;
    while (performance.now() - begunAt < 5_000) {
      const value = registrationOf(`L${sent % 16}`, 10, { contact: `sip:${sent}@192.0.2.1` });
      await producer.send({ topic: told, messages: [{ value }] });
      sent++;
      await pause(20);
    }
    const taken = async (): Promise<number> =>
      (await readSourceCounts(db, `kafka:${told}`))
        .filter(({ outcome }) => outcome === 'not-a-call')
        .reduce((sum, { records }) => sum + records, 0);
    await until('all are taken', async () => (await taken()) === sent);
    const { values } = await one.worker.metrics.batchSeconds.get();
    const batches = values.find(({ metricName }) => metricName === 'fairtally_batch_seconds_count')?.value ?? 0;
    const seconds = (performance.now() - begunAt) / 1000;
    expect(batches).toBeGreaterThan(0);
    expect(batches).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
    expect(sent).toBeGreaterThan(5 * batches);
    await producer.disconnect();
    await admin.disconnect();
  }, 90_000);
});
