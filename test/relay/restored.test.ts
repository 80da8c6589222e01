import { Writable } from 'node:stream';
import { describe, expect, inject, it } from 'vitest';
import { openLog } from '../../bin/open-log.ts';
import { createKafka } from '../../kafka/index.ts';
import { type Database, openDatabase, readLives, settleFirstHome } from '../../ledger/index.ts';
import { EVENT_SCHEMAS, Relay, type RelayTopics } from '../../relay/index.ts';
import { runCommand } from '../bin/run-command.ts';
import { fullIllimite } from '../rules/full-illimite-for-test.ts';
import { deliveryOf, LedgerUnderTest } from '../support/ledger-under-test.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { makeRelayTopics, readTopic, type ToldUsage, untilTold, usageOf } from './told.ts';
import { DECK, lines, records } from './usage-for-test.ts';

const LINES = 24;

/** Runs a relay until all is told; returns what an operator finds in its log. */
async function tellAll(db: Database, topics: RelayTopics, until: () => Promise<void> = () => untilTold(db)) {
  const said: string[] = [];
  const stderr = new Writable({
    write(line: Buffer, _, done) {
      said.push(line.toString('utf8'));
      done();
    },
  });
  const settings = { brokers: inject('kafkaBrokers').split(','), tls: null, sasl: null };
  const log = openLog({ isInteractive: false, stderr }, settings);
  log.level = 'error';
  const kafka = createKafka(settings, log);
  const stop = new AbortController();
  const running = new Relay(topics, { kafka, db, log }).run(stop.signal);
  await Promise.race([until(), untilSaid(said, 'it is a copy')]);
  stop.abort();
  await running;
  return said;
}

async function untilSaid(said: readonly string[], text: string): Promise<void> {
  while (!said.some((line) => line.includes(text))) await new Promise((resolve) => setTimeout(resolve, 20));
}

/**
 * What a reader has that follows docs/reference/events.md, "A ledger that was restored": entries by life and
 * position.
 */
function readerOf(usage: readonly (ToldUsage & { readonly data: Readonly<Record<string, unknown>> })[]) {
  const entries = new Map<string, string>();
  for (const event of usage) {
    const life = event.source.replace('/fairtally/ledger/', '');
    if ((event.type as string) === 'ledger.restored') {
      const { before, buckets } = EVENT_SCHEMAS['ledger.restored'].parse(event.data);
      for (const { bucket, position } of buckets) {
        for (const key of entries.keys()) {
          const [keptLife, keptBucket, keptPosition] = key.split(' ');
          if (keptLife === before && Number(keptBucket) === bucket && Number(keptPosition) > position)
            entries.delete(key);
        }
      }
    } else entries.set(`${life} ${event.data.bucket} ${event.data.position}`, String(event.data['call']));
  }
  return entries;
}

