import type { LineKey } from './breach-store.ts';
import type { Queryable } from '../database/database.ts';
import { sqlInstant } from '../database/sql-values.ts';

/** What somebody did to a case beside deciding: who has it now, until when nobody looks at it, what was noted. */
export type CaseAct = { readonly note: string } &
  /** `null`: nobody has it any more. */
  (
    | { readonly kind: 'assign'; readonly assignee: string | null }
    | { readonly kind: 'note' }
    /** Ms since the epoch; `null`: it is to be looked at again. */
    | { readonly kind: 'snooze'; readonly until: number | null }
  );

export type KeptCaseAct = CaseAct & {
  readonly by: string;
  /** ms since the epoch. */
  readonly at: number;
};

/** Appends an act on a line's month. */
export async function addCaseAct(
  q: Queryable,
  { bucket, no }: LineKey,
  period: number,
  act: CaseAct & { readonly by: string },
): Promise<void> {
  const until = act.kind === 'snooze' ? act.until : null;
  await q.query(
    `insert into case_act (bucket, line, period, kind, assignee, snoozed_until, note, done_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      bucket,
      no,
      period,
      act.kind,
      act.kind === 'assign' ? act.assignee : null,
      until === null ? null : sqlInstant(until),
      act.note,
      act.by,
    ],
  );
}

/** Everything that was done to a case beside deciding, in order. */
export async function caseActs(q: Queryable, { bucket, no }: LineKey, period: number): Promise<KeptCaseAct[]> {
  const rows = await q.query<{
    kind: KeptCaseAct['kind'];
    assignee: string | null;
    until: number | null;
    note: string;
    by: string;
    at: number;
  }>(
    `select kind, assignee, snoozed_until as until, note, done_by as by, done_at as at from case_act
     where bucket = $1 and line = $2 and period = $3 order by no`,
    [bucket, no, period],
  );
  return rows.map(({ kind, assignee, until, ...said }): KeptCaseAct => {
    switch (kind) {
      case 'assign':
        return { ...said, kind, assignee };
      case 'note':
        return { ...said, kind };
      case 'snooze':
        return { ...said, kind, until };
    }
  });
}

/** Whether a case was ever opened for a line's month. */
export async function hasCase(q: Queryable, { bucket, no }: LineKey, period: number): Promise<boolean> {
  const rows = await q.query('select from case_file where bucket = $1 and line = $2 and period = $3', [
    bucket,
    no,
    period,
  ]);
  return rows.length > 0;
}
