import type { Line } from '../../rater/index.ts';
import type { Queryable } from '../database/database.ts';
import type { RatedCalls } from './retroactive-changes.ts';
import { sqlInstant } from '../database/sql-values.ts';

/** A line whose facts change, and what they were; `undefined`: it is new. */
export interface ChangedLine {
  readonly after: Line;
  readonly before: Line | undefined;
}

/**
 * The calls rated so far that changed facts may charge otherwise; `null` when there are none. They are those of the
 * changed lines from the first instant on at which their facts differ, and those of other lines that name one of the
 * parties from the first such instant of all. The heads of the changed lines' buckets, and facts, must be locked.
 *
 * @param parties `factKeys` of the changed lines, before and after
 */
export async function reachOfImport(
  q: Queryable,
  changed: readonly ChangedLine[],
  parties: readonly string[],
): Promise<RatedCalls | null> {
  const froms = changed.map(({ after, before }) => changedFrom(before, after));
  const first = froms.reduce((earliest, from) => Math.min(earliest, from), Infinity);
  if (first === Infinity) return null;
  const rows = await q.query<{ calls: bigint; first: number | null }>(
    `with affected as (
       select l.bucket, l.account, l.no, g.since
       from unnest($1::text[], $2::timestamptz[]) as g (id, since) join line l on l.id = g.id
       union all
       select l.bucket, l.account, l.no, $4::timestamptz
       from (select distinct line from unresolved_party where party = any($3::text[])) as p
       join line l on l.no = p.line
     ), call as (
       select min(e.started_at) as first
       from affected a join entry e
         on e.bucket = a.bucket and e.account = a.account and e.line = a.no and e.started_at >= a.since
       group by e.bucket, e.account, e.identity
     )
     select count(*) as calls, min(first) as first from call`,
    [changed.map(({ after }) => after.id), froms.map(sqlInstant), parties, sqlInstant(first)],
  );
  const { calls = 0n, first: from = null } = rows[0] ?? {};
  return from === null ? null : { calls: Number(calls), from };
}

/** The first instant, ms since the epoch, at which a line's facts are others; `Infinity`: they are the same. */
export function changedFrom(before: Line | undefined, after: Line): number {
  const instants = [before, after]
    .flatMap((line) => (line === undefined ? [] : [...line.spans, ...line.devices, ...line.networks]))
    .flatMap(({ from, to }) => [from, to]);
  const ascending = [...new Set(instants)].toSorted((a, b) => a - b);
  return ascending.find((instant) => factsAt(before, instant) !== factsAt(after, instant)) ?? Infinity;
}

/** What holds of a line at an instant, as text that is equal for equal facts. */
function factsAt(line: Line | undefined, instant: number): string {
  const kinds = line === undefined ? [[], [], []] : [line.spans, line.devices, line.networks];
  return JSON.stringify(
    kinds.map((facts) =>
      facts
        .filter(({ from, to }) => from <= instant && instant < to)
        .map((fact) => JSON.stringify({ ...fact, from: null, to: null }))
        .toSorted(),
    ),
  );
}
