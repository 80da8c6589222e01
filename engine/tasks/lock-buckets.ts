import { type Head, type Transaction, lockFacts, lockHeads, readHeads, shareFacts } from '../../ledger/index.ts';
import { CopyNotBegunError } from '../memory/sync-heads.ts';
import type { Task } from './task.ts';

/** The heads of the buckets that a transaction has locked, and of the others. */
export interface LockedHeads {
  readonly locked: readonly Head[];
  readonly elsewhere: readonly Head[];
}

/**
 * Locks what a task writes to, in the order that all writers keep: heads, ascending, then facts. Throws
 * `CopyNotBegunError`.
 */
export async function lockBuckets(tx: Transaction, task: Task, buckets: ReadonlySet<number>): Promise<LockedHeads> {
  const ascending = [...buckets].toSorted((a, b) => a - b);
  const locked = await lockHeads(tx, ascending);
  if (task.changesFacts === 'directory') await lockFacts(tx);
  if (!(await shareFacts(tx))) throw new CopyNotBegunError('The ledger is a copy that was never written to');
  return { locked, elsewhere: (await readHeads(tx)).filter(({ bucket }) => !buckets.has(bucket)) };
}
