import type { Decision, Finding } from '../../rater/index.ts';
import type { Queryable, Transaction } from '../database/database.ts';
import { sqlInstant } from '../database/sql-values.ts';

/** A verdict on a line's period, as it is kept: found and standing, or withdrawn since. */
export interface BreachRow {
  readonly bucket: number;
  readonly line: number;
  readonly period: number;
  readonly condition: Finding['condition'];
  /** `null`: withdrawn. */
  readonly finding: Finding | null;
}

export type CaseState = 'open' | 'decided' | 'withdrawn';

export interface CaseRow {
  readonly bucket: number;
  readonly line: number;
  readonly period: number;
  readonly state: CaseState;
  /** Sequence of the last confirm or dismiss that the state counts; `null` when nobody has decided. */
  readonly lastVerdict: number | null;
}

/** Keeps verdicts, each in place of the one before, and notes in the case's history which were found or withdrawn. */
export async function saveBreaches(tx: Transaction, rows: readonly BreachRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `with given as (
       select * from json_to_recordset($1::json)
         as r (bucket smallint, line int, period int, condition text, state text, breach_from timestamptz,
               evidence json)
     ), before as (
       select g.bucket, g.line, g.period, g.condition, g.state, g.evidence, b.state as state_before
       from given g left join breach b using (bucket, line, period, condition)
     ), history as (
       insert into case_event (bucket, line, period, condition, event, evidence)
       select bucket, line, period, condition,
              case state when 'standing' then 'breach-found' else 'breach-withdrawn' end, evidence
       from before where state is distinct from coalesce(state_before, 'withdrawn')
     )
     insert into breach (bucket, line, period, condition, state, breach_from, evidence)
     select bucket, line, period, condition, state, coalesce(breach_from, 'epoch'), coalesce(evidence, '{}') from given
     on conflict (bucket, line, period, condition) do update
       set state = excluded.state,
           breach_from = case excluded.state when 'standing' then excluded.breach_from else breach.breach_from end,
           evidence = case excluded.state when 'standing' then excluded.evidence else breach.evidence end`,
    [JSON.stringify(rows.map(toRow))],
  );
}

function toRow({ bucket, line, period, condition, finding }: BreachRow): Readonly<Record<string, unknown>> {
  if (finding === null) return { bucket, line, period, condition, state: 'withdrawn' };
  const breach_from = sqlInstant(finding.breachFrom);
  return { bucket, line, period, condition, state: 'standing', breach_from, evidence: finding };
}

/** All verdicts that stand, of every line and period, in some buckets or in all. */
export async function loadStandingBreaches(
  q: Queryable,
  buckets?: readonly number[],
): Promise<{ line: number; period: number; finding: Finding }[]> {
  const rows = await q.query<{ line: number; period: number; evidence: Finding }>(
    `select line, period, evidence from breach
     where state = 'standing' and ($1::smallint[] is null or bucket = any($1)) order by line, period, condition`,
    [buckets ?? null],
  );
  return rows.map(({ line, period, evidence }) => ({ line, period, finding: evidence }));
}

/**
 * Keeps the state of cases.
 *
 * @returns those whose state changed, or that were decided anew; one that was never opened is not withdrawn either
 */
export async function saveCases(tx: Transaction, rows: readonly CaseRow[]): Promise<CaseRow[]> {
  if (rows.length === 0) return [];
  const changed = await tx.query<{ index: bigint }>(
    `with given as (
       select * from unnest($1::smallint[], $2::int[], $3::int[], $4::text[], $5::bigint[])
         with ordinality as g (bucket, line, period, state, last_verdict, index)
     ), before as (
       select g.*, c.state as state_before, c.last_verdict as verdict_before
       from given g left join case_file c using (bucket, line, period)
     ), saved as (
       insert into case_file (bucket, line, period, state, last_verdict)
       select bucket, line, period, state, last_verdict from given
       on conflict (bucket, line, period) do update set state = excluded.state, last_verdict = excluded.last_verdict
       where (case_file.state, case_file.last_verdict) is distinct from (excluded.state, excluded.last_verdict)
     )
     select index from before
     where state <> coalesce(state_before, 'withdrawn')
        or (state = 'decided' and last_verdict is distinct from verdict_before)
     order by index`,
    [
      rows.map((row) => row.bucket),
      rows.map((row) => row.line),
      rows.map((row) => row.period),
      rows.map((row) => row.state),
      rows.map((row) => row.lastVerdict),
    ],
  );
  return changed.map(({ index }) => rows[Number(index) - 1]!);
}

/** A decision to be kept; its sequence is given by the ledger, in order of decision within the bucket. */
export type NewDecision = Omit<Decision, 'sequence' | 'line'> & {
  readonly decidedBy: string;
  readonly note: string;
  /** When it is taken, ms since the epoch; the database's clock says when it is not given. */
  readonly decidedAt?: number;
};

