import { type Database, packGap, unpackedGaps } from '../ledger/index.ts';

const PACKED_AT_ONCE = 8_192;

/** Packs all entries, as workers do little by little. */
export async function packAll(db: Database): Promise<void> {
  for (const { bucket, after, upTo } of await unpackedGaps(db)) {
    for (let from = after; from < upTo; from += PACKED_AT_ONCE) {
      await db.transaction((tx) => packGap(tx, { bucket, after: from, upTo: Math.min(upTo, from + PACKED_AT_ONCE) }));
    }
  }
}
