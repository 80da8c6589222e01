import type { Logger } from 'pino';
import { CallStarts, type Delivery, type RatingEngine } from '../../engine/index.ts';
import { bucketsOf, unevenTopics } from './buckets-of.ts';
import type { MessageReader } from './message-reader.ts';
import { tallyOf } from './offset-tally.ts';
import type { Assignment, PartitionSink, PartitionSlice } from './partition-sink.ts';
import { type SlicePart, readPart } from './slice-parts.ts';
import { sourceOfTopic } from './source-names.ts';
import { takeAround } from './take-around.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** A slice that failed so often may hold a record that makes rating throw. */
const SUSPICIOUS_FAILURES = 2;

/** A second brings so many slices of registrations at most. */
const SLICES_OF_REGISTRATIONS = 1;

/** Rates slices into the ledger. */
export class RatingSink implements PartitionSink {
  readonly #engine: RatingEngine;
  readonly #readers: ReadonlyMap<string, MessageReader>;
  readonly #metrics: WorkerMetrics;
  readonly #log: Logger;
  #buckets: ReadonlySet<number> | null = new Set();
  /** How many partitions of topics of registrations are ours. */
  #registrationPartitions = 0;

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
    const reader = this.#readers.get(topic);
    if (reader === undefined) throw new Error(`Cannot read topic '${topic}': it was not configured`);
    for (let first = 0, from = slice.from; first < messages.length || first === 0;) {
      const { delivery, part } = deliveryOf(slice, reader, first, from);
      const counts =
        failures < SUSPICIOUS_FAILURES
          ? [await this.#engine.take(delivery)]
          : await takeAround(this.#engine, delivery, this.#log);
      for (const some of counts) this.#metrics.countRecords(topic, some);
      const { next, to, emptyMessages } = part();
      this.#metrics.countEmptyMessages(topic, emptyMessages);
      if (next >= messages.length) return;
      first = next;
      from = to;
    }
  }

  onAssigned(assignment: Assignment, partitionCounts: ReadonlyMap<string, number>): void {
    // Registrations are of any account, whatever partition they stand in.
    const hasCalls = (topic: string): boolean => !this.#hasRegistrations(topic);
    this.#registrationPartitions = [...assignment]
      .filter(([topic]) => this.#hasRegistrations(topic))
      .reduce((sum, [, partitions]) => sum + partitions.length, 0);
    const counts = new Map([...partitionCounts].filter(([topic]) => hasCalls(topic)));
    const calls = new Map([...assignment].filter(([topic]) => hasCalls(topic)));
    this.#buckets = counts.size === 0 ? null : bucketsOf(calls, counts);
    for (const topic of unevenTopics(counts)) {
      this.#log.warn(
        { topic, partitions: counts.get(topic) },
        "the partition count does not divide 64: partitions share buckets, and workers get into each other's way",
      );
    }
    if (this.#buckets !== null) this.#engine.retain(this.#buckets);
  }

  /**
   * Nobody waits for a registration, and a transaction of them locks the buckets of all lines that it names: a few
   * large ones cost far less than many small ones.
   */
  restMs(topic: string): number {
    if (!this.#hasRegistrations(topic)) return 0;
    return Math.max(1, this.#registrationPartitions / SLICES_OF_REGISTRATIONS) * 1000;
  }

  #hasRegistrations(topic: string): boolean {
    return this.#readers.get(topic)?.format === 'registrations';
  }
}

/** A delivery whose messages are read once the engine asks for its records, or for where they end. */
function deliveryOf(
  slice: PartitionSlice,
  reader: MessageReader,
  first: number,
  from: number,
): { readonly delivery: Delivery; readonly part: () => SlicePart } {
  const { topic, partition, moves } = slice;
  let read: SlicePart | null = null;
  const part = (): SlicePart => (read ??= readPart(slice, reader, first, from));
  const delivery = {
    source: sourceOfTopic(topic),
    partition,
    format: reader.format,
    from,
    prefixHash: null,
    ...(reader.hasLegs === true ? { hasLegs: true } : {}),
    ...(moves === undefined ? {} : { moves }),
    tallyOf: (partFrom: number, partTo: number) =>
      tallyOf(slice.messages, slice.empty ?? [], { from: partFrom, to: partTo }),
    starts: new CallStarts(),
    get to() {
      return part().to;
    },
    get records() {
      return part().records;
    },
  };
  return { delivery, part };
}
