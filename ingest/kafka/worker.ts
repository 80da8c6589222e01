import type { Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import type { Database } from '../../ledger/index.ts';
import type { RatingEngine } from '../rating-engine.ts';
import { keepCaughtUp } from './keep-caught-up.ts';
import { RatingSink } from './rating-sink.ts';
import { readPartitions } from './read-partitions.ts';
import type { TopicSpec } from './topic-spec.ts';
import { DATABASE, WorkerHealth } from './worker-health.ts';
import { WorkerMetrics } from './worker-metrics.ts';

export interface WorkerSettings {
  readonly topics: readonly TopicSpec[];
  readonly rekeyedTopic: string;
  readonly groupId: string;
  readonly batchRecords: number;
  readonly lingerMs: number;
  readonly sessionMs: number;
}

export interface WorkerParts {
  readonly kafka: Kafka;
  readonly db: Database;
  readonly engine: RatingEngine;
  readonly log: Logger;
}

const KAFKA = 'Kafka';

/** Rates what comes in topics into the ledger, sharing the work with the other workers of its group. */
export class Worker {
  readonly metrics = new WorkerMetrics();
  readonly health = new WorkerHealth([KAFKA, DATABASE]);
  readonly #settings: WorkerSettings;
  readonly #parts: WorkerParts;

  constructor(settings: WorkerSettings, parts: WorkerParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  /** Works until `signal` is aborted; then ends what is under way, within 10 s, and leaves the group. */
  async run(signal: AbortSignal): Promise<void> {
    const { topics, groupId, batchRecords, lingerMs, sessionMs } = this.#settings;
    const { kafka, db, engine, log } = this.#parts;
    const { metrics, health } = this;
    const byAccount = topics.filter(({ isKeyedByAccount }) => isKeyedByAccount);
    const readers = new Map(byAccount.map(({ name, reader }) => [name, reader]));
    const sink = new RatingSink(engine, readers, { metrics, log });
    const reading = { db, kafka, log, metrics, health, connection: KAFKA, sink, groupId };
    await Promise.all([
      readPartitions({ ...reading, topics: [...readers.keys()], batchRecords, lingerMs, sessionMs }, signal),
      keepCaughtUp(engine, () => sink.buckets, { log, metrics, health }, signal),
    ]);
  }
}
