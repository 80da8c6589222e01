import { Partitioners, type Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { compareWithExpected } from '../../bin/compare-expected.ts';
import { loadNumberingPlan } from '../../bin/load-numbering-plan.ts';
import { readReport } from '../../services/index.ts';
import { type Database, openDatabase } from '../../ledger/index.ts';
import { kafkaClient } from '../support/kafka-client.ts';
import { type ComposeProject, composeProject } from './compose-project.ts';
import { type MonthOfTraffic, monthOfTraffic, PERIOD } from './month-of-traffic.ts';
import { toldIds } from './told-ids.ts';

const SERVICES = ['relay', 'worker', 'postgres', 'kafka'] as const;
const RECORDS_A_SEND = 100;
const RATED_WITHIN_MS = 120_000;

let month: MonthOfTraffic;
let project: ComposeProject;

beforeAll(async () => {
  month = await monthOfTraffic();
  project = await composeProject(month.folder);
  await project.compose('build');
});

afterAll(async () => {
  await project?.close();
});

describe('docker compose', () => {
  it('starts a system that rates every record once and tells of it, whatever is killed', async () => {
    onTestFailed(async () => console.error(await project.logs()));
    await project.compose('up', '--detach', '--wait');
    await project.compose('run', '--rm', 'fairtally', 'lines', 'import', '.');

    await produceWhileKilling();

    const db = await openDatabase({ url: project.databaseUrl });
    try {
      await untilTaken(db, month.records.length);
      expect(await rolesAtWork(db)).toEqual([
        { role: 'fairtally_rater', isSuperuser: false },
        { role: 'fairtally_relay', isSuperuser: false },
      ]);
      const report = await readReport({ db, plan: loadNumberingPlan() }, PERIOD);
      expect(await compareWithExpected({ db }, report, month.expected)).toEqual([]);
      const entries = await idsOf(db, `select bucket || '-' || position as id from entry`);
      expect(await toldIds(project.brokers, 'fairtally.usage', entries.size)).toEqual(entries);
      const events = await idsOf(db, `select bucket || '-' || no as id from outbox`);
      expect(events.size).toBeGreaterThan(0);
      expect(await toldIds(project.brokers, 'fairtally.events', events.size)).toEqual(events);
    } finally {
      await db.close();
    }
  });
});

/** Produces the month in as many parts as there are services, twice: one before, one while a service is killed. */
async function produceWhileKilling(): Promise<void> {
  // Waits for as long as a broker takes to come back; idempotent: what it acknowledged is there once.
  const patient = kafkaClient(project.brokers, { retries: 100, maxRetryTime: 2_000 });
  const producer = patient.producer({ createPartitioner: Partitioners.DefaultPartitioner, idempotent: true });
  await producer.connect();
  const partSize = Math.ceil(month.records.length / (2 * SERVICES.length));
  const part = (index: number) => month.records.slice(index * partSize, (index + 1) * partSize);
  for (const [index, service] of SERVICES.entries()) {
    await send(producer, part(2 * index));
    await Promise.all([killAndStart(service), send(producer, part(2 * index + 1))]);
  }
  await producer.disconnect();
}

async function send(producer: Producer, records: MonthOfTraffic['records']): Promise<void> {
  for (let start = 0; start < records.length; start += RECORDS_A_SEND) {
    await producer.send({ topic: 'cdr', acks: -1, messages: records.slice(start, start + RECORDS_A_SEND) });
  }
}

async function killAndStart(service: string): Promise<void> {
  await project.compose('kill', service);
  await project.compose('up', '--detach', '--wait', '--no-recreate');
}

/** Waits until the ledger has taken in as many messages as were produced: each offset counts one. */
async function untilTaken(db: Database, messages: number): Promise<void> {
  const giveUpAt = Date.now() + RATED_WITHIN_MS;
  for (;;) {
    const [row] = await db.query<{ taken: string }>(
      `select coalesce(sum(position), 0) as taken from source_position where source = 'kafka:cdr'`,
    );
    const taken = Number(row?.taken);
    if (taken === messages) return;
    if (taken > messages || Date.now() > giveUpAt) {
      throw new Error(`${taken} messages were taken in of ${messages} that were produced`);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** As whom the services are connected, each with just what it needs. */
function rolesAtWork(db: Database): Promise<unknown[]> {
  return db.query(
    `select distinct a.usename as role, r.rolsuper as "isSuperuser"
     from pg_stat_activity a join pg_roles r on r.rolname = a.usename
     where a.application_name = 'fairtally' and a.pid <> pg_backend_pid() order by 1`,
  );
}

async function idsOf(db: Database, statement: string): Promise<Set<string>> {
  return new Set((await db.query<{ id: string }>(statement)).map(({ id }) => id));
}
