import type { Coverage, EntryKind } from '../../rater/index.ts';
import { ALL_ASSIGNED, ALL_SNOOZED, ASSIGNED, type CaseClause, clauseSql, SNOOZED } from './case-clauses.ts';
import type { CaseState } from './breach-store.ts';
import type { Queryable } from '../database/database.ts';
import { coverageOf, kindOf } from '../entries/entry-columns.ts';
import type { Parameter } from '../database/sql-values.ts';

/** Which cases; what is left out does not matter. */
export interface CaseFilter {
  readonly state?: CaseState | undefined;
  /** yyyymm. */
  readonly period?: number | undefined;
  /** Cases in which the condition is found today. */
  readonly condition?: string | undefined;
  /** The account and the line by the ledger's numbers. */
  readonly account?: { readonly bucket: number; readonly no: number } | undefined;
  readonly line?: { readonly bucket: number; readonly no: number } | undefined;
  /** Micros: at least so much at stake. */
  readonly minMoney?: number | undefined;
  /** Of these alone. */
  readonly among?: readonly CaseNumbers[] | undefined;
  /** Each must hold. */
  readonly clauses?: readonly CaseClause[] | undefined;
}

/** Which case, by the ledger's numbers. */
export interface CaseNumbers {
  readonly bucket: number;
  readonly lineNo: number;
  /** yyyymm. */
  readonly period: number;
}

/** A case as it is listed. */
export interface FoundCase {
  readonly line: string;
  /** The ledger's number of the line. */
  readonly lineNo: number;
  readonly account: string;
  readonly accountName: string;
  /** yyyymm. */
  readonly period: number;
  readonly state: CaseState;
  /** What is found today, by start of the breach. */
  readonly conditions: readonly string[];
  /** Start of the first breach that is found today, ms since the epoch; `null`: nothing is. */
  readonly since: number | null;
  /** Included calls of the month that confirming what waits for a decision would charge, and what that is (micros). */
  readonly atStakeCalls: number;
  readonly atStake: number;
  /** Who has it; `null`: nobody. */
  readonly assignee: string | null;
  /** Until when nobody needs to look at it, ms since the epoch, as was said last; `null`: that was never said. */
  readonly snoozedUntil: number | null;
}

/** A place in the order of cases: by money at stake, most first, then the later month, then the line's number. */
export type CasePlace = Pick<FoundCase, 'atStake' | 'period' | 'lineNo'>;

/**
 * The first cases that a filter lets through, after a place in their order. Those of one state are read by index, as
 * many as the page takes and as the filter passes over.
 */
export async function findCases(
  q: Queryable,
  filter: CaseFilter,
  after: CasePlace | null,
  limit: number,
): Promise<FoundCase[]> {
  const params: Parameter[] = [];
  const given = (value: Parameter): string => `$${params.push(value)}`;
  const wanted = [...wantedOf(filter, given), ...(after === null ? [] : [afterPlace(after, given)])];
  const rows = await q.query<FoundCaseRow>(
    `select l.id as line, l.no as line_no, a.id as account, a.name as account_name, c.period, c.state,
            c.at_stake_calls, c.at_stake, b.conditions, b.since, assigned.assignee, snoozed.snoozed_until
     from case_file c ${WHOSE} ${BREACHES} ${ASSIGNED} ${SNOOZED} ${whereOf(wanted)}
     order by c.at_stake desc, c.period desc, c.line limit ${given(limit)}`,
    params,
  );
  return rows.map((row) => ({
    line: row.line,
    lineNo: row.line_no,
    account: row.account,
    accountName: row.account_name,
    period: row.period,
    state: row.state,
    conditions: row.conditions === '' ? [] : row.conditions.split(','),
    since: row.since,
    atStakeCalls: row.at_stake_calls,
    atStake: Number(row.at_stake),
    assignee: row.assignee,
    snoozedUntil: row.snoozed_until,
  }));
}

/**
 * Which cases a filter lets through, in their order: all that there are at one instant. Read page by page, one whose
 * money rises meanwhile would be passed over, and one whose money falls would come twice.
 */
export function caseNumbers(q: Queryable, filter: CaseFilter): Promise<CaseNumbers[]> {
  const params: Parameter[] = [];
  const wanted = wantedOf(filter, (value) => `$${params.push(value)}`);
  return q.query<CaseNumbers>(
    `select c.bucket, c.line as "lineNo", c.period
     from case_file c ${joinsFor(filter)} ${whereOf(wanted)}
     order by c.at_stake desc, c.period desc, c.line`,
    params,
  );
}

