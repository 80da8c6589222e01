import { CAN_PACK, type Database, DatabaseError, packGap, type UnpackedGap, unpackedGaps } from '../../ledger/index.ts';

/** Gaps are looked for so often. */
const LOOK_AGAIN_MS = 60_000;
/** Entries that are packed into one stretch; and so many stretches at a time, which takes some 50 ms. */
const ENTRIES_A_STRETCH = 8192;
const STRETCHES_AT_ONCE = 2;

/**
 * Packs, little by little, what the processes that posted it did not: entries of before there were stretches, of
 * processes that ended before a run was full, of two that took turns at a bucket.
 */
export class GapPacker {
  readonly #db: Database;
  /** On a clock that never goes back. */
  #lookedAt = -Infinity;
  #gaps: UnpackedGap[] = [];

  constructor(db: Database) {
    this.#db = db;
  }

  /** Packs some entries of the gaps that there are, the newest first. Several processes may do so at once. */
  async packSome(): Promise<void> {
    if (!CAN_PACK) return;
    if (this.#gaps.length === 0 && performance.now() - this.#lookedAt > LOOK_AGAIN_MS) {
      this.#gaps = await unpackedGaps(this.#db);
      this.#lookedAt = performance.now();
    }
    for (let count = 0; count < STRETCHES_AT_ONCE && this.#gaps.length > 0; count++) await this.#packNext();
  }

  async #packNext(): Promise<void> {
    const gap = this.#gaps.pop();
    if (gap === undefined) return;
    const after = Math.max(gap.after, gap.upTo - ENTRIES_A_STRETCH);
    if (after > gap.after) this.#gaps.push({ ...gap, upTo: after });
    try {
      await this.#db.transaction((tx) => packGap(tx, { ...gap, after }));
    } catch (error) {
      // Another process was faster.
      if (!(error instanceof DatabaseError) || error.code !== 'unique-violation') throw error;
    }
  }
}
