import { CallFlag } from '../../rater/index.ts';
import type { Queryable } from '../database/database.ts';

/** A line's month, by the ledger's number of the line. */
export interface LineMonthKey {
  readonly lineNo: number;
  /** yyyymm. */
  readonly period: number;
}

/** Evidence of what is found today in some months, by start of the breach; without the calls that prove it. */
export async function evidenceOfMonths(
  q: Queryable,
  months: readonly LineMonthKey[],
): Promise<(LineMonthKey & { readonly evidence: unknown })[]> {
  const rows = await q.query<{ line: number; period: number; evidence: unknown }>(
    `select b.line, b.period, b.evidence::jsonb - 'numbers' as evidence
     from ${GIVEN} join breach b on b.bucket = l.bucket and b.line = l.no and b.period = m.period
     where b.state = 'standing' order by b.breach_from, b.condition`,
    keysOf(months),
  );
  return rows.map(({ line, period, evidence }) => ({ lineNo: line, period, evidence }));
}

/** How many different numbers lines called in some months, as conditions count them; none called is left out. */
export async function numbersOfMonths(
  q: Queryable,
  months: readonly LineMonthKey[],
): Promise<(LineMonthKey & { readonly numbers: number })[]> {
  if (months.length === 0) return [];
  const rows = await q.query<{ line: number; period: number; numbers: number }>(
    `select l.no as line, m.period, count(distinct c.called)::int as numbers
     from ${GIVEN} cross join lateral (
       select distinct on (e.identity) e.called, e.coverage, e.offer, e.duration_ms, e.flags from entry e
       where e.period = m.period and e.bucket = l.bucket and e.account = l.account and e.line = l.no
       order by e.identity, e.revision desc
     ) c
     where c.coverage in ('i', 'm') and c.offer is not null and c.duration_ms > 0
       and c.flags & ${CallFlag.forwarded} = 0
     group by l.no, m.period`,
    keysOf(months),
  );
  return rows.map(({ line, period, numbers }) => ({ lineNo: line, period, numbers }));
}

const GIVEN = 'unnest($1::int[], $2::int[]) as m (line, period) join line l on l.no = m.line';

function keysOf(months: readonly LineMonthKey[]): [number[], number[]] {
  return [months.map(({ lineNo }) => lineNo), months.map(({ period }) => period)];
}
