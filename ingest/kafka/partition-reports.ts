import type { Logger } from 'pino';
import type { OwnedPartition } from './owned-partition.ts';
import type { PartitionStatus } from './partition-status.ts';
import type { WorkerHealth } from '../../operating/index.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

const REPORT_EVERY_MS = 60_000;

/** Reports in log, metrics and health how far partitions are read, and what is wrong with them: that once a minute. */
export class PartitionReports {
  readonly #log: Logger;
  readonly #metrics: WorkerMetrics;
  readonly #health: WorkerHealth;
  #hasWarnedOfOldBrokers = false;

  constructor({ log, metrics, health }: { log: Logger; metrics: WorkerMetrics; health: WorkerHealth }) {
    this.#log = log;
    this.#metrics = metrics;
    this.#health = health;
  }

  /** A partition is read. */
  reading(owned: OwnedPartition, { position, bounds, known, topicId }: PartitionStatus): void {
    const { topic, partition } = owned;
    const hole = known?.hole ?? 0;
    this.#metrics.atPosition(topic, partition, position, bounds.end);
    this.#metrics.hasHole(topic, partition, hole);
    if (topicId === null) this.#warnOfOldBrokers();
    if (hole === 0 || Date.now() - owned.holeReportedAt < REPORT_EVERY_MS) return;
    owned.holeReportedAt = Date.now();
    const what =
      "partition has a hole: offsets were passed that nothing explains; once it is explained: 'fairtally holes settle'";
    this.#log.error({ topic, partition, position, hole }, what);
  }

  /** A partition is stopped, until somebody decides. */
  stopped(owned: OwnedPartition, status: Extract<PartitionStatus, { kind: 'stopped' }>): void {
    const { topic, partition, unreadable } = owned;
    const { reason, position, bounds, known, topicId } = status;
    const now = Date.now();
    if (now - owned.stopReportedAt < REPORT_EVERY_MS) return;
    owned.stopReportedAt = now;
    this.#metrics.goesOn(topic, partition);
    this.#health.stopped({ topic, partition, reason, position, logStart: bounds.start, logEnd: bounds.end });
    this.#metrics.stopped(topic, partition, reason);
    this.#metrics.hasHole(topic, partition, known?.hole ?? 0);
    const isAnother = reason === 'topic-made-anew';
    this.#log.error(
      {
        topic,
        partition,
        reason,
        position,
        logStart: bounds.start,
        logEnd: bounds.end,
        ledgerTopicId: isAnother ? known?.topicId : undefined,
        topicId: isAnother ? topicId : undefined,
        problem: unreadable?.problem,
        offset: unreadable?.offset,
        batchEnd: unreadable?.end,
      },
      'partition is stopped',
    );
  }

  #warnOfOldBrokers(): void {
    if (this.#hasWarnedOfOldBrokers) return;
    this.#hasWarnedOfOldBrokers = true;
    this.#log.warn('the brokers give no topic ids: a topic that is made anew is known by its length alone');
  }
}
