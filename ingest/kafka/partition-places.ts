import { isCompacted, type WithAdmin } from '../../kafka/index.ts';
import type { Queryable } from '../../ledger/index.ts';
import { answerWithin } from '../../operating/index.ts';
import { readBegunStandings } from './begin-unseen.ts';
import type { PartitionSink } from './partition-sink.ts';
import { readPartitionStatuses, type PartitionStatus } from './partition-status.ts';

/** Partitions stay paused while it is asked where they stand: one that is never answered is asked anew. */
const LONGEST_ASK_MS = 60_000;

interface PlacesParts {
  readonly db: Queryable;
  readonly sink: PartitionSink;
  readonly withAdmin: WithAdmin;
}

/** Asks the ledger and Kafka where the partitions of a topic stand. Each question has a limit of time. */
export class PartitionPlaces {
  readonly #parts: PlacesParts;
  readonly #compactedTopics = new Set<string>();

  constructor(parts: PlacesParts) {
    this.#parts = parts;
  }

  /** Whether the topic was compacted when it was last asked where its partitions stand. */
  isCompacted(topic: string): boolean {
    return this.#compactedTopics.has(topic);
  }

  /** Where the ledger stands in a topic, once it is on record where each of its partitions begins. */
  begun(topic: string): Promise<ReadonlyMap<number, PartitionStatus>> {
    const { db, sink, withAdmin } = this.#parts;
    const asked = withAdmin(async (admin, topicIds) => {
      const compacted = await isCompacted(admin, topic);
      if (compacted === true) this.#compactedTopics.add(topic);
      if (compacted === false) this.#compactedTopics.delete(topic);
      return readBegunStandings(db, { admin, topicIds }, topic, sink.sourceOf(topic));
    });
    return answerWithin(LONGEST_ASK_MS, `read positions of ${topic}`, asked);
  }

  /** Where the ledger stands in a topic. */
  now(topic: string): Promise<ReadonlyMap<number, PartitionStatus>> {
    const { db, sink, withAdmin } = this.#parts;
    return withAdmin((admin, topicIds) => readPartitionStatuses(db, { admin, topicIds }, topic, sink.sourceOf(topic)));
  }
}
