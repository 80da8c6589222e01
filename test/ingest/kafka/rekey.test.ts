import { adminOf } from '../../../kafka/admin.ts';
import { randomUUID } from 'node:crypto';
import { lazyDelivery } from '../../../engine/delivery.ts';
import { RekeyDirectory } from '../../../ingest/kafka/rekey-directory.ts';
import { RekeyProducer } from '../../../ingest/kafka/rekey-producer.ts';
import { RekeySink } from '../../../ingest/kafka/rekey-sink.ts';
import { rekeyedReader } from '../../../ingest/kafka/rekeyed-reader.ts';
import { parseTopicSpec, type TopicSpec } from '../../../ingest/kafka/topic-spec.ts';
import { WorkerMetrics } from '../../../ingest/kafka/worker-metrics.ts';
import { type Database, readHoles, readSourceCounts, readSourcePositions } from '../../../ledger/index.ts';
import { bucketOf, type Line } from '../../../rater/index.ts';
import type { Offer } from '../../../rules/index.ts';
import { ANY_START } from '../../support/any-start.ts';
import { createTopics, exactProducer, kafkaClient } from '../../support/kafka-client.ts';
import { LedgerUnderTest, plan } from '../../support/ledger-under-test.ts';
import { billedCalls, feedGaps, standingFindings } from '../../support/posted-ledger.ts';
import { openTestDatabase } from '../../support/test-database.ts';
import { startWorker } from '../../support/worker-under-test.ts';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';

const OFFER: Offer = JSON.parse(
  readFileSync(new URL('../../../rules/offers/full-illimite.json', import.meta.url), 'utf8'),
);
const DECK = 'prefix,price_per_minute\n33,0.02\n336,0.09\n1246,0.48\n';
const LINES: readonly Line[] = Array.from({ length: 8 }, (_, index) => ({
  id: `L${index}`,
  account: `A${index}`,
  spans: [
    {
      from: 0,
      to: Infinity,
      number: 33_140_000_000 + index,
      offer: 'full-illimite',
      usageClass: 'business',
      mobility: 'off',
      equipment: 'managed',
    },
  ],
  devices: [],
  networks: [],
}));
/**
 * Enough of each line for its 151st number, though forwarded calls don't count: its calls before are then rated
 * again.
 */
const CALLS_A_LINE = 190;

/** A record of cdr_kafka: call `index`, one of seven of them forwarded by the next line, which then pays. */
function asteriskRecord(index: number, given: Readonly<Record<string, unknown>> = {}): string {
  const answer = new Date(Date.UTC(2026, 10, 2, 8) + index * 20_000).toISOString().replace('Z', '+0000');
  const end = new Date(Date.UTC(2026, 10, 2, 8) + index * 20_000 + 61_250).toISOString().replace('Z', '+0000');
  const [from, forwarder] = [index % LINES.length, (index + 1) % LINES.length];
  return JSON.stringify({
    src: '101',
    dst: '',
    channel: index % 7 === 0 ? `Local/687@lines-0000002a;2` : `PJSIP/L${from}-00000010`,
    dstchannel: 'PJSIP/trunk-a-00000011',
    lastapp: 'Dial',
    lastdata: `PJSIP/3361${String(1_000_000 + index * 7)}@trunk-a`,
    start: answer,
    answer,
    end,
    billsec: 61,
    disposition: 'ANSWERED',
    accountcode: index % 7 === 0 ? `L${forwarder}` : '',
    linkedid: `1793697290.${index}`,
    sequence: index,
    SystemName: 'pbx',
    ...given,
  });
}

/** Who called the line that forwarded call `index`. */
function otherHalf(index: number): string {
  const [channel, dstchannel] = [`PJSIP/L${index % LINES.length}-00000010`, 'Local/687@lines-0000002a;1'];
  return asteriskRecord(index, { dst: '687', channel, dstchannel, accountcode: '', sequence: 1_000_000 + index });
}

/**
 * All calls, one in ten twice, and records that are no call, nobody's or broken: in an order that is no order of
 * time.
 */
function asteriskRecords(): string[] {
  const count = CALLS_A_LINE * LINES.length;
  const indexes = Array.from({ length: count }, (_, index) => (index * 617) % count);
  return indexes.flatMap((index) => {
    const records = [asteriskRecord(index)];
    // The other half of the Local channel by which it was forwarded: without it nobody is charged.
    if (index % 7 === 0) records.unshift(otherHalf(index));
    if (index % 10 === 0) records.push(asteriskRecord(index));
    if (index % 50 === 1) records.push(asteriskRecord(index, { disposition: 'NO ANSWER', billsec: 0 }));
    if (index % 50 === 2) records.push(asteriskRecord(index, { sequence: -index, accountcode: 'nobody' }));
    if (index % 50 === 3) records.push('{"src":');
    return records;
  });
}

