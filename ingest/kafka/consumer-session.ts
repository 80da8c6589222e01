import type { Logger } from 'pino';
import type { Queryable } from '../../ledger/index.ts';
import {
  type Batch,
  type Consumer,
  type ConsumerGroupJoinEvent,
  type EachBatchPayload,
  type KafkaCluster,
  type WithAdmin,
  type UnreadableBatch,
  topicIdsOf,
  watchFetches,
} from '../../kafka/index.ts';
import { isDatabaseAway, isSourceMoved } from './error-kinds.ts';
import { emptyBefore, emptyRanges } from './offset-tally.ts';
import { type EmptyBatch, fetchedOffset, timesOf } from './kafkajs-batch.ts';
import { keyOf, type OwnedPartition, unlocated } from './owned-partition.ts';
import type { Assignment, PartitionSink, PartitionSlice } from './partition-sink.ts';
import type { PartitionStatus } from './partition-status.ts';
import {
  failed,
  foundMoved,
  give,
  isUnderWay,
  located,
  locateAgain,
  mayTry,
  sawNothing,
  tookIn,
  verdictOn,
} from './partition-state.ts';
import { standsStill } from './partition-stillness.ts';
import { PartitionPlaces } from './partition-places.ts';
import { PartitionReports } from './partition-reports.ts';
import { DATABASE, retryForever, type WorkerHealth } from '../../operating/index.ts';
import { isAtEnd, restPartition } from './rest-partition.ts';
import { RunningSlices } from './running-slices.ts';
import { type SliceLimits, slicesOf, unreadableIn } from './slices.ts';
import { TopicCheck } from './topic-check.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

const STANDS_STILL = 'partition stands still though its log goes on: it is fetched anew';

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
  readonly withAdmin: WithAdmin;
  /** How kafkajs sees the cluster for this consumer. */
  readonly cluster: KafkaCluster;
}

/**
 * One consumer's life as a member of the group. Kafka's own group offsets decide nothing: a partition is paused when
 * it is assigned, and read from where the ledger stands. Each slice moves the ledger's position on, compared and
 * swapped, so that whoever has lost a partition without knowing can't commit. What is believed of a partition is
 * moved on by the functions of `partition-state.ts` alone.
 */
export class ConsumerSession {
  readonly #parts: ReadingParts;
  readonly #consumer: Consumer;
  readonly #signal: AbortSignal;
  readonly #running: RunningSlices;
  readonly #topicCheck: TopicCheck;
  readonly #reports: PartitionReports;
  readonly #partitions = new Map<string, OwnedPartition>();
  readonly #places: PartitionPlaces;
  #assignment: Assignment = new Map();

  /** @param signal aborted when the session is over, for whatever reason */
  constructor(parts: ReadingParts, consumer: Consumer, signal: AbortSignal) {
    this.#parts = parts;
    this.#consumer = consumer;
    this.#signal = signal;
    this.#running = new RunningSlices(signal);
    this.#topicCheck = new TopicCheck(topicIdsOf(parts.cluster), parts.withAdmin);
    this.#reports = new PartitionReports(parts);
    this.#places = new PartitionPlaces(parts);
    watchFetches(parts.cluster, (topic, partition, offset) => {
      const owned = this.#partitions.get(keyOf(topic, partition));
      if (owned !== undefined) owned.fetchedFrom = offset;
    });
    const { GROUP_JOIN, HEARTBEAT, FETCH, START_BATCH_PROCESS } = consumer.events;
    for (const sign of [HEARTBEAT, FETCH]) consumer.on(sign, () => parts.health.heardOf(parts.connection));
    consumer.on(FETCH, () => this.#topicCheck.onFetched());
    consumer.on(GROUP_JOIN, (event) => this.#onJoined(event));
    consumer.on(START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) this.#onEmptyBatch(payload);
    });
  }

  /** Settles when what was given to the sink is settled. */
  settled(): Promise<void> {
    return this.#running.settled();
  }

