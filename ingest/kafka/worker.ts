import type { Kafka } from '../../kafka/index.ts';
import type { Logger } from 'pino';
import { Gauge } from 'prom-client';
import type { Database } from '../../ledger/index.ts';
import type { NumberingPlan } from '../../tariffs/index.ts';
import type { RatingEngine } from '../../engine/index.ts';
import { keepCaughtUp } from './keep-caught-up.ts';
import type { MessageReader } from './message-reader.ts';
import { RatingSink } from './rating-sink.ts';
import { readPartitions } from './read-partitions.ts';
import { rekeyTopics } from './rekey-topics.ts';
import { rekeyedReader } from './rekeyed-reader.ts';
import { runTogether } from './run-together.ts';
import type { TopicSpec } from './topic-spec.ts';
import { watchNames } from './watch-names.ts';
import { DATABASE, WorkerHealth, healthGauge } from '../../operating/index.ts';
import { WorkerMetrics } from './worker-metrics.ts';

export interface WorkerSettings {
  readonly topics: readonly TopicSpec[];
  readonly rekeyedTopic: string;
  readonly groupId: string;
  readonly batchRecords: number;
  readonly lingerMs: number;
  readonly sessionMs: number;
  /** After how long of failing again and again it is unhealthy, in ms. */
  readonly unhealthyAfterMs?: number;
}

export interface WorkerParts {
  readonly kafka: Kafka;
  readonly db: Database;
  readonly engine: RatingEngine;
  readonly plan: NumberingPlan;
  readonly log: Logger;
}

const KAFKA = 'Kafka';
const REKEYING = 'Kafka (re-keying)';

/** Rates what comes in topics into the ledger, sharing the work with the other workers of its group. */
export class Worker {
  readonly metrics = new WorkerMetrics();
  readonly health: WorkerHealth;
  readonly #settings: WorkerSettings;
  readonly #parts: WorkerParts;
  /** Topics that are not keyed by account. */
  readonly #rekeyed: readonly TopicSpec[];

  constructor(settings: WorkerSettings, parts: WorkerParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#rekeyed = settings.topics.filter(({ isKeyedByAccount }) => !isKeyedByAccount);
    const connections = [KAFKA, ...(this.#rekeyed.length > 0 ? [REKEYING] : []), DATABASE];
    this.health = new WorkerHealth(connections, Date.now, settings.unhealthyAfterMs);
    this.metrics.registry.registerMetric(new Gauge({ ...healthGauge(() => this.health.report()), registers: [] }));
  }

  /**
   * Works until `signal` is aborted; then ends what is under way, within 8 s, and leaves the group. Rejects with
   * `RekeyedTopicError` when the re-keyed topic is needed and can't be used.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { db, engine, log } = this.#parts;
    const { metrics, health } = this;
    const readers = this.#readers();
    const sink = new RatingSink(engine, readers, { metrics, log });
    const reading = { ...this.#reading(KAFKA), db, sink, groupId: this.#settings.groupId, topics: [...readers.keys()] };
    await runTogether(signal, [
      (either) => readPartitions(reading, either),
      (either) => keepCaughtUp({ db, engine, log, metrics, health }, () => sink.buckets, either),
      (either) => watchNames(this.#settings.topics, { log, metrics }, either),
      ...(this.#rekeyed.length > 0 ? [(either: AbortSignal) => this.#rekey(either)] : []),
    ]);
  }

  /** How each topic that is rated from is read. */
  #readers(): ReadonlyMap<string, MessageReader> {
    const { topics, rekeyedTopic } = this.#settings;
    const readers = new Map<string, MessageReader>();
    for (const { name, reader, isKeyedByAccount } of topics) if (isKeyedByAccount) readers.set(name, reader);
    if (this.#rekeyed.length > 0) readers.set(rekeyedTopic, rekeyedReader);
    return readers;
  }

  #rekey(signal: AbortSignal): Promise<void> {
    const { rekeyedTopic, groupId } = this.#settings;
    const { db, plan } = this.#parts;
    const topics = this.#rekeyed;
    return rekeyTopics(
      { ...this.#reading(REKEYING), db, plan, topics, rekeyedTopic, groupId: `${groupId}-rekey` },
      signal,
    );
  }

  #reading(connection: string) {
    const { batchRecords, lingerMs, sessionMs } = this.#settings;
    const { kafka, log } = this.#parts;
    const { metrics, health } = this;
    return { kafka, log, metrics, health, connection, batchRecords, lingerMs, sessionMs };
  }
}
