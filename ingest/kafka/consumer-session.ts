import type { Admin, Batch, Consumer, ConsumerGroupJoinEvent, EachBatchPayload } from 'kafkajs';
import type { Logger } from 'pino';
import type { Queryable } from '../../ledger/index.ts';
import { isDatabaseAway, isSourceMoved } from './error-kinds.ts';
import type { UnreadableBatch } from './fetch/fetched-message.ts';
import { keyOf, type OwnedPartition, readOn, unlocated } from './owned-partition.ts';
import type { Assignment, PartitionSink, PartitionSlice } from './partition-sink.ts';
import { type Standing, readStandings } from './partition-standing.ts';
import { retryForever } from './retry-forever.ts';
import { RunningSlices } from './running-slices.ts';
import { type SliceLimits, slicesOf, unreadableIn } from './slices.ts';
import { DATABASE, type WorkerHealth } from './worker-health.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** What reading partitions needs of its surroundings. */
export interface ReadingParts {
  readonly db: Queryable;
  readonly log: Logger;
  readonly metrics: WorkerMetrics;
  readonly health: WorkerHealth;
  /** How health names this consumer's connection. */
  readonly connection: string;
  readonly sink: PartitionSink;
  readonly limits: SliceLimits;
  /** Runs `work` with a connected admin client. */
  readonly withAdmin: <T>(work: (admin: Admin) => Promise<T>) => Promise<T>;
}

const TELL_EVERY_MS = 60_000;

/**
 * One consumer's life as a member of the group. Kafka's own group offsets decide nothing: a partition is paused when it is
 * assigned, and read from where the ledger stands. Each slice moves the ledger's position on, compared and swapped, so that
 * whoever has lost a partition without knowing can't commit.
 */
export class ConsumerSession {
  readonly #parts: ReadingParts;
  readonly #consumer: Consumer;
  readonly #signal: AbortSignal;
  readonly #running: RunningSlices;
  readonly #partitions = new Map<string, OwnedPartition>();
  #assignment: Assignment = new Map();

  /** @param signal aborted when the session is over, for whatever reason */
  constructor(parts: ReadingParts, consumer: Consumer, signal: AbortSignal) {
    this.#parts = parts;
    this.#consumer = consumer;
    this.#signal = signal;
    this.#running = new RunningSlices(signal);
    const { GROUP_JOIN, HEARTBEAT, FETCH, START_BATCH_PROCESS } = consumer.events;
    for (const sign of [HEARTBEAT, FETCH]) consumer.on(sign, () => parts.health.heardOf(parts.connection));
    consumer.on(GROUP_JOIN, (event) => this.#onJoined(event));
    consumer.on(START_BATCH_PROCESS, ({ payload }) => {
      const owned = this.#partitions.get(keyOf(payload.topic, payload.partition));
      if (owned !== undefined && payload.batchSize === 0) owned.afterControlRecords = Number(payload.lastOffset) + 1;
    });
  }

  /** Settles when what was given to the sink is settled. */
  settled(): Promise<void> {
    return this.#running.settled();
  }

  /**
   * Runs before the first fetch of the new assignment. Partitions that stay with us are located anew too: what of them is
   * under way is awaited or given up, which is simpler to be sure of than to go on in the middle.
   */
  #onJoined({ payload: { memberAssignment } }: ConsumerGroupJoinEvent): void {
    const { log, health, connection } = this.#parts;
    health.heardOf(connection);
    this.forgetPartitions();
    for (const [topic, partitions] of Object.entries(memberAssignment)) {
      for (const partition of partitions) this.#partitions.set(keyOf(topic, partition), unlocated(topic, partition));
      this.#consumer.pause([{ topic, partitions }]);
    }
    log.info({ assignment: memberAssignment }, 'partitions assigned');
    this.#assignment = new Map(Object.entries(memberAssignment));
    this.#locate([...this.#partitions.values()], { assignment: this.#assignment });
  }

