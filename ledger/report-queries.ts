import type { Coverage, FindingCondition } from '../rater/index.ts';
import type { CaseState } from './breach-store.ts';
import type { Queryable } from './database.ts';

/** Calls of one coverage. Money in micros of the decks' currency. */
export interface CoverageTotal {
  readonly coverage: Coverage;
  readonly calls: number;
  readonly billedSeconds: number;
  /** What the calls cost: 0 unless metered. */
  readonly charge: number;
  /** What they cost by the minute, whatever their coverage: of the included ones, the money at stake. */
  readonly meteredPrice: number;
}

export interface DestinationTotal extends CoverageTotal {
  readonly destination: string;
}

/**
 * Calls of a period as their latest entries have them, each counted once: an entry that another one corrects is taken
 * off again. One pass over the period, and one look-up for each correction.
 */
const LIVE = `
  select e.account, e.line, e.destination, e.coverage, e.reason, 1 as n, e.billed_seconds, e.metered_price
  from entry e where e.period = $1
  union all
  select e.account, e.line, e.destination, e.coverage, e.reason, -1, e.billed_seconds, e.metered_price
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

/** Micros: the sum of all entries of the period's calls. It is the charge of `periodTotals`, by another way. */
export async function postedCharge(q: Queryable, period: number): Promise<number> {
  const rows = await q.query<{ charge: bigint }>(
    'select coalesce(sum(charge), 0)::bigint as charge from entry where period = $1',
    [period],
  );
  return Number(rows[0]?.charge ?? 0n);
}

/** What a period comes to by destination and coverage, dearest first. */
export async function destinationTotals(q: Queryable, period: number): Promise<DestinationTotal[]> {
  const rows = await q.query<TotalRow & { destination: string }>(
    `select d.name as destination, coverage, ${SUMS}
     from (${LIVE}) as live join destination d on d.no = live.destination where coverage is not null
     group by d.name, coverage having sum(n) > 0 order by sum(n * metered_price) desc, d.name, coverage`,
    [period],
  );
  return rows.map((row) => ({ destination: row.destination, ...toTotal(row) }));
}

/** A verdict against a line in a period. */
export interface StandingBreach {
  readonly condition: FindingCondition;
  /** ms since the epoch: the first call that breaks the condition. */
  readonly breachFrom: number;
  /** The finding with the facts that show it, as the rater gave it. */
  readonly evidence: unknown;
  /** The last confirm or dismiss; `null` while nobody has decided. */
  readonly decision: 'confirm' | 'dismiss' | null;
  /** Calls of the line that are metered because of this condition, and what they cost (micros). */
  readonly meteredCalls: number;
  readonly meteredCharge: number;
}

export interface LineInBreach {
  readonly line: string;
  readonly account: string;
  readonly accountName: string;
  /** `null`: none of its breaches opens a case. */
  readonly caseState: CaseState | null;
  /** Calls of the period still included, and the money at stake: what they cost by the minute (micros). */
  readonly includedCalls: number;
  readonly atStake: number;
  /** Calls that were posted as included and are metered now, and what that charged (micros): what was re-rated. */
  readonly reratedCalls: number;
  readonly reratedCharge: number;
  /** By start of the breach. */
  readonly breaches: readonly StandingBreach[];
}

/** The lines with a standing breach in a period, by money: at stake and already re-rated. */
export async function linesInBreach(q: Queryable, period: number): Promise<LineInBreach[]> {
  const breaches = await q.query<BreachRow>(BREACHES, [period]);
  const lines = await q.query<LineRow>(LINES_IN_BREACH, [period]);
  const breachesOf = new Map<number, StandingBreach[]>();
  for (const row of breaches) {
    const known = breachesOf.get(row.line);
    if (known === undefined) breachesOf.set(row.line, [toBreach(row)]);
    else known.push(toBreach(row));
  }
  return lines.map((row) => toLine(row, breachesOf.get(row.no) ?? []));
}

/** Only the accounts with a breach are read, by the index of calls. */
const CALLS_IN_BREACH = `
  with flagged as (select distinct bucket, line from breach where period = $1 and state = 'standing'),
  account_in_breach as (select distinct f.bucket, l.account from flagged f join line l on l.no = f.line),
  entry_in_breach as (
    select e.* from account_in_breach a join entry e on e.period = $1 and e.bucket = a.bucket and e.account = a.account
    where e.line in (select line from flagged)
  ),
  -- Sorted rather than joined with itself: without statistics, as on PGlite, such a join is planned as loops in loops.
  latest as (
    select distinct on (bucket, account, identity) bucket, account, identity, line, coverage, reason, metered_price,
           first_value(coverage) over (
             partition by bucket, account, identity order by (kind = 'u') desc, revision desc
           ) as rated_coverage
    from entry_in_breach order by bucket, account, identity, revision desc
  )`;

const BREACHES = `${CALLS_IN_BREACH}
  select b.line, b.condition, b.breach_from, b.evidence,
         (select d.kind from decision d
          where d.bucket = b.bucket and d.line = b.line and d.period = b.period and d.condition = b.condition
            and d.kind in ('confirm', 'dismiss')
          order by d.sequence desc limit 1) as decision,
         coalesce(m.calls, 0)::int as metered_calls, coalesce(m.charge, 0)::bigint as metered_charge
  from breach b
  left join (
    select line, reason, count(*) as calls, sum(metered_price) as charge
    from latest where coverage = 'm' group by line, reason
  ) m on m.line = b.line and m.reason = b.condition
  where b.period = $1 and b.state = 'standing'
  order by b.breach_from, b.condition`;

const LINES_IN_BREACH = `${CALLS_IN_BREACH}
  select l.no, l.id as line, a.id as account, a.name as account_name, c.state as case_state,
         coalesce(s.included_calls, 0)::int as included_calls, coalesce(s.at_stake, 0)::bigint as at_stake,
         coalesce(s.rerated_calls, 0)::int as rerated_calls, coalesce(s.rerated_charge, 0)::bigint as rerated_charge
  from flagged f
  join line l on l.no = f.line
  join account a on a.no = l.account
  left join case_file c on c.bucket = f.bucket and c.line = f.line and c.period = $1
  left join (
    select e.line,
           count(*) filter (where e.coverage = 'i') as included_calls,
           sum(e.metered_price) filter (where e.coverage = 'i') as at_stake,
           count(*) filter (where e.coverage = 'm' and e.rated_coverage = 'i') as rerated_calls,
           sum(e.metered_price) filter (where e.coverage = 'm' and e.rated_coverage = 'i') as rerated_charge
    from latest e group by e.line
  ) s on s.line = f.line
  order by coalesce(s.at_stake, 0) + coalesce(s.rerated_charge, 0) desc, l.id`;

interface TotalRow {
  readonly coverage: string;
  readonly calls: number;
  readonly billed_seconds: bigint;
  readonly metered_price: bigint;
}
interface BreachRow {
  readonly line: number;
  readonly condition: FindingCondition;
  readonly breach_from: number;
  readonly evidence: unknown;
  readonly decision: 'confirm' | 'dismiss' | null;
  readonly metered_calls: number;
  readonly metered_charge: bigint;
}
interface LineRow {
  readonly no: number;
  readonly line: string;
  readonly account: string;
  readonly account_name: string;
  readonly case_state: CaseState | null;
  readonly included_calls: number;
  readonly at_stake: bigint;
  readonly rerated_calls: number;
  readonly rerated_charge: bigint;
}

function toTotal(row: TotalRow): CoverageTotal {
  const coverage = row.coverage === 'i' ? 'included' : row.coverage === 'm' ? 'metered' : 'free';
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

function toBreach(row: BreachRow): StandingBreach {
  return {
    condition: row.condition,
    breachFrom: row.breach_from,
    evidence: row.evidence,
    decision: row.decision,
    meteredCalls: row.metered_calls,
    meteredCharge: Number(row.metered_charge),
  };
}

function toLine(row: LineRow, breaches: readonly StandingBreach[]): LineInBreach {
  return {
    line: row.line,
    account: row.account,
    accountName: row.account_name,
    caseState: row.case_state,
    includedCalls: row.included_calls,
    atStake: Number(row.at_stake),
    reratedCalls: row.rerated_calls,
    reratedCharge: Number(row.rerated_charge),
    breaches,
  };
}
