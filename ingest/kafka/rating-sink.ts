import type { Logger } from 'pino';
import { type Delivery, lazyDelivery } from '../delivery.ts';
import type { RatingEngine } from '../rating-engine.ts';
import { bucketsOf, unevenTopics } from './buckets-of.ts';
import type { MessageReader } from './message-reader.ts';
import { tallyOf } from './offset-tally.ts';
import type { Assignment, PartitionSink, PartitionSlice } from './partition-sink.ts';
import { takeAround } from './take-around.ts';
import { sourceOfTopic } from './topic-spec.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** A slice that failed so often may hold a record that makes rating throw. */
const SUSPICIOUS_FAILURES = 2;

/** Rates slices into the ledger. */
export class RatingSink implements PartitionSink {
  readonly #engine: RatingEngine;
  readonly #readers: ReadonlyMap<string, MessageReader>;
  readonly #metrics: WorkerMetrics;
  readonly #log: Logger;
  #buckets: ReadonlySet<number> | null = new Set();

  /** @param readers by topic */
  constructor(
    engine: RatingEngine,
    readers: ReadonlyMap<string, MessageReader>,
    { metrics, log }: { readonly metrics: WorkerMetrics; readonly log: Logger },
  ) {
    this.#engine = engine;
    this.#readers = readers;
    this.#metrics = metrics;
    this.#log = log;
  }

  /** The buckets whose accounts are ours to rate; `null` when partitions share buckets: then any may be. */
  get buckets(): ReadonlySet<number> | null {
    return this.#buckets;
  }

  sourceOf(topic: string): string {
    return sourceOfTopic(topic);
  }

  async take(slice: PartitionSlice, failures: number): Promise<void> {
    const { topic, messages } = slice;
    const delivery = this.#deliveryOf(slice);
    const counts =
      failures < SUSPICIOUS_FAILURES
        ? [await this.#engine.take(delivery)]
        : await takeAround(this.#engine, delivery, this.#log);
    for (const some of counts) this.#metrics.countRecords(topic, some);
    this.#metrics.countEmptyMessages(topic, countEmpty(messages));
  }

  onAssigned(assignment: Assignment, partitionCounts: ReadonlyMap<string, number>): void {
    this.#buckets = bucketsOf(assignment, partitionCounts);
    for (const topic of unevenTopics(partitionCounts)) {
      this.#log.warn(
        { topic, partitions: partitionCounts.get(topic) },
        "the partition count does not divide 64: partitions share buckets, and workers get into each other's way",
      );
    }
    if (this.#buckets !== null) this.#engine.retain(this.#buckets);
  }

  #deliveryOf({ topic, partition, from, to, messages, empty = [], moves }: PartitionSlice): Delivery {
    const reader = this.#readers.get(topic);
    if (reader === undefined) throw new Error(`Cannot read topic '${topic}': it was not configured`);
    const { format } = reader;
    const stretch = {
      source: sourceOfTopic(topic),
      partition,
      format,
      from,
      to,
      prefixHash: null,
      ...(moves === undefined ? {} : { moves }),
      tallyOf: (partFrom: number, partTo: number) => tallyOf(messages, empty, { from: partFrom, to: partTo }),
    };
    return lazyDelivery(stretch, () => reader.read(messages));
  }
}

function countEmpty(messages: PartitionSlice['messages']): number {
  let count = 0;
  for (const { value } of messages) if (value === null || value.length === 0) count++;
  return count;
}