describe('a ledger that was restored from a copy', () => {
  it.each([
    ['after somebody said that it is the ledger', false],
    ['before, too', true],
  ])('is not told of until then, and readers know what to drop, though its workers write: %s', async (_, isEarly) => {
    const first = await createTestDatabase(inject('postgres').template);
    const db = await openDatabase({ url: first.url });
    const ledger = await LedgerUnderTest.on(db, [fullIllimite()], DECK);
    await settleFirstHome(db);
    await ledger.provision(lines(LINES));
    await ledger.deliver(records(0, 200, LINES));
    const topics = await makeRelayTopics(inject('kafkaBrokers'), `restored-${process.pid}-${isEarly}`);
    await tellAll(db, topics);
    await db.close();
    // The copy knows of 200 records; the ledger takes in 100 more and tells of them before it is lost.
    const copy = await createTestDatabase(new URL(first.url).pathname.slice(1));
    const lost = await openDatabase({ url: first.url });
    await ledger.otherEngine(lost).take(deliveryOf(records(1000, 1100, LINES), 0, 'lost'));
    await tellAll(lost, topics);
    await lost.close();
    await first.drop();

    const restored = await openDatabase({ url: copy.url });
    try {
      const refused = await tellAll(restored, topics);
      expect(refused.join('')).toContain('fairtally restored');
      if (isEarly) await ledger.otherEngine(restored).take(deliveryOf(records(2000, 2090, LINES), 0, 'early'));
      const command = ['restored', '--by', 'op', '--note', 'disk lost', '--database', copy.url];
      expect(await runCommand('/', command)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('life 2') });
      const [lifeBefore, life] = await readLives(restored);
      await ledger.otherEngine(restored).take(deliveryOf(records(1050, 1200, LINES), 0, 'restored'));
      await tellAll(restored, topics);

      const told = usageOf(await readTopic(inject('kafkaBrokers'), topics.usageTopic));
      const expected = await restored.query<{ bucket: number; position: number; call: string }>(
        `select bucket, position::int, lpad(to_hex(identity), 16, '0') as call from ledger_entry`,
      );
      const ends = new Map([...life!.starts].map(([bucket, { position }]) => [bucket, position]));
      expect(readerOf(told)).toEqual(
        new Map(
          expected.map(({ bucket, position, call }) => [
            `${position <= (ends.get(bucket) ?? 0) ? lifeBefore!.id : life!.id} ${bucket} ${position}`,
            call,
          ]),
        ),
      );
      const events = (await readTopic(inject('kafkaBrokers'), topics.eventTopic)).map(({ partition, value }) => ({
        partition,
        type: (JSON.parse(value.toString()) as { type: string }).type,
      }));
      const told4 = events.filter(({ type }) => type === 'ledger.restored').map(({ partition }) => partition);
      expect(new Set(told4)).toEqual(new Set([0, 1, 2, 3]));
    } finally {
      await restored.close();
      await copy.drop();
    }
  });

  it('is told of in its new life by a relay that was running when it began', async () => {
    const database = await createTestDatabase(inject('postgres').template);
    const db = await openDatabase({ url: database.url });
    try {
      const ledger = await LedgerUnderTest.on(db, [fullIllimite()], DECK);
      await ledger.provision(lines(LINES));
      const topics = await makeRelayTopics(inject('kafkaBrokers'), `running-${process.pid}`);
      await tellAll(db, topics, async () => {
        await ledger.deliver(records(0, 50, LINES));
        await untilTold(db);
        const args = ['restored', '--by', 'op', '--note', 'in place', '--database', database.url];
        expect(await runCommand('/', args)).toMatchObject({ exitCode: 0 });
        await ledger.deliver(records(50, 100, LINES));
        await untilTold(db);
      });
      const lives = await readLives(db);
      const told = usageOf(await readTopic(inject('kafkaBrokers'), topics.usageTopic));
      const bySource = Map.groupBy(told, ({ source }) => source);
      expect([...bySource.keys()].toSorted()).toEqual(lives.map(({ id }) => `/fairtally/ledger/${id}`).toSorted());
      const [restoredFirst] = bySource.get(`/fairtally/ledger/${lives[1]!.id}`) ?? [];
      expect(restoredFirst?.type).toBe('ledger.restored');
      expect(told.filter(({ type }) => type === 'usage.rated')).toHaveLength(100);
    } finally {
      await db.close();
      await database.drop();
    }
  });

  it('goes on as before after a failover in which nothing was lost', async () => {
    const database = await createTestDatabase(inject('postgres').template);
    const db = await openDatabase({ url: database.url });
    try {
      await settleFirstHome(db);
      await db.exec('update ledger_home set timeline = timeline + 1');
      const args = ['restored', '--nothing-lost', '--by', 'op', '--note', 'failover', '--database', database.url];
      expect(await runCommand('/', args)).toMatchObject({ exitCode: 0 });
      expect(await readLives(db)).toHaveLength(1);
      const topics = await makeRelayTopics(inject('kafkaBrokers'), `failover-${process.pid}`);
      expect(await tellAll(db, topics)).toEqual([]);
    } finally {
      await db.close();
      await database.drop();
    }
  });

  it('begins no other life while it is at home, unless told so; a second time it is at home', async () => {
    const database = await createTestDatabase(inject('postgres').template);
    const db = await openDatabase({ url: database.url });
    const run = (...options: string[]) =>
      runCommand('/', ['restored', '--by', 'op', '--note', 'restored', '--database', database.url, ...options]);
    const lives = async (): Promise<number> => (await readLives(db)).length;
    try {
      await settleFirstHome(db);
      const [settled] = await db.query('select settled_by, settled_at from ledger_home');
      for (const options of [[], ['--nothing-lost']]) {
        const refused = await run(...options);
        expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(`'--in-place' does it`) });
      }
      expect([await lives(), await db.query('select settled_by, settled_at from ledger_home')]).toEqual([1, [settled]]);
      await db.exec('update ledger_home set timeline = timeline + 1');
      expect(await run()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('life 2') });
      expect([(await run()).exitCode, await lives()]).toEqual([1, 2]);
      expect(await run('--in-place')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('life 3') });
      expect((await run('--in-place', '--nothing-lost')).exitCode).toBe(2);
    } finally {
      await db.close();
      await database.drop();
    }
  });
});
