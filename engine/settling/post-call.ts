import type { Cdr, RatedCall } from '../../rater/index.ts';
import type { Transaction } from '../../ledger/index.ts';
import type { Batch } from '../tasks/batch.ts';
import { type GatheredCall, type GatheredCalls, giveNumbers, noteBilled, numberUnder } from './gather-calls.ts';
import { halvesOf } from './identity-halves.ts';

/**
 * Posts a rating of a call that may have been posted before, or may share its hash; its line is judged from the
 * ledger.
 */
export async function postCall(
  { tx, batch }: { readonly tx: Transaction; readonly batch: Batch },
  { holders }: GatheredCalls,
  call: GatheredCall,
  rated: RatedCall,
  cdr: Cdr,
): Promise<void> {
  const { line, period } = rated;
  const { account, bucket } = line;
  if (numberUnder(call, account, holders) === null) await giveNumbers(tx, [call]);
  const number = numberUnder(call, account, holders);
  if (number === null) throw new Error(`Cannot post call '${cdr.callId}': it has no number`);
  holders.add(account, number, call.text);
  batch.postUsage(rated, cdr, halvesOf(number), nextRevision(call, account, number));
  batch.markStale(line, period);
  if (call.kept.length > 0) noteBilled(batch, call, line);
  const { seen } = batch.state;
  seen.add(call.hash.high, call.hash.low, account);
  if (number === call.hashNumber) return;
  const { high, low } = halvesOf(number);
  seen.add(high, low, account);
  // Its entries show the number; whoever meets its records again knows the hash alone.
  batch.watch(bucket, call.hash);
}

/**
 * The revision after the last entry that the call has under the account and number, a reversal that is about to come
 * included.
 */
function nextRevision({ posted }: GatheredCall, account: number, number: bigint): number {
  let next = 0;
  for (const { posted: before } of posted) {
    if (before.account !== account || before.identity !== number) continue;
    next = Math.max(next, before.revision + (before.coverage === null ? 1 : 2));
  }
  return next;
}
