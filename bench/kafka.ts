import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '../ledger/index.ts';
import { startKafka } from '../test/support/kafka.ts';
import { type ChildCommand, startCommand } from './child-command.ts';
import { cpuSecondsOf } from './cpu-seconds.ts';
import { fillTopic, makeTopics } from './kafka-topic.ts';
import { durableRateText, plainCopyPerSecond } from './plain-copy.ts';
import { type BenchServer, withServer } from './postgres-server.ts';
import { preloadMonth } from './preload-month.ts';
import { makeTraffic } from './traffic.ts';

const SIZE = { lines: 50_000, numbersPerLine: 40, recordsPerChunk: 10_000, name: 'kafka' };
/** Of this run only: the broker may be in other use. */
const TOPIC = `bench-${process.pid}-cdr`;
const USAGE_TOPIC = `bench-${process.pid}-usage`;
const EVENT_TOPIC = `bench-${process.pid}-events`;
const PARTITIONS = 8;
const LOOK_EVERY_MS = 250;
const ROW_EVERY_MS = 1_000;
const GIVE_UP_AFTER_MS = 20 * 60_000;
/** What a broker is usually given; the tests' options start it quicker, and keep it slower. */
const BROKER_JVM = ['-Xms1g', '-Xmx1g'];

interface Variant {
  readonly name: string;
  readonly workers: number;
  readonly relays: number;
}

const VARIANTS: readonly Variant[] = [
  { name: '1 worker', workers: 1, relays: 0 },
  { name: '1 worker and the relay', workers: 1, relays: 1 },
  { name: '2 workers', workers: 2, relays: 0 },
];

/**
 * From a topic that is full, by worker, into PostgreSQL with its default durability; broker, database and workers are
 * processes of this machine. Measured from the first commit that is seen until all is durable.
 */
export async function benchKafka(records = 1_000_000, entries = 0): Promise<void> {
  const kafka = await startKafka({ ways: ['environment', 'local'], jvmOptions: BROKER_JVM });
  try {
    const traffic = makeTraffic({ ...SIZE, records });
    const group = `fairtally-bench-${process.pid}`;
    await makeTopics(kafka.address, [TOPIC, USAGE_TOPIC, EVENT_TOPIC], PARTITIONS);
    await fillTopic(kafka.address, TOPIC, traffic);
    await withServer(async (server) => {
      for (const [index, variant] of VARIANTS.entries()) {
        if (entries > 0 && index > 0) break;
        await server.withLedger(traffic, async ({ db, url }) => {
          const plain = await plainCopyPerSecond(db);
          if (entries > 0) await preloadMonth(db, entries, SIZE.lines);
          const place = ['--database', url, '--brokers', kafka.address];
          const run = { variant, place, group: `${group}-${index}`, records };
          const measured = await measure(run, db, { kafka: kafka.pids, server });
          const month = entries === 0 ? 'an empty month' : `${entries.toLocaleString('en')} entries in the month`;
          console.log(`Kafka to PostgreSQL, ${variant.name}, ${month}: ${durableRateText(measured.perSecond, plain)}`);
          console.log(`  CPU a call, µs: ${measured.cpu}`);
          if (measured.toldAfterSeconds !== null) {
            console.log(`  the last call was told ${measured.toldAfterSeconds.toFixed(1)} s after the last was rated`);
          }
        });
      }
    });
  } finally {
    await kafka.close();
  }
}

interface Run {
  readonly variant: Variant;
  readonly place: readonly string[];
  readonly group: string;
  readonly records: number;
}

interface Machine {
  readonly kafka: readonly number[];
  readonly server: BenchServer;
}

/** Records that are rated and told, and CPU seconds used, at one moment. */
interface Sample {
  readonly at: number;
  readonly rated: number;
  readonly told: number;
  readonly worker: number;
  readonly database: number;
  readonly broker: number;
  readonly relay: number;
}

interface Measured {
  readonly perSecond: number;
  readonly cpu: string;
  /** From the last call rated to the last told; `null` without a relay. */
  readonly toldAfterSeconds: number | null;
}

/** November 2026 whatever day it is. */
const ANY_MONTH = `${TOPIC},starts-before-days=36500,starts-after-days=36500`;

