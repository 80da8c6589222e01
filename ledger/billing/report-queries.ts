import {
  type Coverage,
  type FindingCondition,
  type VerdictKind,
  CallFlag,
  SETTLING_KINDS,
  bindingVerdict,
  verdictOf,
} from '../../rater/index.ts';
import { CONDITION_IDS } from '../../rules/index.ts';
import type { CaseState } from '../cases/breach-store.ts';
import type { Queryable } from '../database/database.ts';
import { coverageOf } from '../entries/entry-columns.ts';
import { type LineSpanInPeriod, SPANS_OF_CALL, spansByLine } from '../provisioning/spans-by-line.ts';
import { sqlInstant } from '../database/sql-values.ts';
import type { TakenDecision } from '../cases/taken-decision.ts';

/** Calls of one coverage. Money in micros of the decks' currency. */
export interface CoverageTotal {
  readonly coverage: Coverage;
  readonly calls: number;
  readonly billedSeconds: number;
  /** What the calls cost: 0 unless metered. */
  readonly charge: number;
  /** What they cost by the minute, whatever their coverage. */
  readonly meteredPrice: number;
}

export interface DestinationTotal extends CoverageTotal {
  readonly destination: string;
}

/**
 * Calls of a period as their latest entries have them, each counted once: an entry that another one corrects is taken
 * off again, but for its charge, since what entries charge adds up. One pass over the period, and one look-up for each
 * correction.
 */
const LIVE = `
  select e.destination, e.coverage, 1 as n, e.billed_seconds, e.metered_price, e.charge
  from entry e where e.period = $1
  union all
  select e.destination, e.coverage, -1, e.billed_seconds, e.metered_price, 0
  from entry c
  join entry e on e.period = c.period and e.bucket = c.bucket and e.account = c.account and e.identity = c.identity
              and e.revision = c.revision - 1
  where c.period = $1 and c.revision > 0`;

const SUMS = `sum(n)::int as calls, sum(n * billed_seconds::bigint)::bigint as billed_seconds,
  sum(n * metered_price)::bigint as metered_price`;

/** What a period comes to, by coverage; a reversed call is in none. */
export async function periodTotals(q: Queryable, period: number): Promise<CoverageTotal[]> {
  const rows = await q.query<TotalRow>(
    `select coverage, ${SUMS} from (${LIVE}) as live where coverage is not null group by coverage
     having sum(n) > 0 order by coverage`,
    [period],
  );
  return rows.map(toTotal);
}

/** What a period comes to. */
export interface MonthTotals {
  /** By destination and coverage, dearest first; a reversed call is in none. */
  readonly destinations: readonly DestinationTotal[];
  /** Micros: the sum of all entries of the period's calls. It is the charge of the totals, by another way. */
  readonly postedCharge: number;
}

/** What a period comes to, in one pass over its entries: names are looked up for what is left of them. */
export async function monthTotals(q: Queryable, period: number): Promise<MonthTotals> {
  const rows = await q.query<MonthTotalRow>(
    `select d.name as destination, t.*
     from (select destination as no, coverage, ${SUMS}, sum(charge)::bigint as charge
           from (${LIVE}) as live group by destination, coverage) as t
     left join destination d on d.no = t.no order by metered_price desc, d.name, coverage`,
    [period],
  );
  return {
    destinations: rows.flatMap(({ destination, coverage, ...sums }) =>
      coverage === null || sums.calls <= 0 ? [] : [{ destination, ...toTotal({ coverage, ...sums }) }],
    ),
    postedCharge: Number(rows.reduce((sum, { charge }) => sum + charge, 0n)),
  };
}

/** A verdict against a line in a period. */
export interface StandingBreach {
  readonly condition: FindingCondition;
  /** Whether it is found today; one that is found no more is shown only because a person confirmed it. */
  readonly isFound: boolean;
  /** ms since the epoch: the first call that breaks the condition. */
  readonly breachFrom: number;
  /** The finding with the facts that show it, as the rater gave it last. */
  readonly evidence: unknown;
  /** The last confirm or dismiss; `null` while nobody has decided. */
  readonly decision: VerdictKind | null;
  /** Every decision on it, in order. */
  readonly decisions: readonly TakenDecision[];
  /**
   * Calls of the line that are metered because of it, and what they cost (micros); not those that an earlier month
   * holds.
   */
  readonly meteredCalls: number;
  readonly meteredCharge: number;
}

