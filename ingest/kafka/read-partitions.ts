import type { Logger } from 'pino';
import { answerWithin, OperatingFault, pause, retryForever, within } from '../../operating/index.ts';
import {
  adminOf,
  type Admin,
  type Consumer,
  type Kafka,
  coPartitionAssigner,
  takeOverFetches,
  withCluster,
} from '../../kafka/index.ts';
import { ConsumerSession, type ReadingParts } from './consumer-session.ts';

export interface ReadOptions extends Omit<ReadingParts, 'withAdmin' | 'cluster' | 'limits'> {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Most messages a slice. */
  readonly batchRecords: number;
  /** How long the broker waits for a fuller batch, in ms. */
  readonly lingerMs: number;
  /** After how long without a heartbeat the group gives a member's partitions to others, in ms. */
  readonly sessionMs: number;
}

const LOOK_AROUND_EVERY_MS = 10_000;
const LONGEST_LOOK_MS = 60_000;
/** A consumer that neither fetched nor beat for so long hangs: it is thrown away, and another made. */
const HUNG_MS = 120_000;
/**
 * How long a graceful end may take, in ms: for slices under way, and for leaving the group. Within 8 s a worker that
 * was told to end is gone; a slice that is given up is as if never begun.
 */
const SETTLE_MS = 4_500;
const LEAVE_MS = 2_500;

/**
 * Reads the topics' partitions that the group assigns to us into the sink, until `signal` is aborted: then what is
 * under way is finished, or given up when that takes long, and the group is left. kafkajs gives up after some
 * failures, and waits for ever in others: either way its consumer is replaced by a new one, for ever.
 */
export async function readPartitions(options: ReadOptions, signal: AbortSignal): Promise<void> {
  const { log, metrics } = options;
  await retryForever(() => consume(options, signal), {
    isWanted: () => true,
    signal,
    onFailure: (error, failures, waitMs) => {
      metrics.reconnects.inc({ server: 'kafka' });
      log.error({ err: error, failures, waitMs }, 'Kafka: the consumer failed, and is made anew');
    },
  });
}

/** One consumer, until `signal` is aborted; throws when it has failed. */
async function consume(options: ReadOptions, signal: AbortSignal): Promise<void> {
  const { kafka, topics, log } = options;
  const withAdmin = adminOf(kafka);
  const partitions = await withAdmin((admin) => countPartitions(admin, topics));
  const limits = { messages: options.batchRecords, bytes: options.batchRecords * BYTES_A_RECORD };
  const [consumer, cluster] = withCluster(kafka, (own) =>
    createConsumer({ ...options, kafka: own }, partitions, limits.bytes),
  );
  const over = new AbortController();
  const failed = Promise.withResolvers<never>();
  const session = new ConsumerSession({ ...options, withAdmin, cluster, limits }, consumer, over.signal);
  consumer.on(consumer.events.CRASH, ({ payload: { error } }) => failed.reject(error));
  const begun = begin(consumer, session, topics, over.signal);
  begun.catch(failed.reject);
  try {
    await Promise.race([failed.promise, aborted(signal), lookAround(session, options, over.signal)]);
  } finally {
    over.abort();
    await within(SETTLE_MS, session.settled());
    session.forgetPartitions();
    await within(LEAVE_MS, leave(consumer, begun, log));
  }
}

async function begin(
  consumer: Consumer,
  session: ConsumerSession,
  topics: readonly string[],
  over: AbortSignal,
): Promise<void> {
  await consumer.connect();
  if (over.aborted) return;
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  if (over.aborted) return;
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: (payload) => session.eachBatch(payload),
  });
}

/**
 * Not before it has begun: kafkajs goes on beginning whatever is disconnected meanwhile, and would then stay in the
 * group, with partitions that nobody reads.
 */
async function leave(consumer: Consumer, begun: Promise<void>, log: Logger): Promise<void> {
  await begun.catch(() => undefined);
  await consumer.disconnect().catch((error: unknown) => log.debug({ err: error }, 'Kafka: not left in order'));
}

/** Looks around now and then; throws when the consumer hangs. */
async function lookAround(session: ConsumerSession, options: ReadOptions, signal: AbortSignal): Promise<void> {
  const { health, connection, log } = options;
  const begunAt = Date.now();
  while (!signal.aborted) {
    await pause(LOOK_AROUND_EVERY_MS, signal);
    if (signal.aborted) return;
    // A look that never ends must not keep a hanging consumer from being found.
    const look = answerWithin(LONGEST_LOOK_MS, 'look at positions', session.lookAround());
    await look.catch((error: unknown) => log.info({ err: error }, 'Cannot look at positions'));
    if (Math.min(health.silentMs(connection), Date.now() - begunAt) > HUNG_MS) {
      throw new OperatingFault(`Cannot go on reading: the consumer has not been heard of for ${HUNG_MS / 1000} s`);
    }
  }
}

/**
 * Value, key and overhead of a usual record as the log has it: a fetch is one slice of each partition then, since
 * what is fetched beyond it only grows old in memory.
 */
const BYTES_A_RECORD = 256;
const MOST_BYTES_A_FETCH = 67_108_864;
const LEAST_BYTES_A_PARTITION = 262_144;

/**
 * A fetch asks for one slice of every partition. Brokers fill it in the order asked for, which is always the same: it
 * must have room for all partitions, or the last ones would starve while the first ones lag.
 */
function createConsumer(options: ReadOptions, partitions: number, sliceBytes: number): Consumer {
  takeOverFetches();
  const { kafka, groupId, sessionMs, lingerMs } = options;
  const share = Math.floor(MOST_BYTES_A_FETCH / Math.max(1, partitions));
  const maxBytesPerPartition = Math.max(LEAST_BYTES_A_PARTITION, Math.min(sliceBytes, share));
  return kafka.consumer({
    groupId,
    partitionAssigners: [coPartitionAssigner],
    sessionTimeout: sessionMs,
    heartbeatInterval: Math.floor(sessionMs / 6),
    rebalanceTimeout: Math.max(sessionMs, 30_000),
    maxWaitTimeInMs: lingerMs,
    minBytes: maxBytesPerPartition,
    maxBytesPerPartition,
    maxBytes: maxBytesPerPartition * Math.max(1, partitions),
    metadataMaxAge: 60_000,
    allowAutoTopicCreation: false,
    retry: { restartOnFailure: async () => false },
  });
}

/** How many partitions the topics have together; throws when one does not exist. */
async function countPartitions(admin: Admin, topics: readonly string[]): Promise<number> {
  const existing = new Set(await admin.listTopics());
  const missing = topics.filter((topic) => !existing.has(topic));
  if (missing.length > 0) {
    throw new OperatingFault(
      `Cannot read topics '${missing.join("', '")}': they do not exist ('fairtally topics create'), or we have no right to see them`,
    );
  }
  const metadata = await admin.fetchTopicMetadata({ topics: [...topics] });
  return metadata.topics.reduce((sum, { partitions }) => sum + partitions.length, 0);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
