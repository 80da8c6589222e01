import { BUCKET_COUNT } from '../../rater/index.ts';
import type { Assignment } from './partition-sink.ts';

/**
 * The buckets whose accounts stand in the partitions assigned; `null` when that can't be said, because the partition
 * count of a topic does not divide that of the buckets.
 *
 * @param partitionCounts how many partitions each topic has
 */
export function bucketsOf(
  assignment: Assignment,
  partitionCounts: ReadonlyMap<string, number>,
): ReadonlySet<number> | null {
  if (unevenTopics(partitionCounts).length > 0) return null;
  const buckets = new Set<number>();
  for (const [topic, partitions] of assignment) {
    const count = partitionCounts.get(topic) ?? BUCKET_COUNT;
    for (const partition of partitions) {
      for (let bucket = partition; bucket < BUCKET_COUNT; bucket += count) buckets.add(bucket);
    }
  }
  return buckets;
}

/** Topics whose partition count does not divide the number of buckets: their partitions share buckets. */
export function unevenTopics(partitionCounts: ReadonlyMap<string, number>): string[] {
  return [...partitionCounts].filter(([, count]) => BUCKET_COUNT % count !== 0).map(([topic]) => topic);
}