/** Calls of the period that a breach of an earlier month still meters. */
export interface HeldByEarlierMonth {
  readonly condition: string;
  /** The month of the breach, yyyymm. */
  readonly period: number;
  readonly meteredCalls: number;
  /** Micros. */
  readonly meteredCharge: number;
}

export interface LineInBreach {
  readonly line: string;
  /** The ledger's number of the line. */
  readonly lineNo: number;
  readonly account: string;
  readonly accountName: string;
  /** `null`: none of its breaches opens a case. */
  readonly caseState: CaseState | null;
  /** Calls of the period still included, and what they cost by the minute (micros). */
  readonly includedCalls: number;
  readonly includedPrice: number;
  /** Those of them that confirming what waits for a decision would charge (micros). */
  readonly atStakeCalls: number;
  readonly atStake: number;
  /** Calls that were posted as included and are metered now, and what that charged (micros): what was re-rated. */
  readonly reratedCalls: number;
  readonly reratedCharge: number;
  /** How many different numbers the line called, counted as `distinct-numbers` counts. */
  readonly distinctNumbers: number;
  /** By start of the breach. */
  readonly breaches: readonly StandingBreach[];
  readonly heldByEarlierMonths: readonly HeldByEarlierMonth[];
}

/** What the rater says of the period's lines: the ledger keeps decisions and verdicts, not what follows of them. */
export interface BreachSearch {
  /** Spans in which breaches of earlier months meter calls. */
  readonly held?: readonly LineSpanInPeriod[];
  /** Spans that breaches which wait for a decision would hold if they were confirmed. */
  readonly undecided?: readonly LineSpanInPeriod[];
  /** This line alone (the ledger's number), and what was ever decided on it. */
  readonly line?: number;
}

/** The lines with a breach in a period, or held by an earlier one, by money: at stake and already re-rated. */
export async function linesInBreach(q: Queryable, period: number, search: BreachSearch = {}): Promise<LineInBreach[]> {
  const { held = [], undecided = [], line = null } = search;
  const spans = [period, line, ...heldColumns(held)];
  const breaches = await q.query<BreachRow>(BREACHES, [period, line]);
  const decisions = await q.query<DecisionRow>(DECISIONS, [period, line]);
  const metered = await q.query<MeteredRow>(METERED, [...spans, spansByLine(held)]);
  const lines = await q.query<LineRow>(LINES_IN_BREACH, [...spans, spansByLine(undecided)]);
  const decisionsOf = Map.groupBy(decisions, (row) => row.line);
  const meteredOf = Map.groupBy(metered, (row) => row.line);
  const breachesOf = Map.groupBy(breaches, (row) => row.line);
  return lines.map((row) => {
    const sums = meteredOf.get(row.no) ?? [];
    const taken = (decisionsOf.get(row.no) ?? []).map(toDecision);
    const own = sums.filter(({ held_by }) => held_by === period);
    return {
      ...toLine(row),
      breaches: (breachesOf.get(row.no) ?? []).map((breach) => toBreach(breach, own, taken)),
      heldByEarlierMonths: sums.filter(({ held_by }) => held_by !== period).map(toHeld),
    };
  });
}

function heldColumns(held: readonly LineSpanInPeriod[]) {
  return [
    held.map(({ bucket }) => bucket),
    held.map(({ line }) => line),
    held.map(({ condition }) => condition),
    held.map(({ period }) => period),
    held.map(({ from }) => sqlInstant(from)),
    held.map(({ to }) => sqlInstant(to)),
  ];
}

/** Conditions that stand confirmed: they hold even when the breach is found no more. */
const CONFIRMED = `
  confirmed as (
    select bucket, line, condition from (
      select distinct on (bucket, line, condition) bucket, line, condition, kind
      from decision where period = $1 and kind in (${SETTLING_KINDS.map((kind) => `'${kind}'`).join()})
      order by bucket, line, condition, sequence desc
    ) as verdict where kind = 'confirm'
  ),
  shown as (
    select b.* from breach b
    where b.period = $1
      and ($2::int is null or b.line = $2 and b.bucket = (select bucket from line where no = $2))
      and (b.state = 'standing' or (b.bucket, b.line, b.condition) in (select bucket, line, condition from confirmed)
           or ($2::int is not null and (b.bucket, b.line, b.condition) in (
                 select bucket, line, condition from decision where period = $1)))
  )`;

