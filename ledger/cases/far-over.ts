import { CallFlag } from '../../rater/index.ts';
import { CONDITION_IDS, isFindingCondition } from '../../rules/index.ts';
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

/** What the calls of a line's month come to. */
interface MonthSums {
  /** How many different numbers were called, as conditions count them. */
  readonly numbers: number;
  /** Calls that are metered because of a case, of this month or of one before, and what they cost (micros). */
  readonly chargedCalls: number;
  readonly charged: number;
}

/** What lines' calls come to in some months, by each call's latest entry; a month without a call is left out. */
export async function sumsOfMonths(
  q: Queryable,
  months: readonly LineMonthKey[],
): Promise<(LineMonthKey & MonthSums)[]> {
  if (months.length === 0) return [];
  const rows = await q.query<{ line: number; period: number; numbers: number; calls: number; money: bigint }>(
    `select l.no as line, m.period, sums.numbers, sums.calls, sums.money
     from ${GIVEN} cross join lateral (
       select count(distinct c.called) filter (
                where c.coverage in ('i', 'm') and c.offer is not null and c.duration_ms > 0
                  and c.flags & ${CallFlag.forwarded} = 0
              )::int as numbers,
              count(*) filter (where c.coverage = 'm' and c.reason = any($3::text[]))::int as calls,
              coalesce(sum(c.metered_price) filter (where c.coverage = 'm' and c.reason = any($3::text[])), 0)::bigint
                as money
       from (
         select distinct on (e.identity) e.called, e.coverage, e.offer, e.duration_ms, e.flags, e.reason,
                e.metered_price
         from entry e
         where e.period = m.period and e.bucket = l.bucket and e.account = l.account and e.line = l.no
         order by e.identity, e.revision desc
       ) c
       having count(*) > 0
     ) sums`,
    [...keysOf(months), OF_CASES],
  );
  return rows.map(({ line, period, numbers, calls, money }) => ({
    lineNo: line,
    period,
    numbers,
    chargedCalls: calls,
    charged: Number(money),
  }));
}

/** Conditions that make a case; those that a call breaks by itself make none. */
const OF_CASES = CONDITION_IDS.filter(isFindingCondition);

const GIVEN = 'unnest($1::int[], $2::int[]) as m (line, period) join line l on l.no = m.line';

function keysOf(months: readonly LineMonthKey[]): [number[], number[]] {
  return [months.map(({ lineNo }) => lineNo), months.map(({ period }) => period)];
}
