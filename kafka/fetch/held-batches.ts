import type { BatchHeader } from './batch-header.ts';
import type { FetchedMessage } from './fetched-message.ts';
import { LargeBatch } from './large-batch.ts';
import { MOST_HELD_BATCHES, MOST_UNPACKED_BYTES } from './limits.ts';
import { UnreadableError } from './unreadable-error.ts';

/** One that nobody asked for so long makes room for another. */
const IDLE_MS = 30_000;

/** Decompressing that takes longer for one answer hangs: its partition stops, so that the others go on. */
const HUNG_MS = 60_000;

async function inTime(reading: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<never>((_, reject) => {
    const error = new UnreadableError(`decompressing it was not over within ${HUNG_MS / 1000} s`);
    timer = setTimeout(() => reject(error), HUNG_MS);
  });
  await Promise.race([reading, hung]).finally(() => clearTimeout(timer));
}

interface Held {
  readonly batch: LargeBatch;
  readonly usedAt: number;
}

/**
 * Large batches that are read in parts, by partition. Few are held at a time, since each has a decompressor; other
 * partitions wait for one of them to be over, or to be left alone.
 */
export class HeldBatches {
  readonly #held = new Map<string, Held>();
  /** Of partitions whose next batch is known to be large, its checksum. */
  readonly #large = new Map<string, number>();
  /** How many are being read on at this moment. */
  #inUse = 0;

  /** Whether a batch was seen before as one that is too large to be decompressed at once. */
  isLarge(key: string, { checksum }: BatchHeader): boolean {
    return this.#large.get(key) === checksum;
  }

  /**
   * Reads a large batch on, from `fromOffset`; answers whether it is over. Nothing is read while too many others
   * are held. Throws `UnreadableError`.
   */
  async readOn(
    key: string,
    header: BatchHeader,
    compressed: Buffer,
    fromOffset: number,
    room: number,
    messages: FetchedMessage[],
  ): Promise<boolean> {
    this.#large.set(key, header.checksum);
    const batch = this.#take(key, header, fromOffset) ?? (this.#hasRoom() ? new LargeBatch(header, compressed) : null);
    if (batch === null) return false;
    this.#inUse++;
    const read: FetchedMessage[] = [];
    try {
      await inTime(batch.readOn(fromOffset, room, MOST_UNPACKED_BYTES, read));
    } finally {
      for (const message of read) messages.push(message);
      this.#inUse--;
      this.forget(key);
      if (batch.isOver) void batch.close();
      else this.#held.set(key, { batch, usedAt: performance.now() });
    }
    if (!batch.isOver) this.#large.set(key, header.checksum);
    return batch.isOver;
  }

  /**
   * A partition is read from an offset on: a batch that ends before it, as after a person's move, holds its place in
   * vain.
   */
  readsFrom(key: string, fromOffset: number): void {
    const held = this.#held.get(key);
    if (held !== undefined && held.batch.header.lastOffset < fromOffset) this.forget(key);
  }

  /** Gives back what is held of a partition. */
  forget(key: string): void {
    void this.#held.get(key)?.batch.close();
    this.#held.delete(key);
    this.#large.delete(key);
  }

  /**
   * What is held of this batch, to be read on from `fromOffset`; not any more what is of another, or was read
   * beyond that.
   */
  #take(key: string, { firstOffset, checksum }: BatchHeader, fromOffset: number): LargeBatch | null {
    const held = this.#held.get(key);
    if (held === undefined) return null;
    this.#held.delete(key);
    const { header, nextOffset } = held.batch;
    if (header.firstOffset === firstOffset && header.checksum === checksum && nextOffset <= fromOffset) {
      return held.batch;
    }
    void held.batch.close();
    return null;
  }

  #hasRoom(): boolean {
    for (const [key, { usedAt }] of this.#held) {
      if (this.#held.size + this.#inUse < MOST_HELD_BATCHES) return true;
      if (performance.now() - usedAt > IDLE_MS) this.forget(key);
    }
    return this.#held.size + this.#inUse < MOST_HELD_BATCHES;
  }
}
