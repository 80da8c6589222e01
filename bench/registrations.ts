import { setTimeout as pause } from 'node:timers/promises';
import { Kafka, Partitioners, logLevel } from 'kafkajs';
import type { Database } from '../ledger/index.ts';
import { startKafka } from '../test/support/kafka.ts';
import { startCommand } from './child-command.ts';
import { cpuSecondsOf } from './cpu-seconds.ts';
import { fillTopic, makeTopics } from './kafka-topic.ts';
import { type BenchServer, withServer } from './postgres-server.ts';
import { makeTraffic } from './traffic.ts';

const LINES = 50_000;
const SIZE = { lines: LINES, numbersPerLine: 40, recordsPerChunk: 10_000, name: 'registrations' };
const CALLS = `bench-${process.pid}-calls`;
const TOLD = `bench-${process.pid}-registrations`;
/** November 2026 whatever day it is. */
const CALL_TOPIC = `${CALLS},starts-before-days=36500,starts-after-days=36500`;
const PARTITIONS = 8;
const A_SECOND = 2_000;
const SEND_EVERY_MS = 50;
const LOOK_EVERY_MS = 250;
const GIVE_UP_AFTER_MS = 10 * 60_000;
/** After all calls of the traffic. */
const FIRST_INSTANT = Date.UTC(2026, 11, 1);

interface Measured {
  readonly perSecond: number;
  readonly workerMicros: number;
  readonly databaseMicros: number;
  readonly told: number;
}

/**
 * What 2,000 registrations a second cost a worker that rates a full topic: its rate alone and beside them, in turn.
 * 50,000 phones register each 25 s, as long as it rates.
 */
export async function benchRegistrations(records = 1_000_000, rounds = 2): Promise<void> {
  const kafka = await startKafka({ ways: ['environment', 'local'] });
  try {
    const traffic = makeTraffic({ ...SIZE, records });
    await makeTopics(kafka.address, [CALLS], PARTITIONS);
    await fillTopic(kafka.address, CALLS, traffic);
    await withServer(async (server) => {
      for (let round = 0; round < rounds * 2; round++) {
        const isBeside = round % 2 === 1;
        await server.withLedger(traffic, async ({ db, url }) => {
          const topic = `${TOLD}-${round}`;
          await makeTopics(kafka.address, [topic], 2);
          const stopping = new AbortController();
          const telling = isBeside ? tell(kafka.address, topic, stopping.signal) : Promise.resolve();
          try {
            const run = { url, address: kafka.address, topic, group: `${topic}-group`, records };
            const measured = await measure(run, db, server);
            console.log(`${isBeside ? `beside ${measured.told} registrations` : 'alone'}: ${textOf(measured)}`);
          } finally {
            stopping.abort();
            await telling;
          }
        });
      }
    });
  } finally {
    await kafka.close();
  }
}

function textOf({ perSecond, workerMicros, databaseMicros }: Measured): string {
  return (
    `${Math.round(perSecond).toLocaleString('en')} calls/s; CPU a call, µs: worker ${workerMicros.toFixed(1)}, ` +
    `database ${databaseMicros.toFixed(1)}`
  );
}

/** Tells registrations of all lines in turn, at an even pace. */
async function tell(address: string, topic: string, signal: AbortSignal): Promise<void> {
  const kafka = new Kafka({ clientId: 'fairtally-bench', brokers: address.split(','), logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const begunAt = performance.now();
  for (let sent = 0; !signal.aborted;) {
    const due = Math.floor(((performance.now() - begunAt) / 1000) * A_SECOND);
    const messages = [];
    for (; sent < due; sent++) messages.push({ key: String(sent % LINES), value: registrationText(sent) });
    if (messages.length > 0) await producer.send({ topic, messages });
    await pause(SEND_EVERY_MS);
  }
  await producer.disconnect();
}

function registrationText(index: number): string {
  const line = index % LINES;
  const at = new Date(FIRST_INSTANT + Math.floor((index / A_SECOND) * 1000)).toISOString();
  return (
    `{"line":"L${String(line).padStart(6, '0')}","registeredAt":"${at}","expires":60,` +
    `"ua":"Yealink SIP-T46U 108.86.0.20","ip":"10.${(line >> 8) & 255}.${line & 255}.20"}`
  );
}

interface Run {
  readonly url: string;
  readonly address: string;
  readonly topic: string;
  readonly group: string;
  readonly records: number;
}

async function measure({ url, address, topic, group, records }: Run, db: Database, server: BenchServer) {
  const topics = ['--topic', CALL_TOPIC, '--topic', `${topic},format=registrations`];
  const worker = startCommand(['worker', '--database', url, '--brokers', address, ...topics, '--group', group]);
  const sample = async () => ({
    at: performance.now(),
    rated: await countOf(db, 'rated'),
    worker: cpuSecondsOf([worker.pid]),
    database: cpuSecondsOf(server.pids),
  });
  const watch = async (): Promise<Measured> => {
    const begunAt = performance.now();
    let first: Awaited<ReturnType<typeof sample>> | null = null;
    for (;;) {
      const now = await sample();
      if (now.rated > 0) first ??= now;
      if (first !== null && now.rated >= records) {
        const rated = now.rated - first.rated;
        return {
          perSecond: (rated / (now.at - first.at)) * 1000,
          workerMicros: ((now.worker - first.worker) / rated) * 1e6,
          databaseMicros: ((now.database - first.database) / rated) * 1e6,
          told: await countOf(db, 'not-a-call'),
        };
      }
      if (now.at - begunAt > GIVE_UP_AFTER_MS) throw new Error(`Cannot measure: ${now.rated} of ${records} are rated`);
      await pause(LOOK_EVERY_MS);
    }
  };
  try {
    return await Promise.race([watch(), worker.failed]);
  } finally {
    await worker.stop();
  }
}

async function countOf(db: Database, outcome: string): Promise<number> {
  const [row] = await db.query<{ records: number }>(
    'select coalesce(sum(records), 0)::float8 as records from source_count where outcome = $1',
    [outcome],
  );
  return row?.records ?? 0;
}
