import { ALL_BUCKETS } from '../engine/index.ts';
import { countFactChange, lockFacts, lockHeads, repeatWhileCut, type Transaction } from '../ledger/index.ts';
import type { Ledger } from './ledger.ts';

/**
 * Changes something that many lines are rated with, and marks those lines in the same transaction, so that no call
 * keeps a price or a verdict that the ledger would not give it today. `change` must be one that may be done twice.
 * Returns what `change` does: how many lines `engine.catchUp` will judge again.
 */
export function changeForMany<Result>(
  { db, engine }: Pick<Ledger, 'db' | 'engine'>,
  change: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  engine.forget();
  const inTransaction = async (tx: Transaction): Promise<Result> => {
    const buckets = [...ALL_BUCKETS];
    await lockHeads(tx, buckets);
    await lockFacts(tx);
    await countFactChange(tx, buckets);
    return change(tx);
  };
  return repeatWhileCut(() => db.transaction(inTransaction));
}
