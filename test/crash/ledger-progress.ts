import type { Kafka } from 'kafkajs';
import { Client } from 'pg';
import { KEYED_TOPIC, LEGS_TOPIC, REGISTRATIONS_TOPIC, UNKEYED_LEGS_TOPIC, UNKEYED_TOPIC } from './make-month.ts';
import { until } from './patience.ts';

/** The topic through which records go that are not keyed by account. */
export const REKEYED_TOPIC = 'fairtally.rekeyed';

/** Under which source the ledger keeps its position in each topic. */
export const SOURCES: Readonly<Record<string, string>> = {
  [KEYED_TOPIC]: `kafka:${KEYED_TOPIC}`,
  [UNKEYED_TOPIC]: `rekey:${UNKEYED_TOPIC}`,
  [REKEYED_TOPIC]: `kafka:${REKEYED_TOPIC}`,
};

/** The same with the topics of what are no records of one call each. */
export const ALL_SOURCES: Readonly<Record<string, string>> = {
  ...SOURCES,
  [LEGS_TOPIC]: `kafka:${LEGS_TOPIC}`,
  [UNKEYED_LEGS_TOPIC]: `rekey:${UNKEYED_LEGS_TOPIC}`,
  [REGISTRATIONS_TOPIC]: `kafka:${REGISTRATIONS_TOPIC}`,
};

/** Rows of one statement, on a connection of its own: pools remember servers that are gone. */
export async function ask<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** How far the ledger has come in all sources together. */
export async function takenIn(url: string): Promise<number> {
  const [row] = await ask<{ sum: string }>(url, 'select coalesce(sum(position), 0) as sum from source_position');
  return Number(row?.sum);
}

/** Where a partition's log begins and ends, and where the ledger stands in it: `null`, nowhere yet. */
export interface PartitionProgress {
  readonly topic: string;
  readonly partition: number;
  readonly start: number;
  readonly end: number;
  readonly position: number | null;
}

export async function readProgress(client: Kafka, url: string, sources = SOURCES): Promise<PartitionProgress[]> {
  const rows = await ask<{ source: string; partition: number; position: string }>(
    url,
    'select source, partition, position from source_position',
  );
  const positions = new Map(
    rows.map(({ source, partition, position }) => [`${source} ${partition}`, Number(position)]),
  );
  const admin = client.admin();
  await admin.connect();
  try {
    const progress: PartitionProgress[] = [];
    for (const [topic, source] of Object.entries(sources)) {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
        const position = positions.get(`${source} ${partition}`) ?? null;
        progress.push({ topic, partition, start: Number(low), end: Number(high), position });
      }
    }
    return progress;
  } finally {
    await admin.disconnect();
  }
}

/** Whether the ledger has all that the logs have; what was produced into a log meanwhile is seen by the next look. */
export function isAllTaken(progress: readonly PartitionProgress[]): boolean {
  return progress.every(({ start, end, position }) => (position ?? start) === end);
}

/** Everything by which one can tell that something still happens. */
const STATE = `select (select coalesce(sum(position), 0) from source_position) as taken, (select sum(position) from head) as entries,
  (select count(*) from stale_line) as stale, (select count(*) from quarantine where state = 'waiting') as waiting,
  (select coalesce(sum(position), 0) from relay_cursor) as told`;
const QUIET_MS = 4000;

/** Waits until all is taken in and nothing has changed for some seconds; whether that came to be. */
export async function untilQuiet(client: Kafka, url: string, patienceMs: number, sources = SOURCES): Promise<boolean> {
  let last = '';
  let since = Date.now();
  return until(
    async () => {
      const state = JSON.stringify(await ask(url, STATE));
      const isMoving = state !== last || !isAllTaken(await readProgress(client, url, sources));
      if (isMoving) since = Date.now();
      last = state;
      return Date.now() - since > QUIET_MS;
    },
    patienceMs,
    300,
  );
}