/** How many cases a filter lets through, and what is at stake on them together. */
export interface CaseSum {
  readonly cases: number;
  readonly atStakeCalls: number;
  /** Micros. */
  readonly atStake: number;
}

export async function sumCases(q: Queryable, filter: CaseFilter): Promise<CaseSum> {
  const params: Parameter[] = [];
  const wanted = wantedOf(filter, (value) => `$${params.push(value)}`);
  const [row] = await q.query<CaseSum>(
    `select count(*)::int as cases, coalesce(sum(c.at_stake_calls), 0)::float8 as "atStakeCalls",
            coalesce(sum(c.at_stake), 0)::float8 as "atStake"
     from case_file c ${joinsFor(filter)} ${whereOf(wanted)}`,
    params,
  );
  return row!;
}

const WHOSE = `join line l on l.no = c.line
     join account a on a.no = l.account`;

const BREACHES = `cross join lateral (
       select coalesce(string_agg(condition, ',' order by breach_from, condition), '') as conditions,
              min(breach_from) as since
       from breach where bucket = c.bucket and line = c.line and period = c.period and state = 'standing'
     ) b`;

/** What a sum reads of each case: no more than the clauses ask for. */
function joinsFor({ account, clauses = [] }: CaseFilter): string {
  const isOn = (...words: readonly CaseClause['on'][]): boolean => clauses.some(({ on }) => words.includes(on));
  return [
    ...(account !== undefined || isOn('account', 'line', 'text') ? [WHOSE] : []),
    ...(isOn('since') ? [BREACHES] : []),
    ...(isOn('assignee') ? [ALL_ASSIGNED] : []),
    ...(isOn('snoozed', 'awake') ? [ALL_SNOOZED] : []),
  ].join('\n');
}

function whereOf(wanted: readonly string[]): string {
  return wanted.length === 0 ? '' : `where ${wanted.join(' and ')}`;
}

function wantedOf(filter: CaseFilter, given: (value: Parameter) => string): string[] {
  const { state, period, condition, account, line, minMoney, among, clauses = [] } = filter;
  return [
    ...(among === undefined ? [] : [isAmong(among, given)]),
    ...(state === undefined ? [] : [`c.state = ${given(state)}`]),
    ...(period === undefined ? [] : [`c.period = ${given(period)}`]),
    ...(minMoney === undefined ? [] : [`c.at_stake >= ${given(minMoney)}`]),
    ...(account === undefined ? [] : [`c.bucket = ${given(account.bucket)} and l.account = ${given(account.no)}`]),
    ...(line === undefined ? [] : [`c.bucket = ${given(line.bucket)} and c.line = ${given(line.no)}`]),
    ...(condition === undefined
      ? []
      : [
          `exists (select from breach w where w.bucket = c.bucket and w.line = c.line and w.period = c.period
                     and w.state = 'standing' and w.condition = ${given(condition)})`,
        ]),
    ...clauses.map((clause) => clauseSql(clause, given)),
  ];
}

function isAmong(cases: readonly CaseNumbers[], given: (value: Parameter) => string): string {
  const [buckets, lines, periods] = [
    given(cases.map(({ bucket }) => bucket)),
    given(cases.map(({ lineNo }) => lineNo)),
    given(cases.map(({ period }) => period)),
  ];
  return `(c.bucket, c.line, c.period) in
            (select * from unnest(${buckets}::smallint[], ${lines}::int[], ${periods}::int[]))`;
}

/** Written so that the index is entered at the place: its first column is bounded, ties are compared after. */
function afterPlace({ atStake, period, lineNo }: CasePlace, given: (value: Parameter) => string): string {
  const [money, month, line] = [given(atStake), given(period), given(lineNo)];
  return `c.at_stake <= ${money} and (c.at_stake < ${money} or c.period < ${month}
            or c.period = ${month} and c.line > ${line})`;
}

interface FoundCaseRow {
  readonly line: string;
  readonly line_no: number;
  readonly account: string;
  readonly account_name: string;
  readonly period: number;
  readonly state: CaseState;
  readonly at_stake_calls: number;
  readonly at_stake: bigint;
  readonly conditions: string;
  readonly since: number | null;
  readonly assignee: string | null;
  readonly snoozed_until: number | null;
}

