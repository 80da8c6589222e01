import type { Queryable, Transaction } from '../database/database.ts';
import { bytesText } from '../database/sql-values.ts';

/** Where a call was billed that has records in quarantine, too. */
export interface BilledCall {
  /** SHA-256 of the call's switch, id and leg. */
  readonly callKey: Uint8Array;
  readonly bucket: number;
  /** The ledger's number. */
  readonly account: number;
}

/** Keeps where calls are billed, in the transaction that settles their records. */
export async function addBilledCalls(tx: Transaction, calls: readonly BilledCall[]): Promise<void> {
  if (calls.length === 0) return;
  // Sorted, since two workers may settle the same calls.
  await tx.query(
    `insert into billed_call (call_key, account, bucket)
     select distinct * from unnest($1::bytea[], $2::int[], $3::smallint[]) as g (call_key, account, bucket)
     order by 1, 2 on conflict do nothing`,
    [
      calls.map(({ callKey }) => bytesText(callKey)),
      calls.map(({ account }) => account),
      calls.map(({ bucket }) => bucket),
    ],
  );
}

/** Where these calls were billed at any time, by their key in hex. */
export async function findBilledCalls(
  q: Queryable,
  callKeys: readonly Uint8Array[],
): Promise<{ readonly key: string; readonly bucket: number; readonly account: number }[]> {
  if (callKeys.length === 0) return [];
  return q.query(
    `select encode(call_key, 'hex') as key, bucket, account from billed_call where call_key = any($1::bytea[])`,
    [callKeys.map(bytesText)],
  );
}
