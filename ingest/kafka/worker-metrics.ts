import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Counts } from '../../engine/index.ts';
import type { WaitingCount } from '../../ledger/index.ts';
import { type StopReason, stopReasons } from './partition-status.ts';
import { UnratedAge } from './unrated-age.ts';

/** Whose connection was lost and is made again. */
export type Server = 'kafka' | 'postgres';

interface PartitionLabels {
  readonly topic: string;
  readonly partition: number;
}

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
  readonly #unratedAges = new Map<string, { readonly labels: PartitionLabels; readonly age: UnratedAge }>();
  readonly #oldestUnrated = new Gauge({
    name: 'fairtally_oldest_unrated_seconds',
    help: 'Age of the oldest message of a partition that is not in the ledger; 0 while there is none',
    labelNames: ['topic', 'partition'],
    registers: [this.registry],
    collect: () => {
      for (const { labels, age } of this.#unratedAges.values()) this.#oldestUnrated.set(labels, age.seconds());
    },
  });
  readonly #failures = new Counter({
    name: 'fairtally_batch_failures_total',
    help: 'Times that a batch failed, and was or is tried again',
    labelNames: ['topic', 'partition'],
    registers: [this.registry],
  });
  readonly #failingSince = new Map<string, { readonly labels: PartitionLabels; readonly since: number }>();
  readonly #failing = new Gauge({
    name: 'fairtally_batch_failing_seconds',
    help: 'For how long the same batch of a partition has failed again and again; 0 while it has not',
    labelNames: ['topic', 'partition'],
    registers: [this.registry],
    collect: () => {
      for (const { labels, since } of this.#failingSince.values()) {
        this.#failing.set(labels, Math.max(0, Date.now() - since) / 1000);
      }
    },
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
  #waits: readonly WaitingCount[] = [];
  readonly #oldestWaiting = new Gauge({
    name: 'fairtally_quarantine_oldest_seconds',
    help: 'How long the oldest record that waits in quarantine has waited, in the whole ledger',
    labelNames: ['reason'],
    registers: [this.registry],
    collect: () => {
      this.#oldestWaiting.reset();
      for (const { reason, oldestAt } of this.#waits) {
        this.#oldestWaiting.set({ reason }, Math.max(0, Date.now() - oldestAt) / 1000);
      }
    },
  });
  readonly #bucketMonths = new Gauge({
    name: 'fairtally_bucket_months_loaded',
    help: 'Months of buckets that are in memory',
    registers: [this.registry],
  });

  readonly #waitedMonths = new Gauge({
    name: 'fairtally_months_waited_for',
    help: 'Months without a partition that records in quarantine wait for: the owner of the tables must make them',
    registers: [this.registry],
  });
  readonly #missingMonths = new Gauge({
    name: 'fairtally_months_missing',
    help: 'Months that have no partition, of the one before, the current one and the next three',
    registers: [this.registry],
  });
  readonly #unmatchedNames = new Gauge({
    name: 'fairtally_names_unmatched',
    help: 'Trunks, gateways and profiles named for a topic that fitted none of its records since the worker started',
    labelNames: ['topic'],
    registers: [this.registry],
  });
  readonly #received = new Map<string, number>();

  constructor() {
    for (const server of ['kafka', 'postgres']) this.reconnects.inc({ server }, 0);
  }

  /** Counts what became of a delivery's records. */
  countRecords(topic: string, counts: Counts): void {
    for (const [key, records] of counts) {
      const outcome = key.split('\t', 1)[0] ?? '';
      this.#records.inc({ topic, outcome }, records);
      if (outcome === 'received' || outcome === 'rekeyed')
        this.#received.set(topic, (this.#received.get(topic) ?? 0) + records);
    }
  }

  /** Records of a topic that were taken in, or handed on, since the worker started. */
  receivedOf(topic: string): number {
    return this.#received.get(topic) ?? 0;
  }

  namesUnmatched(topic: string, names: number): void {
    this.#unmatchedNames.set({ topic }, names);
  }

  /** @param waited months that records wait for; `missing`: months that should be there by now */
  months(waited: number, missing: number): void {
    this.#waitedMonths.set(waited);
    this.#missingMonths.set(missing);
  }

  countEmptyMessages(topic: string, messages: number): void {
    if (messages > 0) this.#emptyMessages.inc({ topic }, messages);
  }

  /**
   * A batch up to the offset `to` was fetched; its first and its last message were written then, in ms since the
   * epoch.
   */
  fetched(topic: string, partition: number, to: number, [firstAt, lastAt]: readonly [number, number]): void {
    this.#ageOf(topic, partition).fetched(to, firstAt, lastAt);
  }

  #ageOf(topic: string, partition: number): UnratedAge {
    const key = `${topic}/${partition}`;
    const known = this.#unratedAges.get(key) ?? { labels: { topic, partition }, age: new UnratedAge() };
    this.#unratedAges.set(key, known);
    return known.age;
  }

  /** A batch of the partition failed, and is tried again. */
  batchFails(topic: string, partition: number): void {
    const key = `${topic}/${partition}`;
    this.#failures.inc({ topic, partition });
    if (!this.#failingSince.has(key)) this.#failingSince.set(key, { labels: { topic, partition }, since: Date.now() });
  }

  /** It was taken in, or is not ours any more. */
  batchFailsNoMore(topic: string, partition: number): void {
    if (this.#failingSince.delete(`${topic}/${partition}`)) this.#failing.set({ topic, partition }, 0);
  }

  /** Says where a partition stands, and how many messages follow. */
  atPosition(topic: string, partition: number, position: number, end: number): void {
    this.#ageOf(topic, partition).at(position, end);
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
    this.#unratedAges.delete(`${topic}/${partition}`);
    this.#oldestUnrated.remove({ topic, partition });
    this.#failingSince.delete(`${topic}/${partition}`);
    this.#failing.remove({ topic, partition });
    this.#hole.remove({ topic, partition });
    this.goesOn(topic, partition);
  }

  loaded(bucketMonths: number): void {
    this.#bucketMonths.set(bucketMonths);
  }

  quarantineWaits(waiting: readonly WaitingCount[]): void {
    this.#waits = waiting;
    this.#waiting.reset();
    for (const { reason, records } of waiting) this.#waiting.set({ reason }, records);
  }
}