/** A line by the ledger's numbers. */
interface LineNumbers {
  readonly bucket: number;
  readonly account: number;
  readonly no: number;
}

/** What happened to the verdicts on a line's month, in order: `breach-found`, `breach-withdrawn`. */
export async function caseHistory(
  q: Queryable,
  { bucket, no }: Pick<LineNumbers, 'bucket' | 'no'>,
  period: number,
): Promise<{ readonly condition: string; readonly event: string }[]> {
  return q.query(
    'select condition, event from case_event where bucket = $1 and line = $2 and period = $3 order by no',
    [bucket, no, period],
  );
}

/** Corrections of a line's month that one transaction posted, of one kind and outcome. Money in micros. */
export interface PostedCorrections {
  /** ms since the epoch; `null`: before postings were kept. */
  readonly postedAt: number | null;
  /** What for, as the posting says. */
  readonly cause: string | null;
  readonly kind: EntryKind;
  readonly before: Coverage | null;
  readonly after: Coverage | null;
  readonly reason: string;
  readonly calls: number;
  readonly charge: number;
}

/** What was ever corrected of a line's month, in the order in which it was posted. */
export async function correctionsOf(
  q: Queryable,
  { bucket, account, no }: LineNumbers,
  period: number,
): Promise<PostedCorrections[]> {
  const rows = await q.query<CorrectionsRow>(
    `select p.up_to, p.posted_at, p.cause, e.kind, e.coverage_before, e.coverage, e.reason, count(*)::int as calls,
            sum(e.charge)::bigint as charge
     from entry e
     left join lateral (
       select up_to, posted_at, cause from posting
       where bucket = e.bucket and up_to >= e.position and after < e.position order by up_to limit 1
     ) p on true
     where e.bucket = $1 and e.account = $2 and e.line = $3 and e.period = $4 and e.revision > 0
     group by p.up_to, p.posted_at, p.cause, e.kind, e.coverage_before, e.coverage, e.reason
     order by p.up_to nulls first, e.kind, e.coverage_before, e.coverage, e.reason`,
    [bucket, account, no, period],
  );
  return rows.map((row) => ({
    postedAt: row.posted_at,
    cause: row.cause,
    kind: kindOf(row.kind),
    before: coverageOf(row.coverage_before),
    after: coverageOf(row.coverage),
    reason: row.reason,
    calls: row.calls,
    charge: Number(row.charge),
  }));
}

interface CorrectionsRow {
  readonly posted_at: number | null;
  readonly cause: string | null;
  readonly kind: string;
  readonly coverage_before: string | null;
  readonly coverage: string | null;
  readonly reason: string;
  readonly calls: number;
  readonly charge: bigint;
}

/** Another line that called a number, in the same month. */
export interface OtherCaller {
  readonly called: number;
  readonly line: string;
  readonly account: string;
  readonly calls: number;
}

/**
 * Which other lines called these numbers in a period, most calls first. Of the line's own account it is read by index;
 * of all accounts (`everywhere`) the whole month is read.
 */
export async function otherCallers(
  q: Queryable,
  { bucket, account, no }: LineNumbers,
  period: number,
  numbers: readonly number[],
  everywhere: boolean,
): Promise<OtherCaller[]> {
  if (numbers.length === 0) return [];
  const rows = await q.query<{ called: bigint; line: string; account: string; calls: number }>(
    `select c.called, l.id as line, a.id as account, c.calls
     from (
       select e.called, e.line, count(*)::int as calls
       from entry e
       where e.period = $1 and e.kind = 'u' and e.line <> $2 and e.called = any($3::bigint[])
         ${everywhere ? '' : 'and e.bucket = $4 and e.account = $5'}
         and not exists (select from entry n where n.period = e.period and n.bucket = e.bucket
                           and n.account = e.account and n.identity = e.identity and n.revision > e.revision
                           and n.kind in ('u', 'v'))
       group by e.called, e.line
     ) c
     join line l on l.no = c.line
     join account a on a.no = l.account
     order by c.called, c.calls desc, l.id`,
    [period, no, numbers, ...(everywhere ? [] : [bucket, account])],
  );
  return rows.map(({ called, ...caller }) => ({ called: Number(called), ...caller }));
}
