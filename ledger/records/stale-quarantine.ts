import type { Queryable, Transaction } from '../database/database.ts';
import { bytesText } from '../database/sql-values.ts';
import {
  QUARANTINE_COLUMNS,
  type QuarantineRow,
  type QuarantinedRecord,
  quarantinedFromRow,
} from './quarantine-store.ts';

/**
 * Says that records which wait for any of these facts (`partyKeys`) must be settled again, superseded ones too, but
 * for those that are written off, in the transaction that changes the facts. Facts must be locked: what batches set
 * aside before is then committed.
 */
export async function markQuarantineStale(tx: Transaction, keys: readonly string[]): Promise<void> {
  await tx.query(
    `update quarantine set is_stale = true
     where state <> 'rated' and state <> 'written-off' and waits_for && $1::text[]
       and not is_stale`,
    [keys],
  );
}

/** The same for all records of some calls, by their keys: one that was billed is so no more. */
export async function markCallsStale(tx: Transaction, callKeys: readonly Uint8Array[]): Promise<void> {
  if (callKeys.length === 0) return;
  await tx.query(
    `update quarantine set is_stale = true
     where call_key = any($1::bytea[]) and call_key is not null and state <> 'rated' and state <> 'written-off'
       and cdr is not null`,
    [callKeys.map(bytesText)],
  );
}

/** How many records wait to be settled again. */
export async function countStaleQuarantine(q: Queryable): Promise<number> {
  const rows = await q.query<{ records: number }>('select count(*)::int as records from quarantine where is_stale');
  return rows[0]?.records ?? 0;
}

/** The same for what another rate deck may repair: every record that could be read and has a line. */
export async function markUnpricedStale(tx: Transaction): Promise<void> {
  await tx.query(
    `update quarantine set is_stale = true
     where state <> 'rated' and state <> 'written-off' and cdr is not null and reason <> 'unknown-line'`,
  );
}

/** The same for all that could be read: another numbering plan reads the numbers of lines otherwise, too. */
export async function markAllQuarantineStale(tx: Transaction): Promise<void> {
  await tx.query(
    `update quarantine set is_stale = true where state <> 'rated' and state <> 'written-off' and cdr is not null`,
  );
}

/** The same for records that wait for one of these reasons. */
export async function markReasonsStale(tx: Transaction, reasons: readonly string[]): Promise<void> {
  await tx.query(
    `update quarantine set is_stale = true
     where state <> 'rated' and state <> 'written-off' and cdr is not null and reason = any($1::text[])`,
    [reasons],
  );
}

/** Records that wait to be settled again, in the order in which they came. */
export async function staleQuarantine(q: Queryable, afterNo: number, limit: number): Promise<QuarantinedRecord[]> {
  const rows = await q.query<QuarantineRow>(
    `select ${QUARANTINE_COLUMNS} from quarantine where is_stale and no > $1 order by no limit $2`,
    [afterNo, limit],
  );
  return rows.map(quarantinedFromRow);
}

/**
 * Says that records are being settled again, in the transaction that does it; returns the numbers of those that nobody
 * else settles or has settled meanwhile.
 */
export async function takeStaleQuarantine(tx: Transaction, nos: readonly number[]): Promise<ReadonlySet<number>> {
  const rows = await tx.query<{ no: bigint }>(
    `update quarantine set is_stale = false where no in (
       select no from quarantine where no = any($1::bigint[]) and is_stale order by no for update skip locked)
     returning no`,
    [nos],
  );
  return new Set(rows.map(({ no }) => Number(no)));
}