  async eachBatch({ batch, resolveOffset, heartbeat, isStale }: EachBatchPayload): Promise<void> {
    const owned = this.#partitions.get(keyOf(batch.topic, batch.partition));
    if (owned?.phase !== 'reading' || isStale()) return;
    const isInOrder = fetchedOffset(batch) === owned.next;
    if (!isInOrder) return this.#relocate(owned, fetchedOffset(batch));
    this.#parts.metrics.fetched(batch.topic, batch.partition, Number(batch.lastOffset()) + 1, timesOf(batch));
    for (const slice of slicesOf(batch, owned.position, this.#parts.limits)) {
      await this.#running.roomForOne(heartbeat);
      if (!this.#isReading(owned)) return;
      owned.position = slice.to;
      owned.next = slice.to;
      this.#running.start((before) => this.#take(owned, slice, Number(batch.highWatermark), before));
      resolveOffset(String(slice.to - 1));
    }
    this.#afterBatch(owned, batch);
  }

  /** A partition goes on where a batch could be read, and stops where one can't, once what was read before is taken. */
  #afterBatch(owned: OwnedPartition, batch: Batch): void {
    const { topic, partition } = owned;
    const unreadable = unreadableIn(batch);
    const hasRead = unreadable === null || batch.messages.length > 1;
    if (owned.unreadable !== null && hasRead) {
      owned.unreadable = null;
      this.#parts.health.goesOn(topic, partition);
      this.#parts.metrics.goesOn(topic, partition);
    }
    if (unreadable === null) return;
    this.#consumer.pause([{ topic, partitions: [partition] }]);
    this.#locate([owned], { unreadable });
  }

  /** What is said of our partitions is no longer so. */
  forgetPartitions(): void {
    const { metrics, health } = this.#parts;
    for (const { topic, partition } of this.#partitions.values()) {
      metrics.forgetPartition(topic, partition);
      health.goesOn(topic, partition);
    }
    this.#partitions.clear();
  }

  /**
   * Asks the ledger and the log where our partitions stand: an operator may have decided how to go on with a stopped one;
   * lag is told also while nothing comes. Kafka's group offsets follow, for tools that show lag by them.
   */
  async lookAround(): Promise<void> {
    const { metrics, withAdmin, db, sink } = this.#parts;
    for (const [topic, some] of Map.groupBy(this.#partitions.values(), (owned) => owned.topic)) {
      const standings = await withAdmin((admin) => readStandings(db, admin, topic, sink.sourceOf(topic)));
      for (const owned of some) {
        const standing = standings.get(owned.partition);
        if (standing === undefined || !this.#isOwned(owned)) continue;
        if (owned.phase === 'stopped') this.#placed(owned, standing, {});
        else if (owned.phase === 'reading') {
          metrics.atPosition(topic, owned.partition, standing.position, standing.bounds.end);
        }
      }
    }
    await this.#commitOffsets();
  }

  async #commitOffsets(): Promise<void> {
    const read = [...this.#partitions.values()].filter(({ phase }) => phase === 'reading');
    if (read.length === 0) return;
    await this.#consumer.commitOffsets(
      read.map(({ topic, partition, taken }) => ({ topic, partition, offset: String(taken) })),
    );
  }

  #isOwned(owned: OwnedPartition): boolean {
    return !this.#signal.aborted && this.#partitions.get(keyOf(owned.topic, owned.partition)) === owned;
  }

  #isReading(owned: OwnedPartition): boolean {
    return this.#isOwned(owned) && owned.phase === 'reading';
  }

  /** Never rejects: what fails is tried again, unless the partition is not ours any more. */
  async #take(owned: OwnedPartition, slice: PartitionSlice, end: number, before: Promise<void>): Promise<void> {
    const { sink, metrics, health } = this.#parts;
    const stopTimer = metrics.batchSeconds.startTimer();
    const attempt = async (failures: number): Promise<'taken' | 'moved'> => {
      // What failed is not tried again before those before it are settled: only then the ledger stands where it begins.
      if (failures > 0) await before;
      try {
        await sink.take(slice, failures);
        return 'taken';
      } catch (error) {
        if (failures > 0 && isSourceMoved(error)) return 'moved';
        if (!isSourceMoved(error) && this.#isOwned(owned)) metrics.batchFails(slice.topic, slice.partition);
        throw error;
      }
    };
    const outcome = await this.#untilItWorks(
      `take ${slice.topic}/${slice.partition} from ${slice.from} to ${slice.to}`,
      () => this.#isOwned(owned),
      attempt,
    );
    metrics.batchFailsNoMore(slice.topic, slice.partition);
    if (outcome === 'moved' && this.#isReading(owned)) this.#relocate(owned, null);
    if (outcome !== 'taken') return;
    stopTimer();
    health.heardOf(DATABASE);
    owned.taken = slice.to;
    if (this.#isOwned(owned)) metrics.atPosition(slice.topic, slice.partition, slice.to, end);
  }

  /** @param fetched the offset of the batch that came instead of the one awaited; `null` when the ledger was moved */
  #relocate(owned: OwnedPartition, fetched: number | null): void {
    const { topic, partition, position, next } = owned;
    this.#parts.log.info({ topic, partition, position, next, fetched }, 'partition is located again');
    this.#consumer.pause([{ topic, partitions: [partition] }]);
    const controlRecords = fetched === owned.afterControlRecords ? fetched : null;
    this.#locate([owned], { controlRecords });
  }

