import { createHash, type Hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OrderedCopy } from '../entries/entry-copy.ts';

const BYTES_A_TURN = 1 << 20;

/**
 * SHA-256 digests of what one transaction posts, one of each bucket: of its entries' rows as binary COPY has them, in
 * order of their feed positions, over as many copies as the transaction makes.
 */
export class PostingDigests {
  readonly #hashes = new Map<number, Hash>();

  /**
   * Adds the rows of a copy, which stays as it is meanwhile. Costs about a millisecond for a megabyte, after which
   * others have their turn.
   */
  async add({ bytes, stretches }: OrderedCopy): Promise<void> {
    let added = 0;
    for (const { bucket, start, end } of stretches) {
      this.#hashOf(bucket).update(bytes.subarray(start, end));
      added += end - start;
      if (added < BYTES_A_TURN) continue;
      added = 0;
      await nextTurn();
    }
  }

  /** The digest of a bucket's entries, 32 bytes. To be asked once, when all copies are made. */
  digestOf(bucket: number): Buffer {
    return this.#hashOf(bucket).digest();
  }

  #hashOf(bucket: number): Hash {
    let hash = this.#hashes.get(bucket);
    if (hash === undefined) {
      hash = createHash('sha256');
      this.#hashes.set(bucket, hash);
    }
    return hash;
  }
}
