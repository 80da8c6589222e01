import { countFactChange, lockFacts, lockHeads, repeatWhileCut, type Transaction } from '../ledger/index.ts';
import type { Ledger } from './ledger.ts';

const ALL_BUCKETS = Array.from({ length: 64 }, (_, bucket) => bucket);

/**
 * Changes something that many lines are rated with, and marks those lines in the same transaction, so that no call
 * keeps a price or a verdict that the ledger would not give it today. `change` must be one that may be done twice.
 * Returns how many lines `engine.catchUp` will judge again.
 */
export function changeForMany(
  { db, engine }: Pick<Ledger, 'db' | 'engine'>,
  change: (tx: Transaction) => Promise<number>,
): Promise<number> {
  engine.forget();
  const inTransaction = async (tx: Transaction): Promise<number> => {
    await lockHeads(tx, ALL_BUCKETS);
    await lockFacts(tx);
    await countFactChange(tx, ALL_BUCKETS);
    return change(tx);
  };
  return repeatWhileCut(() => db.transaction(inTransaction));
}
