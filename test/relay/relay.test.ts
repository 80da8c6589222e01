import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { createKafka } from '../../kafka/index.ts';
import { type Database, readLives } from '../../ledger/index.ts';
import { EVENT_SCHEMAS, Relay, type RelayedType, type RelayTopics } from '../../relay/index.ts';
import { fullIllimite } from '../rules/full-illimite-for-test.ts';
import { LedgerUnderTest, deliveryOf } from '../support/ledger-under-test.ts';
import { openTestDatabase } from '../support/test-database.ts';
import { makeRelayTopics, positionsOf, positionsOfLedger, readTopic, untilTold, usageOf } from './told.ts';
import { DECK, lines, record, records } from './usage-for-test.ts';

const LINES = 24;
const EVENT_TYPES = Object.keys(EVENT_SCHEMAS);

interface ToldEvent {
  readonly id: string;
  readonly type: RelayedType;
  readonly data: unknown;
}

function eventsOf(value: Buffer): ToldEvent[] {
  return [JSON.parse(value.toString())];
}

/** By type: the schema as readers find it. */
const PUBLISHED = new Map(EVENT_TYPES.map((type) => [type, publishedSchema(type)]));

function publishedSchema(type: string): z.ZodType {
  const file = new URL(`../../docs/reference/schemas/${type}.json`, import.meta.url);
  const schema: z.core.JSONSchema.JSONSchema = JSON.parse(readFileSync(file, 'utf8'));
  return z.fromJSONSchema(schema);
}

/** A ledger with a relay's topics of its own. */
async function openLedger(name: string): Promise<{ db: Database; ledger: LedgerUnderTest; topics: RelayTopics }> {
  const db = await openTestDatabase('postgres');
  const ledger = await LedgerUnderTest.on(db, [fullIllimite()], DECK);
  await ledger.provision(lines(LINES));
  const topics = await makeRelayTopics(inject('kafkaBrokers'), `${name}-${process.pid}`);
  return { db, ledger, topics };
}

/** Runs relays while `work` is done, and until all is told. */
async function relaying(db: Database, topics: RelayTopics, relays: number, work: () => Promise<void>): Promise<void> {
  const kafka = createKafka(
    { brokers: inject('kafkaBrokers').split(','), tls: null, sasl: null },
    pino({ level: 'silent' }),
  );
  const stop = new AbortController();
  const running = Array.from({ length: relays }, () =>
    new Relay(topics, { kafka, db, log: pino({ level: 'silent' }) }).run(stop.signal),
  );
  await work();
  await untilTold(db);
  stop.abort();
  await Promise.all(running);
}