async function measure(
  { variant, place, group, records }: Run,
  db: Database,
  { kafka, server }: Machine,
): Promise<Measured> {
  const workers = startAll(variant.workers, ['worker', ...place, '--topic', ANY_MONTH, '--group', group]);
  const relays = startAll(variant.relays, [
    'relay',
    ...place,
    '--usage-topic',
    USAGE_TOPIC,
    '--event-topic',
    EVENT_TOPIC,
  ]);
  const children = [...workers, ...relays];
  const sample = async (): Promise<Sample> => ({
    at: performance.now(),
    ...(await progress(db)),
    worker: cpuSecondsOf(workers.map(({ pid }) => pid)),
    database: cpuSecondsOf(server.pids),
    broker: cpuSecondsOf(kafka),
    relay: cpuSecondsOf(relays.map(({ pid }) => pid)),
  });
  const failed = Promise.race(children.map((child) => child.failed));
  try {
    const { first, last } = await Promise.race([watch(sample, ({ rated }) => rated >= records, records), failed]);
    const rated = last.rated - first.rated;
    const perSecond = (rated / (last.at - first.at)) * 1000;
    if (variant.relays === 0) return { perSecond, cpu: cpuText(first, last, rated), toldAfterSeconds: null };
    const entries = await countEntries(db);
    const told = await Promise.race([watch(sample, (now) => now.told >= entries, records), failed]);
    return {
      perSecond,
      cpu: cpuText(first, told.last, rated),
      toldAfterSeconds: (told.last.at - last.at) / 1000,
    };
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

function startAll(count: number, args: readonly string[]): ChildCommand[] {
  return Array.from({ length: count }, () => startCommand(args));
}

/** Looks on, from the first record that is rated until it is done, and prints how far it is, each second. */
async function watch(
  sample: () => Promise<Sample>,
  isDone: (now: Sample) => boolean,
  records: number,
): Promise<{ first: Sample; last: Sample }> {
  const begunAt = performance.now();
  let first: Sample | null = null;
  let printed: Sample | null = null;
  for (;;) {
    const now = await sample();
    if (now.rated > 0) first ??= now;
    if (first !== null && isDone(now)) return { first, last: now };
    if (printed === null ? first !== null : now.at - printed.at >= ROW_EVERY_MS) {
      if (printed !== null) console.log(rowText(first ?? now, printed, now, records));
      printed = now;
    }
    if (now.at - begunAt > GIVE_UP_AFTER_MS) throw new Error(`Cannot measure: ${now.rated} of ${records} are rated`);
    await pause(LOOK_EVERY_MS);
  }
}

async function progress(db: Database): Promise<{ readonly rated: number; readonly told: number }> {
  const [row] = await db.query<{ rated: number; told: number }>(
    `select coalesce((select sum(records) from source_count where outcome = 'rated'), 0)::float8 as rated,
            coalesce((select sum(position) from relay_cursor where feed = 'usage'), 0)::float8 as told`,
  );
  return row ?? { rated: 0, told: 0 };
}

async function countEntries(db: Database): Promise<number> {
  const [row] = await db.query<{ entries: number }>('select sum(position)::float8 as entries from head');
  return row?.entries ?? 0;
}

/** Lag, speed and cores busy, from the sample before until now. */
function rowText(first: Sample, before: Sample, now: Sample, records: number): string {
  const seconds = (now.at - before.at) / 1000;
  const cores = (part: 'worker' | 'database' | 'broker' | 'relay'): string =>
    ((now[part] - before[part]) / seconds).toFixed(2);
  return (
    `  ${((now.at - first.at) / 1000).toFixed(0).padStart(4)} s  lag ${String(records - now.rated).padStart(8)}  ` +
    `${Math.round((now.rated - before.rated) / seconds).toLocaleString('en')} calls/s  cores: worker ${cores('worker')}, ` +
    `PostgreSQL ${cores('database')}, broker ${cores('broker')}${Number.isNaN(now.relay) ? '' : `, relay ${cores('relay')}`}`
  );
}

function cpuText(first: Sample, last: Sample, rated: number): string {
  const parts = ['worker', 'database', 'broker', 'relay'] as const;
  const costs = parts.map((part) => [part, ((last[part] - first[part]) / rated) * 1e6] as const);
  return costs
    .filter(([, cost]) => !Number.isNaN(cost))
    .map(([part, cost]) => `${part} ${cost.toFixed(1)}`)
    .join(', ');
}
