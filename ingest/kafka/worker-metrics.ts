import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Counts } from '../work.ts';
import { type StopReason, stopReasons } from './partition-standing.ts';

/** Whose connection was lost and is made again. */
export type Server = 'kafka' | 'postgres';

/** What a worker says of itself in Prometheus' terms; docs/reference/kafka.md explains each. */
export class WorkerMetrics {
  readonly registry = new Registry();
  readonly #records = new Counter({
    name: 'fairtally_records_total',
    help: 'Records taken in, by what became of them',
    labelNames: ['topic', 'outcome'],
    registers: [this.registry],
  });
  readonly #emptyMessages = new Counter({
    name: 'fairtally_empty_messages_total',
    help: 'Messages that hold no record: tombstones, blank values',
    labelNames: ['topic'],
    registers: [this.registry],
  });
  readonly batchSeconds = new Histogram({
    name: 'fairtally_batch_seconds',
    help: 'From handing a batch to the engine until it is committed',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [this.registry],
  });
  readonly #position = new Gauge({
    name: 'fairtally_position',
    help: 'Offset up to which a partition is in the ledger',
    labelNames: ['topic', 'partition'],
    registers: [this.registry],
  });
  readonly #lag = new Gauge({
    name: 'fairtally_lag_records',
    help: 'Messages of a partition that are not in the ledger yet',
    labelNames: ['topic', 'partition'],
    registers: [this.registry],
  });
  readonly #hole = new Gauge({
    name: 'fairtally_hole_offsets',
    help: 'Offsets of a partition that the ledger has passed and nothing explains: 0, or something was lost',
    labelNames: ['topic', 'partition'],
    registers: [this.registry],
  });
  readonly #stopped = new Gauge({
    name: 'fairtally_partition_stopped',
    help: '1 while a partition is not read, with the reason',
    labelNames: ['topic', 'partition', 'reason'],
    registers: [this.registry],
  });
  readonly reconnects = new Counter({
    name: 'fairtally_reconnects_total',
    help: 'Times a lost server was tried again',
    labelNames: ['server'],
    registers: [this.registry],
  });
  readonly #waiting = new Gauge({
    name: 'fairtally_quarantine_waiting',
    help: 'Records that wait in quarantine, in the whole ledger',
    labelNames: ['reason'],
    registers: [this.registry],
  });
  readonly #bucketMonths = new Gauge({
    name: 'fairtally_bucket_months_loaded',
    help: 'Months of buckets that are in memory',
    registers: [this.registry],
  });

  constructor() {
    for (const server of ['kafka', 'postgres']) this.reconnects.inc({ server }, 0);
  }

  /** Counts what became of a delivery's records. */
  countRecords(topic: string, counts: Counts): void {
    for (const [key, records] of counts) this.#records.inc({ topic, outcome: key.split('\t', 1)[0] ?? '' }, records);
  }

  countEmptyMessages(topic: string, messages: number): void {
    if (messages > 0) this.#emptyMessages.inc({ topic }, messages);
  }

  /** Says where a partition stands, and how many messages follow. */
  atPosition(topic: string, partition: number, position: number, end: number): void {
    this.#position.set({ topic, partition }, position);
    this.#lag.set({ topic, partition }, Math.max(0, end - position));
  }

  /** Says how many offsets were passed that nothing explains; below 0: so many were counted twice. */
  hasHole(topic: string, partition: number, hole: number): void {
    this.#hole.set({ topic, partition }, hole);
  }

  stopped(topic: string, partition: number, reason: StopReason): void {
    this.#stopped.set({ topic, partition, reason }, 1);
  }

  /** Forgets that a partition was stopped. */
  goesOn(topic: string, partition: number): void {
    for (const reason of stopReasons) this.#stopped.remove({ topic, partition, reason });
  }

  /** Forgets a partition: it may be another worker's by now. */
  forgetPartition(topic: string, partition: number): void {
    this.#position.remove({ topic, partition });
    this.#lag.remove({ topic, partition });
    this.#hole.remove({ topic, partition });
    this.goesOn(topic, partition);
  }

  loaded(bucketMonths: number): void {
    this.#bucketMonths.set(bucketMonths);
  }

  quarantineWaits(waiting: ReadonlyMap<string, number>): void {
    this.#waiting.reset();
    for (const [reason, records] of waiting) this.#waiting.set({ reason }, records);
  }
}
