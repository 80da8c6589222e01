import type { Queryable, Transaction } from '../database/database.ts';
import { sqlInstant } from '../database/sql-values.ts';

/** The last stretch in which a line's unlimited is off, as it was told. ms since the epoch; `to` may be `Infinity`. */
export interface LineSuspension {
  readonly from: number;
  readonly to: number;
  readonly holds: readonly ToldHold[];
}

/** What holds a line: the condition and month (yyyymm) of the breach, and until when; `null`: until reinstated. */
export interface ToldHold {
  readonly condition: string;
  readonly period: number;
  readonly to: number | null;
}

interface LineKey {
  readonly bucket: number;
  /** The ledger's number of the line. */
  readonly no: number;
}

/** What was last told of these lines, by the line's number; a line that is not suspended is not among them. */
export async function suspensionsOf(
  q: Queryable,
  lines: readonly LineKey[],
): Promise<ReadonlyMap<number, LineSuspension>> {
  if (lines.length === 0) return new Map();
  const rows = await q.query<{
    line: number;
    suspended_from: number;
    suspended_to: number;
    holds: LineSuspension['holds'];
  }>(
    `select line, suspended_from, suspended_to, holds from line_suspension
     where (bucket, line) in (select * from unnest($1::smallint[], $2::int[]))`,
    [lines.map(({ bucket }) => bucket), lines.map(({ no }) => no)],
  );
  return new Map(
    rows.map(({ line, suspended_from: from, suspended_to: to, holds }) => [line, { from, to, holds }] as const),
  );
}

/** Keeps what is told of lines from now on; `null`: not suspended. */
export async function saveSuspensions(
  tx: Transaction,
  changes: readonly { readonly line: LineKey; readonly suspension: LineSuspension | null }[],
): Promise<void> {
  if (changes.length === 0) return;
  const ended = changes.filter(({ suspension }) => suspension === null).map(({ line }) => line);
  await tx.query(
    'delete from line_suspension where (bucket, line) in (select * from unnest($1::smallint[], $2::int[]))',
    [ended.map(({ bucket }) => bucket), ended.map(({ no }) => no)],
  );
  const rows = changes.flatMap(({ line, suspension }) => (suspension === null ? [] : [{ ...line, ...suspension }]));
  await tx.query(
    `insert into line_suspension (bucket, line, suspended_from, suspended_to, holds)
     select * from unnest($1::smallint[], $2::int[], $3::timestamptz[], $4::timestamptz[], $5::json[])
     on conflict (bucket, line) do update
       set suspended_from = excluded.suspended_from, suspended_to = excluded.suspended_to, holds = excluded.holds`,
    [
      rows.map(({ bucket }) => bucket),
      rows.map(({ no }) => no),
      rows.map(({ from }) => sqlInstant(from)),
      rows.map(({ to }) => sqlInstant(to)),
      rows.map(({ holds }) => JSON.stringify(holds)),
    ],
  );
}
