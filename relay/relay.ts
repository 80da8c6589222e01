import type { Kafka } from '../kafka/index.ts';
import type { Logger } from 'pino';
import { Gauge } from 'prom-client';
import {
  type HealthReport,
  OperatingFault,
  pause,
  retryForever,
  WorkerHealth,
  healthGauge,
} from '../operating/index.ts';
import { type Database, DatabaseError, ensureCursors, isStrangeCopy, readLives, unpublished } from '../ledger/index.ts';
import { connectProducer, type RelayProducer, type RelayTopics } from './relay-producer.ts';
import { RelayMetrics } from './relay-metrics.ts';
import { EventSources } from './event-sources.ts';
import { publishEvents } from './publish-events.ts';
import { publishLives } from './publish-lives.ts';
import { UsagePublisher } from './publish-usage.ts';

/** How long to wait where nothing was new: events lag that much, and messages are that much fuller. */
const IDLE_MS = 200;
const MEASURE_LAG_EVERY_MS = 5_000;
/** How long a graceful end may take, in ms. */
const LEAVE_MS = 2_500;
/** As health and the log name it. */
const PUBLISHING = 'publish';
const RELAY = 'publishing (PostgreSQL and Kafka)';

export interface RelayParts {
  readonly kafka: Kafka;
  readonly db: Database;
  readonly log: Logger;
}

/**
 * Publishes to Kafka what is in the ledger: entries from the feed, cases and lines from the outbox. At least once, each
 * bucket in order: the ledger keeps how far it was published, and moves that on when the broker has it.
 * Relays share the work by locking cursors, and one that dies leaves them to the others.
 */
export class Relay {
  readonly #topics: RelayTopics;
  readonly #parts: RelayParts;
  readonly #usage: UsagePublisher;
  readonly #health = new WorkerHealth([RELAY]);
  readonly metrics = new RelayMetrics();
  #lagMeasuredAt = -Infinity;
  #sources = new EventSources([]);

  constructor(topics: RelayTopics, parts: RelayParts) {
    this.#topics = topics;
    this.#parts = parts;
    this.#usage = new UsagePublisher(parts.db);
    this.metrics.registry.registerMetric(new Gauge({ ...healthGauge(() => this.health()), registers: [] }));
  }

  health(): HealthReport {
    return this.#health.report();
  }

  /** Publishes until `signal` is aborted; a server that is away is tried again for ever. */
  async run(signal: AbortSignal): Promise<void> {
    await retryForever(() => this.#connected(signal), {
      isWanted: () => true,
      signal,
      onFailure: (error, failures, waitMs) => {
        this.metrics.reconnects(error instanceof DatabaseError ? 'postgres' : 'kafka');
        this.#health.fails(PUBLISHING, error);
        this.#parts.log.error({ err: error, failures, waitMs }, `Cannot ${PUBLISHING}: it is tried again`);
      },
    });
  }

  async #connected(signal: AbortSignal): Promise<void> {
    const { kafka, db, log } = this.#parts;
    await refuseStrangeCopy(db);
    await ensureCursors(db);
    const lives = await readLives(db);
    this.#sources = new EventSources(lives);
    this.#usage.useSources(this.#sources);
    const producer = await connectProducer(kafka, this.#topics);
    try {
      await publishLives(db, producer, lives);
      while (!signal.aborted) {
        const published = await this.#turn(producer);
        if (published === 0) await pause(IDLE_MS, signal);
      }
    } finally {
      const left = producer
        .disconnect()
        .catch((error: unknown) => log.debug({ err: error }, 'Kafka: not left in order'));
      await Promise.race([left, pause(LEAVE_MS)]);
    }
  }

  /** Events first: they are few, and switches act on them. */
  async #turn(producer: RelayProducer): Promise<number> {
    const { db } = this.#parts;
    const events = await publishEvents(db, producer, this.#sources);
    this.metrics.relayed('event', events);
    const entries = await this.#usage.turn(producer);
    this.metrics.relayed('usage', entries);
    this.#health.heardOf(RELAY);
    this.#health.failsNoMore(PUBLISHING);
    this.metrics.turned();
    await this.#measureLag();
    return events + entries;
  }

  async #measureLag(): Promise<void> {
    if (performance.now() - this.#lagMeasuredAt < MEASURE_LAG_EVERY_MS) return;
    this.#lagMeasuredAt = performance.now();
    this.metrics.lags(await unpublished(this.#parts.db));
  }
}

/**
 * The ledger is a copy, and its readers must not take for new what the ledger itself has published, or will publish.
 */
export class StrangeCopyError extends OperatingFault {
  override readonly name = 'StrangeCopyError';
  readonly code = 'strange-copy';
}

async function refuseStrangeCopy(db: Database): Promise<void> {
  if (!(await isStrangeCopy(db))) return;
  throw new StrangeCopyError(
    'Cannot publish this ledger: it is a copy, on another server or restored since. Where it is the ledger from now on: ' +
      '\'fairtally restored --by NAME --note TEXT\' (docs/operations.md, "Backup")',
  );
}
