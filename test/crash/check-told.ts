import type { Kafka } from 'kafkajs';
import { z } from 'zod';
import type { Database } from '../../ledger/index.ts';
import type { Difference } from './compare.ts';
import { readTopic } from './read-topic.ts';

const USAGE_TOPIC = 'fairtally.usage';
const EVENT_TOPIC = 'fairtally.events';

const cloudEvent = z.looseObject({ id: z.string() });
const usageBatch = z.array(cloudEvent);

/** The relay told each entry of each bucket at least once, and none before all those ahead of it. */
export async function checkUsageTold(client: Kafka, db: Database): Promise<Difference[]> {
  const heads = await db.query<{ bucket: number; position: bigint }>(
    'select bucket, position from head order by bucket',
  );
  const told = new Map<number, number>();
  const differences: Difference[] = [];
  for (const { value } of await readTopic(client, USAGE_TOPIC)) {
    for (const { id } of usageBatch.parse(JSON.parse(value.toString()))) {
      const [bucket = -1, position = -1] = id.split('-').map(Number);
      const last = told.get(bucket) ?? 0;
      if (position > last + 1) differences.push({ of: 'told', text: `usage ${id} was told after ${bucket}-${last}` });
      told.set(bucket, Math.max(last, position));
    }
  }
  const missing = heads.flatMap(({ bucket, position }): Difference[] =>
    (told.get(bucket) ?? 0) === Number(position)
      ? []
      : [{ of: 'told', text: `usage of bucket ${bucket} was told up to ${told.get(bucket) ?? 0} of ${position}` }],
  );
  return [...differences, ...missing];
}

/** The relay told each event of the outbox at least once. */
export async function checkEventsTold(client: Kafka, db: Database): Promise<Difference[]> {
  const rows = await db.query<{ events: string }>('select count(*)::text as events from outbox');
  const told = new Set(
    (await readTopic(client, EVENT_TOPIC)).map(({ value }) => cloudEvent.parse(JSON.parse(value.toString())).id),
  );
  const written = Number(rows[0]?.events);
  return told.size === written ? [] : [{ of: 'told', text: `${told.size} of ${written} events were told` }];
}
