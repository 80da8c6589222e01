import {
  type FindingCondition,
  type VerdictKind,
  SETTLING_KINDS,
  bindingVerdict,
  verdictOf,
} from '../../rater/index.ts';
import type { CaseState } from '../cases/breach-store.ts';
import type { Database } from '../database/database.ts';
import type { TakenDecision } from '../cases/taken-decision.ts';
import { type LineSpanInPeriod, type LineSums, type MeteredSum, newSums, sumCallsOfLines } from './calls-in-breach.ts';

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
export async function linesInBreach(
  db: Pick<Database, 'query' | 'copyOut'>,
  period: number,
  search: BreachSearch = {},
): Promise<LineInBreach[]> {
  const { held = [], undecided = [], line = null } = search;
  const breaches = await db.query<BreachRow>(BREACHES, [period, line]);
  const decisions = await db.query<DecisionRow>(DECISIONS, [period, line]);
  const lines = await db.query<LineRow>(LINES_IN_BREACH, [period, line, [...new Set(held.map((span) => span.line))]]);
  const toSum = lines.map(({ bucket, account_no: account, no }) => ({ bucket, account, line: no }));
  const sumsOf = await sumCallsOfLines(db, period, toSum, { held, undecided });
  const decisionsOf = Map.groupBy(decisions, (row) => row.line);
  const breachesOf = Map.groupBy(breaches, (row) => row.line);
  return lines
    .map((row) => {
      const { metered, ...sums } = sumsOf.get(row.no) ?? newSums();
      const taken = (decisionsOf.get(row.no) ?? []).map(toDecision);
      const own = metered.filter(({ heldBy }) => heldBy === period);
      const earlier = metered.filter(({ heldBy }) => heldBy !== period).toSorted(byHolder);
      return {
        ...toLine(row, sums),
        breaches: (breachesOf.get(row.no) ?? []).map((breach) => toBreach(breach, own, taken)),
        heldByEarlierMonths: earlier.map(toHeld),
      };
    })
    .toSorted((a, b) => b.atStake + b.reratedCharge - (a.atStake + a.reratedCharge));
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

/** By their ids; of one line that is asked for its case counts, too, though nothing may be found there any more. */
const LINES_IN_BREACH = `
  with ${CONFIRMED},
  flagged as (
    select line from shown union select line from unnest($3::int[]) as held (line) where $2::int is null or line = $2
    union select c.line from line l join case_file c on c.bucket = l.bucket and c.line = l.no
          where l.no = $2::int and c.period = $1
  )
  select l.no, l.bucket, l.id as line, a.no as account_no, a.id as account, a.name as account_name,
         c.state as case_state
  from flagged f
  join line l on l.no = f.line join account a on a.no = l.account
  left join case_file c on c.bucket = l.bucket and c.line = l.no and c.period = $1
  order by l.id`;

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
interface LineRow {
  readonly no: number;
  readonly bucket: number;
  readonly line: string;
  readonly account_no: number;
  readonly account: string;
  readonly account_name: string;
  readonly case_state: CaseState | null;
}

function toDecision(row: DecisionRow): TakenDecision {
  const { condition, kind, note } = row;
  return { condition, kind, effectiveAt: row.effective_at, decidedBy: row.decided_by, note, decidedAt: row.decided_at };
}

function toBreach(row: BreachRow, metered: readonly MeteredSum[], taken: readonly TakenDecision[]): StandingBreach {
  const decisions = taken.filter(({ condition }) => condition === row.condition);
  const verdict = bindingVerdict(decisions);
  const sum = metered.find(({ reason }) => reason === row.condition);
  return {
    condition: row.condition,
    isFound: row.is_found,
    breachFrom: row.breach_from,
    evidence: row.evidence,
    decision: verdict === null ? null : verdictOf(verdict.kind),
    decisions,
    meteredCalls: sum?.calls ?? 0,
    meteredCharge: sum?.charge ?? 0,
  };
}

function byHolder(a: MeteredSum, b: MeteredSum): number {
  return a.heldBy - b.heldBy || (a.reason < b.reason ? -1 : 1);
}

function toHeld({ reason, heldBy, calls, charge }: MeteredSum): HeldByEarlierMonth {
  return { condition: reason, period: heldBy, meteredCalls: calls, meteredCharge: charge };
}

function toLine(
  row: LineRow,
  { numbers, ...sums }: Omit<LineSums, 'metered'>,
): Omit<LineInBreach, 'breaches' | 'heldByEarlierMonths'> {
  return {
    line: row.line,
    lineNo: row.no,
    account: row.account,
    accountName: row.account_name,
    caseState: row.case_state,
    ...sums,
    distinctNumbers: numbers.size,
  };
}
