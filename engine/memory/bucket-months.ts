import { BUCKET_COUNT } from '../../rater/index.ts';

/** The months of a bucket's lines in one period: what is loaded into memory, and released, as one. */
export interface BucketMonth {
  readonly bucket: number;
  readonly period: number;
}

/** The ledger's buckets are numbered from 0. */
export const ALL_BUCKETS: ReadonlySet<number> = new Set(Array.from({ length: BUCKET_COUNT }, (_, bucket) => bucket));

/** A number for a bucket in a period. */
export function bucketMonthKey(bucket: number, period: number): number {
  return period * 64 + bucket;
}

/** The bucket and period of a `bucketMonthKey`. */
export function bucketMonthOf(key: number): BucketMonth {
  return { bucket: key % 64, period: Math.floor(key / 64) };
}

/** Which months of which buckets are in memory, in the order of their last use. */
export class BucketMonths {
  // A Map keeps the order in which keys were put in: who is used goes to the end.
  readonly #loaded = new Map<number, true>();

  get size(): number {
    return this.#loaded.size;
  }

  has(bucket: number, period: number): boolean {
    return this.#loaded.has(bucketMonthKey(bucket, period));
  }

  /** Says that it is in memory, and used now. */
  use(bucket: number, period: number): void {
    const key = bucketMonthKey(bucket, period);
    this.#loaded.delete(key);
    this.#loaded.set(key, true);
  }

  delete({ bucket, period }: BucketMonth): void {
    this.#loaded.delete(bucketMonthKey(bucket, period));
  }

  /** All of them, the least recently used first. */
  all(): BucketMonth[] {
    return [...this.#loaded.keys()].map(bucketMonthOf);
  }

  ofBuckets(buckets: ReadonlySet<number>): BucketMonth[] {
    return this.all().filter(({ bucket }) => buckets.has(bucket));
  }
}