const BREACHES = `
  with ${CONFIRMED}
  select line, condition, state = 'standing' as is_found, breach_from, evidence
  from shown order by breach_from, condition`;

const DECISIONS = `
  select line, condition, kind, effective_at, decided_by, note, decided_at from decision
  where period = $1 and ($2::int is null or line = $2) order by bucket, sequence`;

/** Only the accounts with a breach are read, by the index of calls. */
const CALLS_IN_BREACH = `
  with ${CONFIRMED},
  held as (
    select * from unnest($3::smallint[], $4::int[], $5::text[], $6::int[], $7::timestamptz[], $8::timestamptz[])
      as h (bucket, line, condition, period, starts, ends)
    where $2::int is null or line = $2
  ),
  -- Of one line that is asked for its case counts, too, though nothing may be found there any more.
  flagged as (
    select bucket, line from shown union select bucket, line from held
    union select c.bucket, c.line from line l join case_file c on c.bucket = l.bucket and c.line = l.no
          where l.no = $2::int and c.period = $1
  ),
  account_in_breach as (select distinct f.bucket, l.account from flagged f join line l on l.no = f.line),
  entry_in_breach as (
    select e.* from account_in_breach a join entry e on e.period = $1 and e.bucket = a.bucket and e.account = a.account
    where e.line in (select line from flagged)
  ),
  -- Sorted rather than joined with itself: on PGlite, without statistics, a join is planned as loops in loops.
  latest as (
    select distinct on (bucket, account, identity) bucket, account, identity, line, coverage, reason, metered_price,
           started_at, duration_ms, called, flags, offer,
           first_value(coverage) over (
             partition by bucket, account, identity order by (kind = 'u') desc, revision desc
           ) as rated_coverage
    from entry_in_breach order by bucket, account, identity, revision desc
  )`;

/** Where this month's breach and an earlier one both hold a call, the earlier is named: it must be lifted first. */
const METERED = `${CALLS_IN_BREACH}
  select line, reason, held_by, count(*)::int as calls, sum(metered_price)::bigint as charge
  from (
    select e.line, e.reason, e.metered_price,
           coalesce((select min(s.period) ${SPANS_OF_CALL} and s.condition = e.reason), $1) as held_by
    from latest e where e.coverage = 'm'
  ) as call
  where held_by <> $1 or (line, reason) in (select line, condition from shown)
  group by line, reason, held_by order by held_by, reason`;

const LINES_IN_BREACH = `${CALLS_IN_BREACH},
  -- The reason of an included call is the class of its destination.
  call as (
    select e.*, e.coverage = 'i' and exists (
             select ${SPANS_OF_CALL} and e.reason = any(string_to_array(s.classes, ','))) as is_staked,
           e.coverage = 'm' and e.rated_coverage = 'i'
             and e.reason in (${CONDITION_IDS.map((id) => `'${id}'`).join()}) as rerated
    from latest e
  )
  select l.no, l.id as line, a.id as account, a.name as account_name, c.state as case_state,
         coalesce(s.included_calls, 0)::int as included_calls, coalesce(s.included_price, 0)::bigint as included_price,
         coalesce(s.at_stake_calls, 0)::int as at_stake_calls, coalesce(s.at_stake, 0)::bigint as at_stake,
         coalesce(s.rerated_calls, 0)::int as rerated_calls, coalesce(s.rerated_charge, 0)::bigint as rerated_charge,
         coalesce(s.distinct_numbers, 0)::int as distinct_numbers
  from flagged f
  join line l on l.no = f.line join account a on a.no = l.account
  left join case_file c on c.bucket = f.bucket and c.line = f.line and c.period = $1
  left join (
    select e.line,
           count(*) filter (where e.coverage = 'i') as included_calls,
           sum(e.metered_price) filter (where e.coverage = 'i') as included_price,
         count(*) filter (where is_staked) as at_stake_calls, sum(metered_price) filter (where is_staked) as at_stake,
         count(*) filter (where rerated) as rerated_calls, sum(metered_price) filter (where rerated) as rerated_charge,
           count(distinct e.called) filter (
             where e.coverage in ('i', 'm') and e.offer is not null and e.duration_ms > 0
               and e.flags & ${CallFlag.forwarded} = 0) as distinct_numbers
    from call e group by e.line
  ) s on s.line = f.line
  order by coalesce(s.at_stake, 0) + coalesce(s.rerated_charge, 0) desc, l.id`;