/** Appends a decision on a line. The bucket's head must be locked. */
export async function addDecision(
  tx: Transaction,
  line: { readonly bucket: number; readonly no: number },
  decision: NewDecision,
): Promise<void> {
  await tx.query(
    `insert into decision (bucket, sequence, line, period, condition, kind, effective_at, breach_from, decided_by, note,
                           decided_at)
     select $1, coalesce(max(sequence), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9,
            coalesce($10::timestamptz, clock_timestamp())
     from decision where bucket = $1`,
    [
      line.bucket,
      line.no,
      decision.period,
      decision.condition,
      decision.kind,
      sqlInstant(decision.effectiveAt),
      decision.breachFrom === null ? null : sqlInstant(decision.breachFrom),
      decision.decidedBy,
      decision.note,
      decision.decidedAt === undefined ? null : sqlInstant(decision.decidedAt),
    ],
  );
}

/** Whether a decision is kept on a line: the same one, taken by the same person at the same millisecond. */
export async function hasDecision(
  q: Queryable,
  { bucket, no }: LineKey,
  { period, condition, kind, decidedBy, decidedAt }: Required<NewDecision>,
): Promise<boolean> {
  const rows = await q.query(
    `select from decision where bucket = $1 and line = $2 and period = $3 and condition = $4 and kind = $5
       and decided_by = $6 and decided_at = $7`,
    [bucket, no, period, condition, kind, decidedBy, sqlInstant(decidedAt)],
  );
  return rows.length > 0;
}

/** All decisions, in order, by the ledger's number of the line: in some buckets or in all. */
export function loadDecisions(
  q: Queryable,
  buckets?: readonly number[],
): Promise<{ lineNo: number; decision: Decision }[]> {
  return selectDecisions(q, buckets ?? null, null);
}

/** The same of these lines alone. */
export function loadDecisionsOn(
  q: Queryable,
  lines: readonly LineKey[],
): Promise<{ lineNo: number; decision: Decision }[]> {
  return selectDecisions(
    q,
    lines.map(({ bucket }) => bucket),
    lines.map(({ no }) => no),
  );
}

/** A line by its bucket and the ledger's number of it. */
export interface LineKey {
  readonly bucket: number;
  readonly no: number;
}

/** What is found on a line in a period, as far as holds go by it. */
export interface FoundBreach {
  readonly condition: Finding['condition'];
  /** ms since the epoch. */
  readonly breachFrom: number;
}

/** The verdicts that stand on these lines, without their evidence, in order of line, period and condition. */
export async function loadBreachesOn(
  q: Queryable,
  lines: readonly LineKey[],
): Promise<{ line: number; period: number; finding: FoundBreach }[]> {
  const rows = await q.query<{
    line: number;
    period: number;
    condition: Finding['condition'];
    breach_from: number;
  }>(
    `select line, period, condition, breach_from from breach
     where state = 'standing' and bucket = any($1::smallint[]) and line = any($2::int[])
     order by line, period, condition`,
    [lines.map(({ bucket }) => bucket), lines.map(({ no }) => no)],
  );
  return rows.map(({ line, period, condition, breach_from: breachFrom }) => ({
    line,
    period,
    finding: { condition, breachFrom },
  }));
}

/** The evidence of a verdict that stands; `null` when none does. */
export async function loadFinding(
  q: Queryable,
  line: LineKey,
  period: number,
  condition: string,
): Promise<Finding | null> {
  const rows = await q.query<{ evidence: Finding }>(
    `select evidence from breach
     where state = 'standing' and bucket = $1 and line = $2 and period = $3 and condition = $4`,
    [line.bucket, line.no, period, condition],
  );
  return rows[0]?.evidence ?? null;
}

/**
 * Lines on which anything is found or decided in a period or before it, in order of their numbers, after `afterNo`:
 * what holds their calls in the period is to be asked of the rater.
 */
export async function linesWithVerdicts(
  q: Queryable,
  period: number,
  afterNo: number,
  limit: number,
): Promise<LineKey[]> {
  return q.query<LineKey>(
    `select bucket, line as no from breach where state = 'standing' and period <= $1 and line > $2
     union
     select bucket, line from decision where period <= $1 and line > $2
     order by no limit $3`,
    [period, afterNo, limit],
  );
}

async function selectDecisions(
  q: Queryable,
  buckets: readonly number[] | null,
  lines: readonly number[] | null,
): Promise<{ lineNo: number; decision: Decision }[]> {
  const rows = await q.query<{
    line_no: number;
    line: string;
    sequence: bigint;
    period: number;
    condition: string;
    kind: Decision['kind'];
    effective_at: number;
    breach_from: number | null;
  }>(
    `select d.line as line_no, l.id as line, d.sequence, d.period, d.condition, d.kind, d.effective_at, d.breach_from
     from decision d join line l on l.no = d.line
     where ($1::smallint[] is null or d.bucket = any($1)) and ($2::int[] is null or d.line = any($2))
     order by d.bucket, d.sequence`,
    [buckets, lines],
  );
  return rows.map((row) => ({
    lineNo: row.line_no,
    decision: {
      sequence: Number(row.sequence),
      line: row.line,
      period: row.period,
      condition: row.condition,
      kind: row.kind,
      effectiveAt: row.effective_at,
      breachFrom: row.breach_from,
    },
  }));
}
