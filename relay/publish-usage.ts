import {
  type Database,
  type FeedStretch,
  FeedReader,
  lockUnpublishedUsage,
  moveCursors,
  type ReadFeed,
  type Transaction,
} from '../ledger/index.ts';
import { EntryNames } from './entry-names.ts';
import { EventSources } from './event-sources.ts';
import type { RelayProducer } from './relay-producer.ts';
import { UsageBatches } from './usage-batches.ts';

/** Half of the buckets a turn, those that lag most: two relays find something to do at any time. */
const LIMITS = { buckets: 32, entries: 500 };

/** Publishes entries, turn by turn. One turn at a time: its memory is used again for the next. */
export class UsagePublisher {
  readonly #db: Database;
  readonly #names = new EntryNames();
  readonly #reader = new FeedReader();
  readonly #batches = new UsageBatches(this.#names);
  #sources = new EventSources([]);

  constructor(db: Database) {
    this.#db = db;
  }

  /** Names the ledger's lives that entries are of, from now on. */
  useSources(sources: EventSources): void {
    this.#sources = sources;
    this.#batches.useSources(sources);
  }

  /**
   * Publishes entries that no relay has published yet, and moves the cursors once the broker has them: whoever dies in
   * between leaves the cursors where they were, and the entries are published again.
   *
   * @returns how many entries were published
   */
  turn(producer: RelayProducer): Promise<number> {
    const { usagePartitions } = producer;
    return this.#db.transaction(async (tx) => {
      const stretches = inOrderOfPartition(await lockUnpublishedUsage(tx, LIMITS), usagePartitions);
      if (stretches.length === 0) return 0;
      await this.#sources.requireCurrent(tx);
      const feed = await this.#reader.read(tx, stretches);
      await producer.sendUsage(await this.#messagesOf(tx, feed, usagePartitions));
      await moveCursors(tx, 'usage', new Map(stretches.map(({ bucket, upTo }) => [bucket, upTo])));
      return feed.entries;
    });
  }

  /** Entries with unknown names are few: all are gathered once more when there are any. */
  async #messagesOf(
    tx: Transaction,
    feed: ReadFeed,
    partitions: number,
  ): Promise<ReadonlyMap<number, readonly Buffer[]>> {
    do {
      this.#batches.clear();
      feed.visit((entry) => {
        if (this.#names.find(entry)) this.#batches.add(entry, entry.bucket % partitions);
      });
    } while (await this.#names.loadMissing(tx));
    return this.#batches.finish();
  }
}

/** One partition's message is gathered after the other's. */
function inOrderOfPartition(stretches: readonly FeedStretch[], partitions: number): FeedStretch[] {
  return stretches.toSorted((a, b) => (a.bucket % partitions) - (b.bucket % partitions) || a.bucket - b.bucket);
}
