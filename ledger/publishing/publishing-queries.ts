import type { Queryable } from '../database/database.ts';
import type { TakenDecision } from '../cases/taken-decision.ts';

/** A decision with its month (yyyymm). */
export interface DecisionOnLine extends TakenDecision {
  readonly period: number;
}

/** What was ever decided on these lines, in order, by the ledger's number of the line. */
export async function decisionsOnLines(
  q: Queryable,
  lines: readonly { readonly bucket: number; readonly no: number }[],
): Promise<ReadonlyMap<number, readonly DecisionOnLine[]>> {
  if (lines.length === 0) return new Map();
  const rows = await q.query<{
    line: number;
    period: number;
    condition: string;
    kind: TakenDecision['kind'];
    effective_at: number;
    decided_by: string;
    note: string;
    decided_at: number | null;
  }>(
    `select line, period, condition, kind, effective_at, decided_by, note, decided_at
     from decision where bucket = any($1::smallint[]) and line = any($2::int[]) order by bucket, sequence`,
    [[...new Set(lines.map(({ bucket }) => bucket))], lines.map(({ no }) => no)],
  );
  const decisions = rows.map(({ line, period, condition, kind, note, ...row }) => ({
    line,
    decision: {
      period,
      condition,
      kind,
      effectiveAt: row.effective_at,
      decidedBy: row.decided_by,
      note,
      decidedAt: row.decided_at,
    },
  }));
  return new Map(
    [...Map.groupBy(decisions, ({ line }) => line)].map(([line, own]) => [line, own.map(({ decision }) => decision)]),
  );
}

/** Calls of a line's month that are included now, and what they cost by the minute (micros). */
export interface IncludedCalls {
  readonly calls: number;
  readonly price: number;
}

interface LineMonthKey {
  readonly bucket: number;
  /** The ledger's numbers. */
  readonly account: number;
  readonly line: number;
  readonly period: number;
}

/** The included calls of each of these months, in their order. Reads all calls of the month of each account. */
export async function includedCallsOf(q: Queryable, months: readonly LineMonthKey[]): Promise<IncludedCalls[]> {
  if (months.length === 0) return [];
  const rows = await q.query<{ calls: number; price: bigint }>(
    `select included.calls, included.price
     from unnest($1::smallint[], $2::int[], $3::int[], $4::int[])
       with ordinality as m (bucket, account, line, period, index)
     cross join lateral (
       select count(*)::int as calls, coalesce(sum(metered_price), 0)::bigint as price
       from (
         select distinct on (e.identity) e.line, e.coverage, e.metered_price from entry e
         where e.bucket = m.bucket and e.account = m.account and e.period = m.period
         order by e.identity, e.revision desc
       ) as latest
       where latest.line = m.line and latest.coverage = 'i'
     ) as included
     order by m.index`,
    [
      months.map(({ bucket }) => bucket),
      months.map(({ account }) => account),
      months.map(({ line }) => line),
      months.map(({ period }) => period),
    ],
  );
  return rows.map(({ calls, price }) => ({ calls, price: Number(price) }));
}