/** What acc_json says of 100 calls, BYEs first, some twice. */
function proxyRecords(): string[] {
  const rows = Array.from({ length: 100 }, (_, index) => {
    const time = Date.UTC(2026, 10, 2, 8) / 1000 + index * 100;
    const [answer, end] = ['INVITE', 'BYE'].map((method, at) =>
      JSON.stringify({
        method,
        from_tag: at === 0 ? 'a' : 'b',
        to_tag: at === 0 ? 'b' : 'a',
        callid: `${index}@h`,
        sip_code: '200',
        time: String(time + at * 61),
        ...(at === 0 ? { src_user: `L${index % LINES.length}`, dst_user: `061200${1000 + index}` } : {}),
      }),
    ) as [string, string];
    if (index % 10 === 0) return [answer];
    return index === 1 ? [end] : [answer, end, ...(index % 3 === 0 ? [answer] : [])];
  });
  return rows.flat().toReversed();
}

function topicSpec(text: string): TopicSpec {
  const parsed = parseTopicSpec(text, ANY_START);
  if (parsed.kind === 'faults') throw new Error(parsed.faults.join('\n'));
  return parsed.topic;
}

const brokers = inject('kafkaBrokers');
const withAdmin = adminOf(kafkaClient(brokers));

async function makeTopics(partitions: Readonly<Record<string, number>>): Promise<void> {
  const topics = Object.entries(partitions).map(([topic, numPartitions]) => ({ topic, numPartitions }));
  await withAdmin((admin) => createTopics(admin, topics));
}

async function produce(topic: string, messages: readonly { value: string; key: string | null }[]): Promise<void> {
  const producer = exactProducer(kafkaClient(brokers));
  await producer.connect();
  for (let from = 0; from < messages.length; from += 100) {
    await producer.send({ topic, acks: -1, messages: messages.slice(from, from + 100) });
  }
  await producer.disconnect();
}

/** Waits until the ledger stands at the end of the topic's log, in every partition. */
async function takenIn(db: Database, topic: string, source: string): Promise<void> {
  for (;;) {
    const positions = await readSourcePositions(db, source);
    const log = await withAdmin((admin) => admin.fetchTopicOffsets(topic));
    if (log.every(({ partition, high }) => (positions.get(partition) ?? 0) === Number(high))) return;
    await delay(50);
  }
}

/** Calls in the re-keyed topic that do not stand in the partition of the account that was billed for them. */
async function misplaced(topic: string, billed: readonly (readonly [string, { readonly account: string }])[]) {
  const accounts = new Map(billed.map(([identity, { account }]) => [identity, account]));
  const log = await withAdmin((admin) => admin.fetchTopicOffsets(topic));
  const wrong: unknown[] = [];
  let left = log.reduce((sum, { high }) => sum + Number(high), 0);
  const consumer = kafkaClient(brokers).consumer({ groupId: randomUUID() });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const { promise, resolve } = Promise.withResolvers<void>();
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      for (const { decoded } of rekeyedReader.read([message])) {
        const call = decoded.kind === 'call' ? decoded.cdr : null;
        const account = accounts.get(JSON.stringify([call?.switchId, call?.callId, call?.legId]));
        if (account !== undefined && bucketOf(account) % log.length !== partition) wrong.push([partition, account]);
      }
      if (--left === 0) resolve();
    },
  });
  await promise;
  await consumer.disconnect();
  return wrong;
}

async function openLedger(): Promise<{ db: Database; ledger: LedgerUnderTest }> {
  const db = await openTestDatabase('postgres');
  const ledger = await LedgerUnderTest.on(db, [OFFER], DECK);
  await ledger.provision(LINES);
  return { db, ledger };
}

/** What of a ledger must not hang on the way its records came by. */
async function viewOf(db: Database) {
  const quarantine = await db.query<{ reason: string; record: Buffer; state: string }>(
    // What waits: what a call was known as, before all its records had come, is no matter.
    `select reason, coalesce(cdr, record) as record, state from quarantine where state = 'waiting'
     order by reason, coalesce(cdr, record)`,
  );
  const calls = await billedCalls(db);
  return {
    calls: [...calls].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    findings: await standingFindings(db),
    // A revision says how many legs were known when it was read so: that hangs on how they came.
    quarantine: quarantine
      .map(({ reason, record, state }) => [reason, record.toString().replace(/,"revision":[\d.]+/, ''), state])
      .toSorted((a, b) => (a.join() < b.join() ? -1 : 1)),
    gaps: await feedGaps(db),
  };
}