interface TotalRow {
  readonly coverage: string;
  readonly calls: number;
  readonly billed_seconds: bigint;
  readonly metered_price: bigint;
}
interface MonthTotalRow extends Omit<TotalRow, 'coverage'> {
  readonly destination: string;
  /** `null`: entries that take back all of a call. */
  readonly coverage: string | null;
  readonly charge: bigint;
}
interface BreachRow {
  readonly line: number;
  readonly condition: FindingCondition;
  readonly is_found: boolean;
  readonly breach_from: number;
  readonly evidence: unknown;
}
interface DecisionRow {
  readonly line: number;
  readonly condition: string;
  readonly kind: TakenDecision['kind'];
  readonly effective_at: number;
  readonly decided_by: string;
  readonly note: string;
  readonly decided_at: number | null;
}
interface MeteredRow {
  readonly line: number;
  readonly reason: string;
  readonly held_by: number;
  readonly calls: number;
  readonly charge: bigint;
}
interface LineRow {
  readonly no: number;
  readonly line: string;
  readonly account: string;
  readonly account_name: string;
  readonly case_state: CaseState | null;
  readonly included_calls: number;
  readonly included_price: bigint;
  readonly at_stake_calls: number;
  readonly at_stake: bigint;
  readonly rerated_calls: number;
  readonly rerated_charge: bigint;
  readonly distinct_numbers: number;
}

function toTotal(row: TotalRow): CoverageTotal {
  const coverage = coverageOf(row.coverage);
  const meteredPrice = Number(row.metered_price);
  return {
    coverage,
    calls: row.calls,
    billedSeconds: Number(row.billed_seconds),
    // A call's entries add up to its metered price when it is metered, else to nothing.
    charge: coverage === 'metered' ? meteredPrice : 0,
    meteredPrice,
  };
}

function toDecision(row: DecisionRow): TakenDecision {
  const { condition, kind, note } = row;
  return { condition, kind, effectiveAt: row.effective_at, decidedBy: row.decided_by, note, decidedAt: row.decided_at };
}

function toBreach(row: BreachRow, metered: readonly MeteredRow[], taken: readonly TakenDecision[]): StandingBreach {
  const decisions = taken.filter(({ condition }) => condition === row.condition);
  const verdict = bindingVerdict(decisions);
  const sums = metered.find(({ reason }) => reason === row.condition);
  return {
    condition: row.condition,
    isFound: row.is_found,
    breachFrom: row.breach_from,
    evidence: row.evidence,
    decision: verdict === null ? null : verdictOf(verdict.kind),
    decisions,
    meteredCalls: sums?.calls ?? 0,
    meteredCharge: Number(sums?.charge ?? 0n),
  };
}

function toHeld(row: MeteredRow): HeldByEarlierMonth {
  return {
    condition: row.reason,
    period: row.held_by,
    meteredCalls: row.calls,
    meteredCharge: Number(row.charge),
  };
}

function toLine(row: LineRow): Omit<LineInBreach, 'breaches' | 'heldByEarlierMonths'> {
  return {
    line: row.line,
    lineNo: row.no,
    account: row.account,
    accountName: row.account_name,
    caseState: row.case_state,
    includedCalls: row.included_calls,
    includedPrice: Number(row.included_price),
    atStakeCalls: row.at_stake_calls,
    atStake: Number(row.at_stake),
    reratedCalls: row.rerated_calls,
    reratedCharge: Number(row.rerated_charge),
    distinctNumbers: row.distinct_numbers,
  };
}
