import { Partitioners, type Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it, onTestFailed, vi } from 'vitest';
import { z } from 'zod';
import { compareWithExpected } from '../../bin/compare-expected.ts';
import { loadNumberingPlan } from '../../bin/load-numbering-plan.ts';
import { readReport } from '../../services/index.ts';
import { type Database, openDatabase } from '../../ledger/index.ts';
import { dashboardExpressions } from '../support/dashboard.ts';
import { kafkaClient } from '../support/kafka-client.ts';
import { type ComposeProject, composeProject } from './compose-project.ts';
import { type MonthOfTraffic, monthOfTraffic, PERIOD } from './month-of-traffic.ts';
import { toldIds } from './told-ids.ts';

const SERVICES = ['relay', 'worker', 'api', 'postgres', 'kafka'] as const;
const RECORDS_A_SEND = 100;
const RATED_WITHIN_MS = 120_000;
const WATCHED_WITHIN_MS = 120_000;

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
        { role: 'fairtally_operator', isSuperuser: false },
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

  it('has an API that takes records in with the first key, and that Prometheus watches', async () => {
    onTestFailed(async () => console.error(await project.logs()));
    await project.compose('--profile=monitoring', 'up', '--detach', '--wait', ...project.monitoring);
    const { prometheus, alertmanager } = project.urls;
    await until('Prometheus has reached all it watches', async () => {
      const { activeTargets } = await prometheusData(prometheus, 'targets', targetsAnswer);
      const health = activeTargets.map(({ labels, health: is }) => `${labels['job']} ${is}`).toSorted();
      expect(health).toEqual(['fairtally-api up', 'fairtally-relay up', 'fairtally-worker up', 'prometheus up']);
    });

    const key = (await project.compose('run', '--rm', 'fairtally', 'keys', 'create', 'first', '--role=admin')).trim();
    const answer = await fetch(`${project.urls.api}/v1/cdrs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: postedRecord(),
    });
    expect([answer.status, await answer.json()]).toMatchObject([200, { received: 1, counts: { rated: 1 } }]);
    await recordThatNoneShouldBe();

    await until('the dashboard shows what it is for', async () => {
      const empty = new Set<string>();
      for (const [panel, query] of dashboardExpressions()) {
        const question = new URLSearchParams({ query });
        const { result } = await prometheusData(prometheus, `query?${question.toString()}`, queryAnswer);
        if (result.length === 0) empty.add(panel);
      }
      expect(SHOWN.filter((panel) => empty.has(panel))).toEqual([]);
    });
    const { groups } = await prometheusData(prometheus, 'rules', rulesAnswer);
    const faults = groups.flatMap(({ rules }) => rules.filter(({ health }) => health === 'err'));
    expect(faults).toEqual([]);
    await until('Alertmanager hears of it', async () => {
      const alerts = alertsAnswer.parse(await (await fetch(`${alertmanager}/api/v2/alerts`)).json());
      expect(alerts).toContainEqual({
        labels: expect.objectContaining({ alertname: 'FairtallyRatingFailed' }),
        annotations: expect.objectContaining({ runbook: 'docs/operations.md#alert-fairtallyratingfailed' }),
      });
    });
    if (project.monitoring.includes('grafana')) await seeGrafana();
    else console.warn('Grafana was not tried: its image is not here and can not be pulled');
  });
});

/** Panels that have something to show by then. */
const SHOWN = [
  'Entries by coverage',
  'Lag by topic',
  'Time of a batch',
  'Quarantine by reason',
  'Money at stake',
  'Open cases',
  'Holes',
  'Relay: not published yet',
  'Requests by route and status',
  '99 in 100 requests take at most, by route',
  'Who answers',
];

const targetsAnswer = z.object({
  activeTargets: z.array(z.object({ labels: z.record(z.string(), z.string()), health: z.string() })),
});
const queryAnswer = z.object({ result: z.array(z.unknown()) });
const rulesAnswer = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ name: z.string(), health: z.string() })) })),
});
const alertsAnswer = z.array(
  z.object({ labels: z.record(z.string(), z.string()), annotations: z.record(z.string(), z.string()) }),
);

async function prometheusData<T>(url: string, path: string, shape: z.ZodType<T>): Promise<T> {
  const answer = await fetch(`${url}/api/v1/${path}`);
  return z.object({ status: z.literal('success'), data: shape }).parse(await answer.json()).data;
}

/** A call of a line that was imported. */
function postedRecord(): string {
  const [, line = ''] = /"line":"([^"]+)"/.exec(month.records.map(({ value }) => value.toString()).join('\n')) ?? [];
  const answered = '2026-11-15T10:00:00Z';
  return JSON.stringify({ v: 1, switch: 'posted', call: 'p1', line, to: '+33612345678', answered, durationMs: 60_000 });
}

/** Has a record wait that no record should be: a reason for an alert that comes at once. */
async function recordThatNoneShouldBe(): Promise<void> {
  const db = await openDatabase({ url: project.databaseUrl });
  try {
    const changed = await db.query(
      `update quarantine set reason = 'rating-failed'
       where no = (select min(no) from quarantine where state = 'waiting') returning no`,
    );
    expect(changed).toHaveLength(1);
  } finally {
    await db.close();
  }
}

/** The dashboard is there, and its data source answers. */
async function seeGrafana(): Promise<void> {
  const authorization = `Basic ${Buffer.from(`admin:${project.password}`).toString('base64')}`;
  const ask = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${project.urls.grafana}/api/${path}`, { headers: { authorization } });
    return answer.json();
  };
  expect(await ask('dashboards/uid/fairtally')).toMatchObject({ dashboard: { title: 'Fairtally' } });
  expect(await ask('datasources/uid/fairtally-prometheus/health')).toMatchObject({ status: 'OK' });
}

/** Tries until what is expected is so. */
async function until(what: string, expectIt: () => Promise<void>): Promise<void> {
  await vi.waitFor(expectIt, { timeout: WATCHED_WITHIN_MS, interval: 2_000 }).catch((cause: unknown) => {
    throw new Error(`Not within ${WATCHED_WITHIN_MS / 1000} s: ${what}`, { cause });
  });
}

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
