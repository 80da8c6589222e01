import { type Database, type FeedStretch, lockUntoldUsage, moveCursors, readFeed } from '../ledger/index.ts';
import type { EntryNames } from './entry-names.ts';
import type { RelayProducer } from './relay-producer.ts';
import { UsageBatches } from './usage-batches.ts';

/** Half of the buckets a turn, those that lag most: two relays find something to do at any time. */
const LIMITS = { buckets: 32, entries: 500 };

/**
 * Tells of entries that are not told yet, and moves the cursors once the broker has them: whoever dies in between leaves
 * the cursors where they were, and the entries are told again.
 *
 * @returns how many entries were told
 */
export function tellUsage(db: Database, producer: RelayProducer, names: EntryNames): Promise<number> {
  return db.transaction(async (tx) => {
    const stretches = inOrderOfPartition(await lockUntoldUsage(tx, LIMITS), producer.usagePartitions);
    if (stretches.length === 0) return 0;
    const feed = await readFeed(tx, stretches);
    for (;;) {
      const batches = new UsageBatches(producer.usagePartitions, names);
      feed.visit((entry) => {
        if (names.has(entry)) batches.add(entry);
      });
      if (await names.loadMissing(tx)) continue;
      await producer.sendUsage(batches.finish());
      break;
    }
    await moveCursors(tx, 'usage', new Map(stretches.map(({ bucket, upTo }) => [bucket, upTo])));
    return feed.entries;
  });
}

/** One partition's message is gathered after the other's. */
function inOrderOfPartition(stretches: readonly FeedStretch[], partitions: number): FeedStretch[] {
  return stretches.toSorted((a, b) => (a.bucket % partitions) - (b.bucket % partitions) || a.bucket - b.bucket);
}
