import type { Batch } from '../tasks/batch.ts';
import { ALL_BUCKETS, type BucketMonth, bucketMonthKey } from './bucket-months.ts';
import type { EngineOptions } from '../engine-options.ts';

/** What of an engine's options is about memory. */
export type Memory = Required<Pick<EngineOptions, 'maxBucketMonths' | 'loadsWholePeriods'>>;

/**
 * The months that a batch lacks, with those of all buckets that are ours: one pass over the ledger's month loads as
 * many as are asked for, and calls of the others will come. Where memory has no room for so many, what is needed
 * alone.
 *
 * @param retained the buckets that are ours to rate
 */
export function monthsToLoad(
  { missing, state }: Batch,
  retained: ReadonlySet<number>,
  { maxBucketMonths, loadsWholePeriods }: Memory,
): readonly BucketMonth[] {
  const ours = loadsWholePeriods ? ALL_BUCKETS : retained;
  const wanted = new Map(missing.map((month) => [bucketMonthKey(month.bucket, month.period), month]));
  for (const { period } of missing) {
    for (const bucket of ours) {
      if (!state.months.has(bucket, period)) wanted.set(bucketMonthKey(bucket, period), { bucket, period });
    }
  }
  const hasRoom = state.months.size + wanted.size <= maxBucketMonths;
  return hasRoom || loadsWholePeriods ? [...wanted.values()] : missing;
}