  #locate(some: readonly OwnedPartition[], occasion: LocatingOccasion): void {
    for (const owned of some) owned.phase = 'locating';
    void this.#locating(some, occasion);
  }

  async #locating(some: readonly OwnedPartition[], occasion: LocatingOccasion): Promise<void> {
    await this.settled();
    const standings = new Map<string, ReadonlyMap<number, Standing>>();
    for (const [topic, partitions] of Map.groupBy(some, (owned) => owned.topic)) {
      const found = await this.#standings(topic, partitions);
      if (found === undefined) return;
      standings.set(topic, found);
    }
    if (occasion.assignment === this.#assignment) {
      const partitionCounts = new Map([...standings].map(([topic, { size }]) => [topic, size]));
      this.#parts.sink.onAssigned(occasion.assignment, partitionCounts);
    }
    for (const owned of some) {
      const standing = standings.get(owned.topic)?.get(owned.partition);
      if (this.#isOwned(owned)) this.#placed(owned, standing, occasion);
    }
  }

  async #standings(topic: string, some: readonly OwnedPartition[]): Promise<ReadonlyMap<number, Standing> | undefined> {
    const { db, withAdmin, sink, health } = this.#parts;
    const standings = await this.#untilItWorks(
      `read positions of ${topic}`,
      () => some.some((owned) => this.#isOwned(owned)),
      () => withAdmin((admin) => readStandings(db, admin, topic, sink.sourceOf(topic))),
    );
    if (standings !== undefined) health.heardOf(DATABASE);
    return standings;
  }

  #placed(owned: OwnedPartition, standing: Standing | undefined, occasion: LocatingOccasion): void {
    const { topic, partition } = owned;
    if (standing === undefined) return;
    if (standing.kind === 'stopped') return this.#stop(owned, standing);
    const { metrics, health, log } = this.#parts;
    const { position, bounds } = standing;
    if (occasion.unreadable !== undefined) {
      owned.unreadable = occasion.unreadable;
      return this.#stop(owned, { ...standing, kind: 'stopped', reason: 'unreadable-batch' });
    }
    readOn(owned, position, occasion.controlRecords ?? null);
    if (owned.unreadable !== null && position > Number(owned.unreadable.offset)) owned.unreadable = null;
    // What could not be read is tried again now and then: it counts as stopped until something can.
    if (owned.unreadable === null) {
      health.goesOn(topic, partition);
      metrics.goesOn(topic, partition);
    }
    metrics.atPosition(topic, partition, position, bounds.end);
    log.debug({ topic, partition, position, next: owned.next, ...bounds }, 'partition is read on');
    this.#consumer.seek({ topic, partition, offset: String(owned.next) });
    this.#consumer.resume([{ topic, partitions: [partition] }]);
  }

  #stop(owned: OwnedPartition, { reason, position, bounds }: Extract<Standing, { kind: 'stopped' }>): void {
    const { topic, partition } = owned;
    const { metrics, health, log } = this.#parts;
    owned.phase = 'stopped';
    health.stopped({ topic, partition, reason, position, logStart: bounds.start, logEnd: bounds.end });
    metrics.stopped(topic, partition, reason);
    const now = Date.now();
    if (now - owned.toldAt < TELL_EVERY_MS) return;
    owned.toldAt = now;
    const { unreadable } = owned;
    const details =
      unreadable === null ? {} : { problem: unreadable.problem, offset: unreadable.offset, batchEnd: unreadable.end };
    log.error(
      { topic, partition, reason, position, logStart: bounds.start, logEnd: bounds.end, ...details },
      'partition is stopped',
    );
  }

  async #untilItWorks<T>(
    what: string,
    isWanted: () => boolean,
    attempt: (failures: number) => Promise<T>,
  ): Promise<T | undefined> {
    const { log, metrics, health } = this.#parts;
    return retryForever(attempt, {
      isWanted,
      signal: this.#signal,
      onFailure: (error, failures, waitMs) => {
        health.fails(what, error);
        if (isDatabaseAway(error)) metrics.reconnects.inc({ server: 'postgres' });
        const level = isSourceMoved(error) ? 'info' : 'error';
        log[level]({ err: error, failures, waitMs }, `Cannot ${what}: it is tried again`);
      },
    }).finally(() => health.failsNoMore(what));
  }
}

/** Why partitions are located. */
interface LocatingOccasion {
  /** They were just assigned. */
  readonly assignment?: Assignment;
  /** Where to read on if the ledger stands before it: only control records lie in between. */
  readonly controlRecords?: number | null;
  /** They hold something that can't be read, at which they stop. */
  readonly unreadable?: UnreadableBatch;
}

/** The offset that was asked for; kafkajs has it on its batches but not in its types. */
function fetchedOffset(batch: Batch): number {
  return Number(Reflect.get(batch, 'fetchedOffset'));
}

/** When a batch's first and last message were written, in ms since the epoch. */
function timesOf({ messages }: Batch): readonly [number, number] {
  return [Number(messages[0]?.timestamp ?? 0), Number(messages.at(-1)?.timestamp ?? 0)];
}
