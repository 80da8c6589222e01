import { type Database, DatabaseError, packGap, readHeads } from '../../ledger/index.ts';

/** Numbers from 0 to below `limit`, that look random and are the same each time. */
export function numbersFrom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/**
 * Packs stretches of all buckets wherever chance has it, short ones that may overlap, and throws others away: a ledger
 * says the same whatever is packed of it.
 */
export async function packSomewhere(db: Database, random: (limit: number) => number): Promise<void> {
  if (random(4) === 0) await db.query('delete from call_stretch where (up_to + $1::int) % 3 = 0', [random(3)]);
  for (const { bucket, position } of await readHeads(db)) {
    for (let after = random(3); after < position; after += random(6)) {
      const upTo = Math.min(position, after + 1 + random(8));
      await db.transaction((tx) => packGap(tx, { bucket, after, upTo })).catch(refuseOtherThanTwice);
    }
  }
}

/** One that ends there may be packed already. */
function refuseOtherThanTwice(error: unknown): void {
  if (!(error instanceof DatabaseError) || error.code !== 'unique-violation') throw error;
}
