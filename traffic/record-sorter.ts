import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface SorterOptions {
  /** Keys are expected from `from` to `to`; others are sorted as well. */
  readonly from: number;
  readonly to: number;
  /** About how many bytes will come. */
  readonly bytes: number;
  /** An existing folder for what does not fit into memory. */
  readonly folder: string;
}

interface Bucket {
  readonly path: string;
  buffer: Buffer;
  used: number;
  spilled: boolean;
}

/** Each bucket is sorted in memory. */
const BUCKET_BYTES = 4_194_304;
const MAX_BUCKETS = 512;
const MAX_OPEN_BYTES = 262_144;
/** A key (double) and a length (32 bits) before each record. */
const HEAD_BYTES = 12;

/**
 * Sorts lines of text by a number, however many there are: dealt into buckets of neighbouring keys, which spill into
 * files, and each bucket sorted by itself. Memory is one bucket, and a quarter of a megabyte for each of the others.
 * Lines of equal keys keep their order.
 */
export class RecordSorter {
  readonly #buckets: readonly Bucket[];
  readonly #from: number;
  readonly #bucketsAKey: number;

  constructor({ from, to, bytes, folder }: SorterOptions) {
    const count = Math.min(MAX_BUCKETS, Math.max(1, Math.ceil(bytes / BUCKET_BYTES)));
    this.#buckets = Array.from({ length: count }, (_, index) => ({
      path: join(folder, `records-${index}`),
      buffer: Buffer.allocUnsafe(16_384),
      used: 0,
      spilled: false,
    }));
    this.#from = from;
    this.#bucketsAKey = count / (to - from);
  }

  /** Adds a line, which must be Latin-1 and without line end. */
  add(key: number, text: string): void {
    const index = Math.floor((key - this.#from) * this.#bucketsAKey);
    const bucket = this.#buckets[Math.max(0, Math.min(this.#buckets.length - 1, index))];
    if (bucket === undefined) throw new RangeError(`Cannot sort key '${key}': there is no bucket for it`);
    const size = HEAD_BYTES + text.length + 1;
    makeRoom(bucket, size);
    const { buffer, used } = bucket;
    buffer.writeDoubleLE(key, used);
    buffer.writeUInt32LE(text.length + 1, used + 8);
    buffer.write(text, used + HEAD_BYTES, 'latin1');
    buffer[used + size - 1] = LINE_FEED;
    bucket.used += size;
  }

  /** The lines in order, many in a buffer, each ended by a line feed. A bucket is forgotten when it has been read. */
  *sorted(): Generator<Buffer> {
    for (const bucket of this.#buckets) {
      const sorted = sortedBucket(bucket);
      bucket.used = 0;
      bucket.buffer = Buffer.alloc(0);
      if (sorted.length > 0) yield sorted;
    }
  }
}

const LINE_FEED = 10;

function makeRoom(bucket: Bucket, size: number): void {
  const wanted = bucket.used + size;
  if (wanted <= bucket.buffer.length) return;
  if (wanted > MAX_OPEN_BYTES) {
    appendFileSync(bucket.path, bucket.buffer.subarray(0, bucket.used));
    bucket.spilled = true;
    bucket.used = 0;
    if (size <= bucket.buffer.length) return;
  }
  const larger = Buffer.allocUnsafe(Math.max(bucket.used + size, bucket.buffer.length * 2));
  bucket.buffer.copy(larger, 0, 0, bucket.used);
  bucket.buffer = larger;
}

function sortedBucket({ path, buffer, used, spilled }: Bucket): Buffer {
  const open = buffer.subarray(0, used);
  const all = spilled ? Buffer.concat([readFileSync(path), open]) : open;
  if (spilled) rmSync(path);
  const starts: number[] = [];
  for (let at = 0; at < all.length; at += HEAD_BYTES + all.readUInt32LE(at + 8)) starts.push(at);
  const keys = Float64Array.from(starts, (at) => all.readDoubleLE(at));
  const order = Uint32Array.from(starts.keys());
  order.sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
  const sorted = Buffer.allocUnsafe(all.length - starts.length * HEAD_BYTES);
  let written = 0;
  for (const index of order) {
    const start = (starts[index] ?? 0) + HEAD_BYTES;
    written += all.copy(sorted, written, start, start + all.readUInt32LE(start - 4));
  }
  return sorted;
}