  /**
   * Runs before the first fetch of the new assignment. Partitions that stay with us are located anew too: what of
   * them is under way is awaited or given up, which is simpler to be sure of than to go on in the middle.
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
    void this.#locate([...this.#partitions.values()], this.#assignment);
  }

  /** A fetch that brought no message for us: kafkajs goes on after it by itself. */
  #onEmptyBatch({ topic, partition, firstOffset, lastOffset }: EmptyBatch): void {
    const owned = this.#partitions.get(keyOf(topic, partition));
    if (owned === undefined) return;
    // Without a first offset, all that came stands before what was asked for: that one offset holds nothing.
    const from = firstOffset === null ? owned.fetchedFrom : Number(firstOffset);
    owned.state = sawNothing(owned.state, owned.fetchedFrom, from, Number(lastOffset) + 1);
  }

  async eachBatch({ batch, resolveOffset, heartbeat, isStale }: EachBatchPayload): Promise<void> {
    const owned = this.#partitions.get(keyOf(batch.topic, batch.partition));
    if (owned === undefined || isStale()) return;
    const believed = owned.state;
    const fetched = fetchedOffset(batch);
    const verdict = verdictOn(believed, fetched);
    if (verdict === 'leave') return;
    if (verdict === 'locate') return this.#relocate(owned, fetched);
    if (!(await this.#isOfSameTopic(owned))) return this.#relocate(owned, null);
    this.#parts.metrics.fetched(batch.topic, batch.partition, Number(batch.lastOffset()) + 1, timesOf(batch));
    const isCompactedTopic = this.#places.isCompacted(batch.topic);
    const empty = [...emptyBefore(believed, isCompactedTopic), ...emptyRanges(batch, fetched, isCompactedTopic)];
    for (const cut of slicesOf(batch, believed.position, this.#parts.limits)) {
      await this.#running.roomForOne(heartbeat);
      const end = Number(batch.highWatermark);
      if (!this.#give(owned, { ...cut, empty }, believed.moves, end)) return;
      resolveOffset(String(cut.to - 1));
    }
    this.#afterBatch(owned, batch);
  }

  /**
   * Hands a slice to the sink, unless it is not the next one any more.
   *
   * @param moves how often people had moved the position when it was fetched
   * @param end of the partition's log, as far as is known
   */
  #give(owned: OwnedPartition, slice: PartitionSlice, moves: number, end: number): boolean {
    const given = this.#isOwned(owned) ? give(owned.state, slice.from, slice.to, moves) : null;
    if (given === null) return false;
    owned.state = given;
    this.#running.start((before) => this.#take(owned, { ...slice, moves }, end, before));
    return true;
  }

  /** Whether what was just fetched is of the topic of the ledger's position; `false` also when nobody answers. */
  async #isOfSameTopic({ topic, partition, state }: OwnedPartition): Promise<boolean> {
    try {
      return await this.#topicCheck.isStill(state.topicId, topic, partition);
    } catch (error) {
      this.#parts.log.info({ err: error, topic, partition }, 'Cannot tell whether the topic is still the same');
      return false;
    }
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
    if (!this.#isOwned(owned) || owned.state.phase !== 'reading') return;
    if (unreadable === null) {
      const ms = isAtEnd(batch) ? this.#parts.sink.restMs(topic) : 0;
      return void restPartition(this.#consumer, owned, ms, () => this.#isOwned(owned), this.#signal);
    }
    this.#consumer.pause([{ topic, partitions: [partition] }]);
    owned.state = locateAgain(owned.state);
    void this.#locate([owned], null, unreadable);
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
   * Asks the ledger and the log where our partitions stand: an operator may have decided how to go on with a stopped
   * one, or moved another; the log may have lost what was not read yet, or be another. Lag is told also while nothing
   * comes. Kafka's group offsets follow, for tools that show lag by them.
   */
  async lookAround(): Promise<void> {
    for (const [topic, some] of Map.groupBy(this.#partitions.values(), (owned) => owned.topic)) {
      const statuses = await this.#places.now(topic);
      for (const owned of some) {
        const status = statuses.get(owned.partition);
        if (status !== undefined && this.#isOwned(owned)) this.#lookAt(owned, status);
      }
    }
    await this.#commitOffsets();
  }

  #lookAt(owned: OwnedPartition, status: PartitionStatus): void {
    const { state } = owned;
    if (state.phase === 'stopped') {
      if (status.kind === 'ready') this.#relocate(owned, null);
      else this.#reports.stopped(owned, status);
    }
    if (state.phase !== 'reading') return;
    const isSameTopic = status.topicId === null || status.topicId === state.topicId;
    const isAsBelieved = status.known?.moves === state.moves && isSameTopic;
    if (status.kind === 'stopped' || !isAsBelieved) return this.#relocate(owned, null);
    this.#reports.reading(owned, status);
    if (standsStill(owned, status.bounds.end, Date.now())) {
      const { topic, partition, fetchedFrom } = owned;
      const { position, bounds } = status;
      this.#parts.log.warn({ topic, partition, position, fetchedFrom, logEnd: bounds.end }, STANDS_STILL);
      return this.#relocate(owned, null);
    }
    this.#giveEmpty(owned, status.bounds.end);
  }

  /**
   * Moves the ledger over offsets that hold nothing: else retention might delete them, and it would look like a loss.
   */
  #giveEmpty(owned: OwnedPartition, end: number): void {
    const { topic, partition, state } = owned;
    const { position: from, next: to, moves, underWay } = state;
    if (underWay.length > 0 || to === from) return;
    const empty = emptyBefore(state, this.#places.isCompacted(topic));
    this.#give(owned, { topic, partition, from, to, messages: [], empty }, moves, end);
  }

  async #commitOffsets(): Promise<void> {
    const read = [...this.#partitions.values()].filter(({ state }) => state.phase === 'reading');
    if (read.length === 0) return;
    await this.#consumer.commitOffsets(
      read.map(({ topic, partition, taken }) => ({ topic, partition, offset: String(taken) })),
    );
  }

  #isOwned(owned: OwnedPartition): boolean {
    return !this.#signal.aborted && this.#partitions.get(keyOf(owned.topic, owned.partition)) === owned;
  }

  /** Never rejects: what fails is tried again, unless the partition is not ours any more. */
  async #take(owned: OwnedPartition, slice: PartitionSlice, end: number, before: Promise<void>): Promise<void> {
    const { sink, metrics, health } = this.#parts;
    const { topic, partition, from, to } = slice;
    const stopTimer = metrics.batchSeconds.startTimer();
    const attempt = async (failures: number): Promise<'taken' | 'lost'> => {
      if (!mayTry(owned.state, from)) await before;
      try {
        await sink.take(slice, failures);
        return 'taken';
      } catch (error) {
        if (!isSourceMoved(error) && this.#isOwned(owned)) metrics.batchFails(topic, partition);
        owned.state = isSourceMoved(error) ? foundMoved(owned.state, from) : failed(owned.state, from);
        if (isUnderWay(owned.state, from)) throw error;
        this.#relocate(owned, null);
        return 'lost';
      }
    };
    const outcome = await this.#untilItWorks(
      `take ${topic}/${partition} from ${from} to ${to}`,
      () => this.#isOwned(owned),
      attempt,
    );
    metrics.batchFailsNoMore(topic, partition);
    if (outcome !== 'taken') return;
    stopTimer();
    health.heardOf(DATABASE);
    owned.state = tookIn(owned.state, from);
    owned.taken = to;
    if (this.#isOwned(owned)) metrics.atPosition(topic, partition, to, end);
  }

  /**
   * @param fetched the offset of the batch that came instead of the one awaited; `null` when something else is wrong
   */
  #relocate(owned: OwnedPartition, fetched: number | null): void {
    const { topic, partition, state } = owned;
    const { position, next } = state;
    // One that is being located is located after all of it is settled: nothing is to be done once more.
    if (!this.#isOwned(owned) || state.phase === 'locating') return;
    this.#parts.log.info({ topic, partition, position, next, fetched }, 'partition is located again');
    this.#consumer.pause([{ topic, partitions: [partition] }]);
    owned.state = locateAgain(state);
    void this.#locate([owned], null);
  }

  /**
   * Finds out where the ledger stands in paused partitions, and reads on from there or stops them.
   *
   * @param assignment the one that they were just assigned by
   * @param unreadable what was just found in them that can't be read, once what came before it is taken
   */
  async #locate(
    some: readonly OwnedPartition[],
    assignment: Assignment | null,
    unreadable: UnreadableBatch | null = null,
  ): Promise<void> {
    await this.settled();
    const statuses = new Map<string, ReadonlyMap<number, PartitionStatus>>();
    for (const [topic, partitions] of Map.groupBy(some, (owned) => owned.topic)) {
      const found = await this.#statuses(topic, partitions);
      if (found === undefined) return;
      statuses.set(topic, found);
    }
    if (assignment !== null && assignment === this.#assignment) {
      const partitionCounts = new Map([...statuses].map(([topic, { size }]) => [topic, size]));
      this.#parts.sink.onAssigned(assignment, partitionCounts);
    }
    for (const owned of some) {
      const status = statuses.get(owned.topic)?.get(owned.partition);
      if (this.#isOwned(owned) && status !== undefined) this.#placed(owned, status, unreadable);
    }
  }

  async #statuses(
    topic: string,
    some: readonly OwnedPartition[],
  ): Promise<ReadonlyMap<number, PartitionStatus> | undefined> {
    const statuses = await this.#untilItWorks(
      `read positions of ${topic}`,
      () => some.some((owned) => this.#isOwned(owned)),
      () => this.#places.begun(topic),
    );
    if (statuses !== undefined) this.#parts.health.heardOf(DATABASE);
    return statuses;
  }

  /** @param unreadable what was just found there that can't be read: the partition stops at it */
  #placed(owned: OwnedPartition, status: PartitionStatus, unreadable: UnreadableBatch | null): void {
    const { topic, partition } = owned;
    const { position, bounds, known, topicId } = status;
    const canBeRead = status.kind === 'ready' && unreadable === null;
    owned.state = located(owned.state, { canBeRead, position, moves: known?.moves ?? 0, topicId });
    owned.taken = position;
    owned.stopReportedAt = 0;
    if (status.kind === 'stopped') return this.#reports.stopped(owned, status);
    if (unreadable !== null) {
      owned.unreadable = unreadable;
      return this.#reports.stopped(owned, { ...status, kind: 'stopped', reason: 'unreadable-batch' });
    }
    const { metrics, health, log } = this.#parts;
    const { next } = owned.state;
    if (owned.unreadable !== null && position > Number(owned.unreadable.offset)) owned.unreadable = null;
    // What could not be read is tried again now and then: it counts as stopped until something can.
    if (owned.unreadable === null) {
      health.goesOn(topic, partition);
      metrics.goesOn(topic, partition);
    }
    this.#reports.reading(owned, status);
    log.debug({ topic, partition, position, next, ...bounds }, 'partition is read on');
    this.#consumer.seek({ topic, partition, offset: String(next) });
    this.#consumer.resume([{ topic, partitions: [partition] }]);
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