/** The ledger of the same records, delivered as a file would be. */
async function viewOfFile(spec: string, values: readonly string[]) {
  const { db, ledger } = await openLedger();
  const records = topicSpec(spec).reader.read(
    values.map((value, index) => ({ offset: String(index), value: Buffer.from(value) })),
  );
  const format = topicSpec(spec).reader.format;
  const stretch = {
    source: 'file:all',
    partition: 0,
    format,
    from: 0,
    to: values.length,
    prefixHash: null,
    hasLegs: true,
  };
  const delivery = lazyDelivery(stretch, () => records);
  await ledger.otherEngine().take(delivery);
  const view = await viewOf(db);
  await db.close();
  return view;
}

describe('re-keying on a real broker', () => {
  let db: Database;
  let stops: (() => Promise<void>)[];
  beforeEach(async () => {
    ({ db } = await openLedger());
    stops = [];
  });
  afterEach(async () => {
    await Promise.all(stops.map((stop) => stop()));
    await db.close();
  });

  function startWorkers(count: number, settings: Parameters<typeof startWorker>[2]): void {
    for (let worker = 0; worker < count; worker++) stops.push(startWorker(brokers, db, settings).stop);
  }

  it('two workers rate records without a key exactly once: the ledger is that of a file with the same records', async () => {
    const [topic, rekeyedTopic] = [`pbx-${randomUUID()}`, `rekeyed-${randomUUID()}`];
    const spec = `${topic},format=asterisk-json,key=other,trunk=PJSIP/trunk-*`;
    await makeTopics({ [topic]: 3, [rekeyedTopic]: 4 });
    const values = asteriskRecords();
    const settings = { topics: [topicSpec(spec)], rekeyedTopic, groupId: `group-${randomUUID()}` };

    startWorkers(2, settings);
    await produce(topic, values.slice(0, 900).map(unkeyed));
    await takenIn(db, topic, `rekey:${topic}`);
    // One leaves, and another comes: partitions move both times.
    await stops.pop()?.();
    await produce(topic, values.slice(900).map(unkeyed));
    startWorkers(1, settings);
    await takenIn(db, topic, `rekey:${topic}`);
    await takenIn(db, rekeyedTopic, `kafka:${rekeyedTopic}`);

    const view = await viewOf(db);
    expect(view).toEqual(await viewOfFile(spec, values));
    expect(view.calls).toHaveLength(CALLS_A_LINE * LINES.length);
    expect(view.findings.length).toBeGreaterThan(0);
    expect(await misplaced(rekeyedTopic, view.calls)).toEqual([]);
    const places = await db.query<{ source: string; format: string }>(
      `select distinct source, format from quarantine where state = 'waiting' and cdr is null`,
    );
    expect(places).toEqual([{ source: `kafka:${topic}`, format: 'asterisk-json' }]);
    const ofTopic = (await readSourceCounts(db, `kafka:${topic}`)).map(({ outcome, reason, records }) => [
      outcome,
      reason,
      records,
    ]);
    const count = CALLS_A_LINE * LINES.length;
    const part = Math.ceil(count / 50);
    // The broken records are all the same: one waits.
    const halves = Math.ceil(count / 7);
    const handedOn = ofTopic.filter(([, reason]) => reason !== 'incomplete-call');
    expect(handedOn).toEqual([
      ['duplicate', '', expect.any(Number)],
      ['not-a-call', 'internal', halves],
      ['not-a-call', 'unanswered', part],
      ['quarantined', 'not-json', 1],
      // Halves that came before the other, and waited for it.
      ['received', '', expect.any(Number)],
    ]);
  }, 120_000);

  it("two workers make one call of a proxy's INVITE and BYE, whichever partitions they are on", async () => {
    const [topic, rekeyedTopic] = [`proxy-${randomUUID()}`, `rekeyed-${randomUUID()}`];
    const spec = `${topic},format=kamailio-json,key=other,switch=k`;
    await makeTopics({ [topic]: 3, [rekeyedTopic]: 4 });
    const values = proxyRecords();
    startWorkers(2, { topics: [topicSpec(spec)], rekeyedTopic, groupId: `group-${randomUUID()}` });
    await produce(topic, values.map(unkeyed));
    await takenIn(db, topic, `rekey:${topic}`);
    await takenIn(db, rekeyedTopic, `kafka:${rekeyedTopic}`);

    const view = await viewOf(db);
    expect(view).toEqual(await viewOfFile(spec, values));
    // Of 100 calls every tenth lost its BYE, and one more its INVITE.
    expect(view.calls).toHaveLength(89);
    expect(view.quarantine.map(([reason]) => reason)).toEqual(Array.from({ length: 11 }, () => 'half-a-call'));
    expect(await misplaced(rekeyedTopic, view.calls)).toEqual([]);
  }, 120_000);

  it('two workers keep the ledger right when a topic is declared as keyed by account and is not', async () => {
    const topic = `cdr-${randomUUID()}`;
    const spec = `${topic},format=asterisk-json,trunk=PJSIP/trunk-*`;
    await makeTopics({ [topic]: 4 });
    const values = asteriskRecords().filter((value) => value !== '{"src":');
    const settings = { topics: [topicSpec(spec)], rekeyedTopic: 'unused', groupId: `group-${randomUUID()}` };

    startWorkers(2, settings);
    await produce(topic, values.map(unkeyed));
    await takenIn(db, topic, `kafka:${topic}`);

    const [view, expected] = [await viewOf(db), await viewOfFile(spec, values)];
    expect(view.calls).toEqual(expected.calls);
    expect(view.findings).toEqual(expected.findings);
    expect(view.gaps).toEqual([]);
  }, 120_000);

  it('writes calls again when the position could not be moved on, and they are rated once all the same', async () => {
    const [topic, rekeyedTopic] = [`pbx-${randomUUID()}`, `rekeyed-${randomUUID()}`];
    const spec = `${topic},format=asterisk-json,key=other,trunk=PJSIP/trunk-*`;
    await makeTopics({ [topic]: 1, [rekeyedTopic]: 2 });
    const values = asteriskRecords().slice(0, 200);
    await produce(topic, values.map(unkeyed));
    const messages = values.map((value, index) => ({ offset: String(index), value: Buffer.from(value) }));
    const slice = { topic, partition: 0, from: 0, to: values.length, messages: messages as never };
    const producer = new RekeyProducer(kafkaClient(brokers), rekeyedTopic);
    stops.push(() => producer.close());
    const sinkOn = (database: Database) =>
      new RekeySink({
        db: database,
        directory: new RekeyDirectory(database, plan),
        producer,
        readers: new Map([[topic, topicSpec(spec).reader]]),
        partitions: 2,
        metrics: new WorkerMetrics(),
      });

    // Its first transaction keeps the legs; the second moves the position on.
    let transactions = 0;
    const transaction: Database['transaction'] = (run) =>
      ++transactions === 2 ? Promise.reject(new Error('died before the position moved on')) : db.transaction(run);
    const died = { ...db, transaction };
    await expect(sinkOn(died).take(slice, 0)).rejects.toThrow('died');
    await sinkOn(db).take(slice, 0);
    await expect(sinkOn(db).take(slice, 0)).rejects.toMatchObject({ code: 'source-moved' });
    startWorkers(1, { topics: [topicSpec(spec)], rekeyedTopic, groupId: `group-${randomUUID()}` });
    await takenIn(db, rekeyedTopic, `kafka:${rekeyedTopic}`);

    expect(await viewOf(db)).toEqual(await viewOfFile(spec, values));
    expect(await readHoles(db)).toEqual([]);
    const duplicates = (await readSourceCounts(db, `kafka:${rekeyedTopic}`)).find(
      ({ outcome }) => outcome === 'duplicate',
    );
    expect(duplicates?.records).toBeGreaterThan(2 * 150);
  }, 120_000);

  it('refuses a re-keyed topic of a partition count that does not divide 64', async () => {
    const [topic, rekeyedTopic] = [`pbx-${randomUUID()}`, `rekeyed-${randomUUID()}`];
    await makeTopics({ [topic]: 1, [rekeyedTopic]: 3 });
    const { worker, ended } = startWorker(brokers, db, {
      topics: [topicSpec(`${topic},key=other`)],
      rekeyedTopic,
      groupId: `group-${randomUUID()}`,
    });
    await expect(ended).rejects.toThrow('it has 3 partitions, and must have 1, 2, 4, 8, 16, 32 or 64');
    expect(worker.health.report().isHealthy).toBe(false);
  }, 60_000);
});

function unkeyed(value: string): { value: string; key: string | null } {
  return { value, key: null };
}
