import type { Queryable, Transaction } from '../database/database.ts';
import { sqlInstant } from '../database/sql-values.ts';

/** The money at stake on a line's month, as it is kept with its case: micros. */
export interface KeptStake {
  readonly bucket: number;
  /** The ledger's number of the line. */
  readonly line: number;
  /** yyyymm. */
  readonly period: number;
  readonly calls: number;
  readonly money: number;
  /** `false`: it is added to what is kept. */
  readonly isWhole: boolean;
}

/** Keeps what is at stake on cases; a month without a case has nowhere to keep it. Heads must be locked. */
export async function saveStakes(tx: Transaction, stakes: readonly KeptStake[]): Promise<void> {
  if (stakes.length === 0) return;
  await tx.query(
    `update case_file c
     set at_stake = case when s.is_whole then 0 else c.at_stake end + s.money,
         at_stake_calls = case when s.is_whole then 0 else c.at_stake_calls end + s.calls
     from unnest($1::smallint[], $2::int[], $3::int[], $4::int[], $5::bigint[], $6::boolean[])
       as s (bucket, line, period, calls, money, is_whole)
     where c.bucket = s.bucket and c.line = s.line and c.period = s.period
       and (not s.is_whole or (c.at_stake, c.at_stake_calls) <> (s.money, s.calls))`,
    [
      stakes.map(({ bucket }) => bucket),
      stakes.map(({ line }) => line),
      stakes.map(({ period }) => period),
      stakes.map(({ calls }) => calls),
      stakes.map(({ money }) => money),
      stakes.map(({ isWhole }) => isWhole),
    ],
  );
}

/** A span in which what waits for a decision would meter a line's included calls, by the ledger's numbers. */
export interface StakeSpan {
  readonly bucket: number;
  readonly account: number;
  readonly line: number;
  readonly period: number;
  /** ms since the epoch, `[from, to)`. */
  readonly from: number;
  readonly to: number;
  readonly classes: readonly string[];
}

/**
 * What is at stake in these spans, by line and period with a blank between. Reads all calls of each account's month.
 */
export async function stakesOf(
  q: Queryable,
  spans: readonly StakeSpan[],
): Promise<ReadonlyMap<string, { readonly calls: number; readonly money: number }>> {
  if (spans.length === 0) return new Map();
  const rows = await q.query<{ line: number; period: number; calls: number; money: bigint }>(
    `with span as (
       select * from unnest($1::smallint[], $2::int[], $3::int[], $4::int[], $5::timestamptz[], $6::timestamptz[],
                            $7::text[]) as s (bucket, account, line, period, starts, ends, classes)
     )
     select m.line, m.period, stake.calls, stake.money
     from (select distinct bucket, account, line, period from span) m
     cross join lateral (
       select count(*)::int as calls, coalesce(sum(metered_price), 0)::bigint as money
       from (
         select distinct on (e.identity) e.line, e.coverage, e.reason, e.started_at, e.metered_price from entry e
         where e.bucket = m.bucket and e.account = m.account and e.period = m.period
         order by e.identity, e.revision desc
       ) latest
       where latest.line = m.line and latest.coverage = 'i' and exists (
         select from span s where s.line = m.line and s.period = m.period and latest.started_at >= s.starts
           and latest.started_at < s.ends and latest.reason = any(string_to_array(s.classes, ',')))
     ) stake`,
    [
      spans.map(({ bucket }) => bucket),
      spans.map(({ account }) => account),
      spans.map(({ line }) => line),
      spans.map(({ period }) => period),
      spans.map(({ from }) => sqlInstant(from)),
      spans.map(({ to }) => sqlInstant(to)),
      spans.map(({ classes }) => classes.join(',')),
    ],
  );
  return new Map(rows.map(({ line, period, calls, money }) => [`${line} ${period}`, { calls, money: Number(money) }]));
}
