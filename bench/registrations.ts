import { setTimeout as pause } from 'node:timers/promises';
import { Kafka, Partitioners, type Producer, logLevel } from 'kafkajs';
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
const LOOK_EVERY_MS = 20;
const GIVE_UP_AFTER_MS = 60_000;
/** After all calls of the traffic. */
const FIRST_INSTANT = Date.UTC(2026, 11, 1);

/** Registrations are told in every other stretch; the first of all is thrown away. */
const STRETCH_MS = 3_000;
/** What the stretch before left over is taken in within so long. */
const SETTLE_MS = 1_500;

/** What a stretch of the worker's life came to. */
interface Stretch {
  readonly isBeside: boolean;
  readonly perSecond: number;
  readonly workerMicros: number;
  readonly databaseMicros: number;
  readonly told: number;
}

/**
 * What 2,000 registrations a second cost a worker that rates a full topic: one worker, beside registrations and alone
 * in turn, each stretch beside them compared with the two next to it. So the machine's moods, and what the ledger's
 * growth costs, fall on both alike. 50,000 phones register each 25 s. The CPU time of who sends them, and of the
 * broker, is not the worker's and not counted; on a machine of two cores it still takes from its rate.
 */
export async function benchRegistrations(records = 5_000_000): Promise<void> {
  const kafka = await startKafka({ ways: ['environment', 'local'] });
  try {
    const traffic = makeTraffic({ ...SIZE, records });
    await makeTopics(kafka.address, [TOLD], 2);
    await makeTopics(kafka.address, [CALLS], PARTITIONS);
    await fillTopic(kafka.address, CALLS, traffic);
    await withServer((server) =>
      server.withLedger(traffic, async ({ db, url }) => {
        const stretches = await measure({ url, address: kafka.address, records }, db, server);
        for (const stretch of stretches) console.log(textOf(stretch));
        console.log(comparisonText(stretches));
      }),
    );
  } finally {
    await kafka.close();
  }
}

function textOf({ isBeside, perSecond, workerMicros, databaseMicros, told }: Stretch): string {
  return (
    `${(isBeside ? `beside ${told} registrations` : 'alone').padEnd(28)} ` +
    `${Math.round(perSecond).toLocaleString('en').padStart(8)} calls/s; CPU a call, µs: ` +
    `worker ${workerMicros.toFixed(1)}, database ${databaseMicros.toFixed(1)}`
  );
}

/** The medians, over the stretches beside registrations, of what they are of the mean of the two next to them. */
function comparisonText(stretches: readonly Stretch[]): string {
  const rates: number[] = [];
  const cpus: number[] = [];
  const cpuMicros = ({ workerMicros, databaseMicros }: Stretch): number => workerMicros + databaseMicros;
  for (const [at, stretch] of stretches.entries()) {
    const [before, after] = [stretches[at - 1], stretches[at + 1]];
    if (!stretch.isBeside || before === undefined || after === undefined) continue;
    rates.push((2 * stretch.perSecond) / (before.perSecond + after.perSecond));
    cpus.push((2 * cpuMicros(stretch)) / (cpuMicros(before) + cpuMicros(after)));
  }
  return `beside to alone, medians of ${rates.length}: calls/s ${listText(rates)}; CPU a call ${listText(cpus)}`;
}

function listText(ratios: readonly number[]): string {
  return `${medianOf(ratios).toFixed(3)} (${ratios.map((one) => one.toFixed(2)).join(', ')})`;
}

function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Tells registrations of all lines in turn, at an even pace, while it is to. */
class Sender {
  readonly #producer: Producer;
  #sent = 0;
  #stopping = new AbortController();
  #sending: Promise<void> = Promise.resolve();

  constructor(address: string) {
    const kafka = new Kafka({ clientId: 'fairtally-bench', brokers: address.split(','), logLevel: logLevel.NOTHING });
    this.#producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  }

  async start(): Promise<void> {
    await this.#producer.connect();
  }

  begin(): void {
    this.#stopping = new AbortController();
    this.#sending = this.#send(this.#stopping.signal);
  }

  async pause(): Promise<void> {
    this.#stopping.abort();
    await this.#sending;
  }

  async stop(): Promise<void> {
    await this.pause();
    await this.#producer.disconnect();
  }

  async #send(signal: AbortSignal): Promise<void> {
    const first = this.#sent;
    for (const begunAt = performance.now(); !signal.aborted;) {
      const due = first + Math.floor(((performance.now() - begunAt) / 1000) * A_SECOND);
      const messages = [];
      for (; this.#sent < due; this.#sent++) {
        messages.push({ key: String(this.#sent % LINES), value: registrationText(this.#sent) });
      }
      if (messages.length > 0) await this.#producer.send({ topic: TOLD, messages });
      await pause(SEND_EVERY_MS);
    }
  }
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
  readonly records: number;
}

interface Sample {
  readonly at: number;
  readonly rated: number;
  readonly told: number;
  readonly worker: number;
  readonly database: number;
}

async function measure({ url, address, records }: Run, db: Database, server: BenchServer): Promise<Stretch[]> {
  const topics = ['--topic', CALL_TOPIC, '--topic', `${TOLD},format=registrations`];
  const group = `${TOLD}-group`;
  const worker = startCommand(['worker', '--database', url, '--brokers', address, ...topics, '--group', group]);
  const sender = new Sender(address);
  await sender.start();
  /** As of the commit that comes next: batches are large beside a stretch. */
  const sample = async (): Promise<Sample> => {
    const begunAt = performance.now();
    const before = await countsOf(db);
    for (;;) {
      const { rated, told } = await countsOf(db);
      const now = performance.now();
      if (rated > before.rated || rated >= records) {
        return { at: now, rated, told, worker: cpuSecondsOf([worker.pid]), database: cpuSecondsOf(server.pids) };
      }
      if (now - begunAt > GIVE_UP_AFTER_MS) throw new Error(`Cannot measure: ${rated} of ${records} are rated`);
      await pause(LOOK_EVERY_MS);
    }
  };
  const watch = async (): Promise<Stretch[]> => {
    const stretches: Stretch[] = [];
    for (let isBeside = true; ; isBeside = !isBeside) {
      if (isBeside) sender.begin();
      await pause(SETTLE_MS);
      const first = await sample();
      await pause(STRETCH_MS);
      const last = await sample();
      await sender.pause();
      if (last.rated >= records) return stretches.slice(1);
      stretches.push(stretchBetween(first, last, isBeside));
    }
  };
  try {
    return await Promise.race([watch(), worker.failed]);
  } finally {
    await sender.stop();
    await worker.stop();
  }
}

function stretchBetween(first: Sample, last: Sample, isBeside: boolean): Stretch {
  const rated = last.rated - first.rated;
  return {
    isBeside,
    perSecond: (rated / (last.at - first.at)) * 1000,
    workerMicros: ((last.worker - first.worker) / rated) * 1e6,
    databaseMicros: ((last.database - first.database) / rated) * 1e6,
    told: last.told - first.told,
  };
}

async function countsOf(db: Database): Promise<{ readonly rated: number; readonly told: number }> {
  const [row] = await db.query<{ rated: number; told: number }>(
    `select coalesce(sum(records) filter (where outcome = 'rated'), 0)::float8 as rated,
       coalesce(sum(records) filter (where outcome = 'not-a-call'), 0)::float8 as told from source_count`,
  );
  return row ?? { rated: 0, told: 0 };
}
