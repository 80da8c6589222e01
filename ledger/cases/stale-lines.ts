import type { Queryable, Transaction } from '../database/database.ts';
import { sqlInstant } from '../database/sql-values.ts';

/** Says that lines must be judged again, in the transaction that changes their facts or decisions. */
export async function markLinesStale(
  tx: Transaction,
  lines: readonly { readonly bucket: number; readonly no: number }[],
): Promise<void> {
  await tx.query(
    `insert into stale_line (bucket, line) select * from unnest($1::smallint[], $2::int[]) on conflict do nothing`,
    [lines.map(({ bucket }) => bucket), lines.map(({ no }) => no)],
  );
}

/** A line by the ledger's number of it. */
export interface StaleLine {
  readonly bucket: number;
  readonly no: number;
}

/** Some lines that wait to be judged again, in some buckets or in all. */
export async function staleLines(q: Queryable, limit: number, buckets?: readonly number[]): Promise<StaleLine[]> {
  return q.query<StaleLine>(
    `select bucket, line as no from stale_line where $2::smallint[] is null or bucket = any($2)
     order by bucket, line limit $1`,
    [limit, buckets ?? null],
  );
}

/** Whether a line waits to be judged again: what its calls cost may be about to change. */
export async function isLineStale(q: Queryable, { bucket, no }: StaleLine): Promise<boolean> {
  const rows = await q.query('select from stale_line where bucket = $1 and line = $2', [bucket, no]);
  return rows.length > 0;
}

/** Those of the lines that have entries: the others have nothing to be judged. */
export async function linesWithEntries(q: Queryable, lines: readonly number[]): Promise<number[]> {
  const rows = await q.query<{ no: number }>(
    `select l.no from line l where l.no = any($1::int[]) and exists (
       select from entry e where e.bucket = l.bucket and e.account = l.account and e.line = l.no)`,
    [lines],
  );
  return rows.map(({ no }) => no);
}

/**
 * Says that lines are judged again, in the transaction that does it, with their buckets locked; returns those that no
 * other worker has judged meanwhile.
 */
export async function takeStaleLines(tx: Transaction, lines: readonly number[]): Promise<number[]> {
  const rows = await tx.query<{ line: number }>('delete from stale_line where line = any($1::int[]) returning line', [
    lines,
  ]);
  return rows.map(({ line }) => line);
}

/**
 * Says that every line must be judged again, since something that all of them are rated with has changed: the numbering
 * plan, the rate deck. Returns how many lines. The heads of all buckets must be locked.
 */
export async function markEveryLineStale(tx: Transaction): Promise<number> {
  await tx.query('insert into stale_line (bucket, line) select bucket, no from line on conflict do nothing');
  return countStaleLines(tx);
}

/** The same for the lines with calls that start at `instant` (ms since the epoch) or later; `-Infinity`: every line. */
export async function markLinesStaleSince(tx: Transaction, instant: number): Promise<number> {
  if (instant === -Infinity) return markEveryLineStale(tx);
  await tx.query(
    `insert into stale_line (bucket, line)
     select distinct bucket, line from entry where period >= $1 and started_at >= $2 on conflict do nothing`,
    [earliestPeriodOf(instant), sqlInstant(instant)],
  );
  return countStaleLines(tx);
}

/** How many lines wait to be judged again. */
export async function countStaleLines(q: Queryable): Promise<number> {
  const rows = await q.query<{ lines: number }>('select count(*)::int as lines from stale_line');
  return rows[0]?.lines ?? 0;
}

/** The first month (yyyymm) that holds the instant in any calendar: it is of a day before at the earliest. */
function earliestPeriodOf(instant: number): number {
  const day = new Date(instant - DAY_MS);
  return day.getUTCFullYear() * 100 + day.getUTCMonth() + 1;
}

const DAY_MS = 86_400_000;

/** The same for the lines that had an offer at any time. */
export async function markLinesOfOfferStale(tx: Transaction, offer: string): Promise<number> {
  await tx.query(
    `insert into stale_line (bucket, line) select distinct bucket, line from line_fact where offer = $1
     on conflict do nothing`,
    [offer],
  );
  return countStaleLines(tx);
}