describe('a relay', () => {
  let opened: Awaited<ReturnType<typeof openLedger>>;
  beforeAll(async () => {
    opened = await openLedger('told');
    const { db, ledger, topics } = opened;
    await relaying(db, topics, 1, async () => {
      await ledger.deliver(records(0, 600, LINES));
      // L0 calls more than 150 numbers; one call is corrected; one turns out to be of another month.
      await ledger.deliver(
        Array.from({ length: 160 }, (_, index) => record(10_000 + index * LINES, LINES, { line: 'L0' })),
      );
      await ledger.deliver([
        record(1, LINES, { durationMs: 200_000, revision: 1 }),
        record(2, LINES, { answered: '2026-10-02T08:00:00.000Z', revision: 1 }),
        record(3, LINES, { to: '112', call: 'emergency' }),
      ]);
      // L7 crosses the limit by one, until the switch corrects one of its calls.
      const many = Array.from({ length: 151 }, (_, index) => record(50_000 + index * LINES, LINES, { line: 'L7' }));
      await ledger.deliver(many.slice(0, 151 - 25));
      await ledger.deliver([record(50_000, LINES, { line: 'L7', to: '+33611000049', revision: 1 })]);
    });
  });
  afterAll(() => opened.db.close());

  it('tells every entry once, in feed order, on the partition of its bucket', async () => {
    const { db, topics } = opened;
    const messages = await readTopic(inject('kafkaBrokers'), topics.usageTopic);
    const usage = usageOf(messages);
    expect(positionsOf(usage)).toEqual(await positionsOfLedger(db));
    const misplaced = messages.filter(({ partition, value }) =>
      usageOf([{ partition, value, key: null, contentType: undefined }]).some(
        ({ data }) => data.bucket % 4 !== partition,
      ),
    );
    expect(misplaced).toEqual([]);
    expect(
      messages.every(({ contentType }) => contentType === 'application/cloudevents-batch+json; charset=UTF-8'),
    ).toBe(true);
    expect(messages.length).toBeLessThan(usage.length / 10);
  });

  it('tells of each entry what the view ledger_entry says', async () => {
    const { db, topics } = opened;
    const usage = usageOf(await readTopic(inject('kafkaBrokers'), topics.usageTopic));
    // All columns there are, so that one that the events lack is missed here.
    const rows = await db.query<Readonly<Record<string, unknown>>>(
      `select *, bucket || '-' || position as id, position::int, lpad(to_hex(identity), 16, '0') as call,
              left(period::text, 4) || '-' || right(period::text, 2) as period,
              left(billed_period::text, 4) || '-' || right(billed_period::text, 2) as billed_period,
              to_char(started_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as started_at, charge::text, metered_price::text,
              cdr::json as record
       from ledger_entry order by bucket, ledger_entry.position`,
    );
    const expected = rows.map(({ id, coverage_before: coverage, record: rated, ...row }) => {
      const unpublished = new Set(['identity', 'flags', 'cdr']);
      const columns = Object.entries(row).filter(([name]) => !unpublished.has(name));
      const data = Object.fromEntries(columns.map(([name, value]) => [inCamelCase(name), value]));
      if (data['kind'] === 'usage') return { id, type: 'usage.rated', data: { ...data, record: rated } };
      const corrects = { revision: Number(data['revision']) - 1, coverage };
      return { id, type: 'usage.corrected', data: { ...data, corrects } };
    });
    const told = usage.toSorted((a, b) => a.data.bucket - b.data.bucket || a.data.position - b.data.position);
    expect(told.map(({ id, type, data }) => ({ id, type, data }))).toEqual(expected);
    expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(['usage', 'rerate', 'reversal']));
    const ledgerSource = `/fairtally/ledger/${(await readLives(db))[0]!.id}`;
    expect(
      told.every(
        ({ source, specversion, subject, data }) =>
          source === ledgerSource && specversion === '1.0' && subject === data['line'],
      ),
    ).toBe(true);
  });

  it('tells what happens to a line in order, one event a message, keyed by line', async () => {
    const { db, topics } = opened;
    const messages = await readTopic(inject('kafkaBrokers'), topics.eventTopic);
    const told = messages.map(({ key, contentType, value }) => ({
      key,
      contentType,
      event: JSON.parse(value.toString()),
    }));
    const outbox = await db.query<{ id: string; type: string; line: string }>(
      `select o.bucket || '-' || o.no as id, o.type, l.id as line from outbox o join line l on l.no = o.line order by o.no`,
    );
    expect(told.filter(({ key }) => key === 'L0').map(({ event }) => [event.id, event.type])).toEqual(
      outbox.filter(({ line }) => line === 'L0').map(({ id, type }) => [id, type]),
    );
    expect(told).toHaveLength(outbox.length);
    expect(told.find(({ key }) => key === 'L0')).toMatchObject({
      key: 'L0',
      contentType: 'application/cloudevents+json; charset=UTF-8',
      event: {
        specversion: '1.0',
        source: `/fairtally/ledger/${(await readLives(db))[0]!.id}`,
        type: 'case.opened',
        subject: 'L0',
      },
    });
  });

  it('tells what the published schemas say, of every type but what only a person does, and no field more', async () => {
    const { topics } = opened;
    const usage = usageOf(await readTopic(inject('kafkaBrokers'), topics.usageTopic));
    const events = (await readTopic(inject('kafkaBrokers'), topics.eventTopic)).flatMap(({ value }) => eventsOf(value));
    const faults = [...usage, ...events].flatMap(({ id, type, data }) => {
      const issues = [EVENT_SCHEMAS[type], PUBLISHED.get(type)].flatMap(
        (schema) => schema?.safeParse(data).error?.issues ?? [],
      );
      return issues.length === 0 ? [] : [{ id, type, issues }];
    });
    expect(faults).toEqual([]);
    const types = new Set([...usage, ...events].map(({ type }) => type));
    expect(types).toEqual(new Set(EVENT_TYPES.filter((type) => type !== 'case.decided' && type !== 'ledger.restored')));
  });
});

describe('relays', () => {
  it('skip no position while two engines write, and tell none twice when there are two of them', async () => {
    const { db, ledger, topics } = await openLedger('shared');
    await relaying(db, topics, 2, async () => {
      const engines = [ledger.otherEngine(), ledger.otherEngine()];
      await Promise.all(
        engines.map(async (engine, which) => {
          let position = 0;
          for (let batch = 0; batch < 40; batch++) {
            const first = which * 100_000 + batch * 30;
            const delivery = deliveryOf(records(first, first + 30, LINES), position, `source-${which}`);
            position = delivery.to;
            await engine.take(delivery);
          }
        }),
      );
    });
    const usage = usageOf(await readTopic(inject('kafkaBrokers'), topics.usageTopic));
    expect(positionsOf(usage)).toEqual(await positionsOfLedger(db));
    await db.close();
  });
});

function inCamelCase(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
