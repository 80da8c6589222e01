import type { EntryKind } from '../rater/index.ts';
import type { CaseState } from './breach-store.ts';
import type { Queryable } from './database.ts';

/** Which cases; what is left out does not matter. */
export interface CaseFilter {
  readonly state?: CaseState | undefined;
  /** yyyymm. */
  readonly period?: number | undefined;
  /** Cases in which the condition is found today. */
  readonly condition?: string | undefined;
  readonly account?: string | undefined;
  readonly line?: string | undefined;
}

/** A case as it is listed, without its money. */
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
}

/** The cases that a filter lets through, in order of period and line. */
export async function findCases(q: Queryable, filter: CaseFilter): Promise<FoundCase[]> {
  const rows = await q.query<FoundCaseRow>(
    `select l.id as line, l.no as line_no, a.id as account, a.name as account_name, c.period, c.state,
            b.conditions, b.since
     from case_file c
     join line l on l.no = c.line
     join account a on a.no = l.account
     cross join lateral (
       select coalesce(string_agg(condition, ',' order by breach_from, condition), '') as conditions,
              min(breach_from) as since
       from breach where bucket = c.bucket and line = c.line and period = c.period and state = 'standing'
     ) b
     where ($1::text is null or c.state = $1) and ($2::int is null or c.period = $2)
       and ($3::text is null or $3 = any(string_to_array(b.conditions, ',')))
       and ($4::text is null or a.id = $4) and ($5::text is null or l.id = $5)
     order by c.period, l.id`,
    [
      filter.state ?? null,
      filter.period ?? null,
      filter.condition ?? null,
      filter.account ?? null,
      filter.line ?? null,
    ],
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
  }));
}

interface FoundCaseRow {
  readonly line: string;
  readonly line_no: number;
  readonly account: string;
  readonly account_name: string;
  readonly period: number;
  readonly state: CaseState;
  readonly conditions: string;
  readonly since: number | null;
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

/** A line by the ledger's numbers. */
interface LineNumbers {
  readonly bucket: number;
  readonly account: number;
  readonly no: number;
}

/** Corrections of a line's month that one transaction posted, of one kind and outcome. Money in micros. */
export interface PostedCorrections {
  /** ms since the epoch; `null`: before postings were kept. */
  readonly postedAt: number | null;
  /** What for, as the posting says. */
  readonly cause: string | null;
  readonly kind: EntryKind;
  readonly before: string | null;
  readonly after: string | null;
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
    kind: KINDS[row.kind] ?? 'usage',
    before: coverageOf(row.coverage_before),
    after: coverageOf(row.coverage),
    reason: row.reason,
    calls: row.calls,
    charge: Number(row.charge),
  }));
}

const KINDS: Readonly<Record<string, EntryKind>> = { u: 'usage', r: 'rerate', v: 'reversal', p: 'reprice' };
const COVERAGES: Readonly<Record<string, string>> = { i: 'included', m: 'metered', f: 'free' };

function coverageOf(letter: string | null): string | null {
  return letter === null ? null : (COVERAGES[letter] ?? null);
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
