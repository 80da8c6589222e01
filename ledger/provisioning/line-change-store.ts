import type { Line } from '../../rater/index.ts';
import type { Queryable, Transaction } from '../database/database.ts';

/** A change of a line's facts: who made it, and what they were and are. */
export interface LineChange {
  /** ms since the epoch. */
  readonly at: number;
  readonly by: string;
  readonly note: string;
  /** `null`: the line was new. */
  readonly before: Line | null;
  readonly after: Line;
}

/** Keeps changes of lines, in the transaction that makes them. */
export async function addLineChanges(
  tx: Transaction,
  changes: readonly { readonly before: Line | undefined; readonly after: Line }[],
  { by, note }: { readonly by: string; readonly note: string },
): Promise<void> {
  if (changes.length === 0) return;
  await tx.query(
    `insert into line_change (line, changed_by, note, before, after)
     select g.line, $2, $3, g.before, g.after from unnest($1::text[], $4::text[], $5::text[]) as g (line, before, after)`,
    [
      changes.map(({ after }) => after.id),
      by,
      note,
      changes.map(({ before }) => (before === undefined ? null : lineText(before))),
      changes.map(({ after }) => lineText(after)),
    ],
  );
}

/** The changes of a line, newest first, before one of them if such is named by its number. */
export async function lineChanges(
  q: Queryable,
  line: string,
  limit: number,
  beforeNo: number | null,
): Promise<(LineChange & { readonly no: number })[]> {
  const rows = await q.query<{
    no: bigint;
    changed_at: number;
    changed_by: string;
    note: string;
    before: string | null;
    after: string;
  }>(
    `select no, changed_at, changed_by, note, before, after from line_change
     where line = $1 and ($3::bigint is null or no < $3) order by no desc limit $2`,
    [line, limit, beforeNo],
  );
  return rows.map(({ no, changed_at: at, changed_by: by, note, before, after }) => ({
    no: Number(no),
    at,
    by,
    note,
    before: before === null ? null : lineOfText(before),
    after: lineOfText(after),
  }));
}

/** JSON has no infinity: an open end is null. */
function lineText({ id, account, spans, devices, networks }: Line): string {
  return JSON.stringify({ id, account, spans, devices, networks });
}

function lineOfText(text: string): Line {
  return JSON.parse(text, (key, value: unknown) => (key === 'to' && value === null ? Infinity : value)) as Line;
}
