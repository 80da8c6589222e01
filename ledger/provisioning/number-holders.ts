import type { Line } from '../../rater/index.ts';
import type { Queryable } from '../database/database.ts';

/** A line that has a number in `[from, to)`, ms since the epoch; `to` is `Infinity` while open. */
export interface NumberHolder {
  readonly line: string;
  readonly number: number;
  readonly from: number;
  readonly to: number;
}

/** Two lines that would have one number at one time, and when. */
export interface SharedNumber {
  /** E.164 digits. */
  readonly number: number;
  readonly holder: NumberHolder;
  readonly other: NumberHolder;
  /** When both have it, `[from, to)`. */
  readonly from: number;
  readonly to: number;
}

/** The spans of a line that have a number. */
export function holdersOf({ id, spans }: Line): NumberHolder[] {
  return spans.flatMap(({ number, from, to }) => (number === null ? [] : [{ line: id, number, from, to }]));
}

/**
 * What is against giving numbers to these lines, in the order of their spans: at any instant a number belongs to one
 * line at most (domain page, "Dated facts"). One clash for each span, with another line of them or with one of
 * `others`.
 */
export function sharedNumbers(lines: readonly Line[], others: readonly NumberHolder[]): SharedNumber[] {
  const known = Map.groupBy(others, ({ number }) => number);
  return lines.flatMap(holdersOf).flatMap((holder) => {
    const before = known.get(holder.number) ?? [];
    const clash = firstClash(holder, before);
    // One of two that are both given is told of once: the later of them gives way.
    before.push(holder);
    known.set(holder.number, before);
    return clash;
  });
}

function firstClash(holder: NumberHolder, others: readonly NumberHolder[]): SharedNumber[] {
  for (const other of others) {
    const shared = sharedSpan(holder, other);
    if (shared.length > 0) return shared;
  }
  return [];
}

/** When two lines both have a number; nothing when they never do. */
export function sharedSpan(holder: NumberHolder, other: NumberHolder): SharedNumber[] {
  const from = Math.max(holder.from, other.from);
  const to = Math.min(holder.to, other.to);
  return from < to ? [{ number: holder.number, holder, other, from, to }] : [];
}

/** Who has these numbers in the ledger, but for some lines, of which other facts are about to be stored. */
export async function numberHolders(
  q: Queryable,
  numbers: readonly number[],
  butFor: readonly string[],
): Promise<NumberHolder[]> {
  if (numbers.length === 0) return [];
  const rows = await q.query<HolderRow>(
    `select l.id as line, f.number, f.valid_from, f.valid_to from line_fact f join line l on l.no = f.line
     where f.number = any($1::bigint[]) and l.id <> all($2::text[])
     order by f.number, f.valid_from, l.id`,
    [numbers, butFor],
  );
  return rows.map(toHolder);
}

/** The lines of these ids, whatever numbers they have, with their spans: for ids that can be read as numbers. */
export async function spansOfIds(
  q: Queryable,
  ids: ReadonlyMap<string, number>,
  butFor: readonly string[],
): Promise<NumberHolder[]> {
  if (ids.size === 0) return [];
  const rows = await q.query<{ line: string; valid_from: number; valid_to: number | null }>(
    `select l.id as line, f.valid_from, f.valid_to from line l join line_fact f on f.bucket = l.bucket and f.line = l.no
     where l.id = any($1::text[]) and l.id <> all($2::text[])
     order by l.id, f.valid_from`,
    [[...ids.keys()], butFor],
  );
  return rows.map(({ line, valid_from: from, valid_to: to }) => ({
    line,
    number: ids.get(line) ?? 0,
    from,
    to: to ?? Infinity,
  }));
}

const SHOWN = 100;

/** Numbers that two lines have at one time, kept before the ledger refused that; the first hundred. */
export async function numbersOfTwoLines(q: Queryable): Promise<SharedNumber[]> {
  const rows = await q.query<HolderRow & { other: string; other_from: number; other_to: number | null }>(
    `select l.id as line, f.number, f.valid_from, f.valid_to,
            o.id as other, g.valid_from as other_from, g.valid_to as other_to
     from line_fact f
     join line_fact g on g.number = f.number and g.line > f.line
       and g.valid_from < coalesce(f.valid_to, 'infinity') and f.valid_from < coalesce(g.valid_to, 'infinity')
     join line l on l.no = f.line
     join line o on o.no = g.line
     where f.number is not null
     order by f.number, f.valid_from limit $1`,
    [SHOWN],
  );
  return rows.flatMap((row) => {
    const holder = toHolder(row);
    const to = row.other_to ?? Infinity;
    return firstClash(holder, [{ line: row.other, number: holder.number, from: row.other_from, to }]);
  });
}

interface HolderRow {
  readonly line: string;
  readonly number: bigint;
  readonly valid_from: number;
  readonly valid_to: number | null;
}

function toHolder({ line, number, valid_from: from, valid_to: to }: HolderRow): NumberHolder {
  return { line, number: Number(number), from, to: to ?? Infinity };
}

/**
 * Texts that people write a number as, and switches give to lines as ids: E.164 with and without `+`, `00`, national.
 */
export function notationsOf(number: number): string[] {
  const digits = String(number);
  const national = /^33(\d{9})$/.exec(digits) ?? /^(?:262|508|590|594|596)(\d{9})$/.exec(digits);
  return [`+${digits}`, digits, `00${digits}`, ...(national === null ? [] : [`0${national[1] ?? ''}`])];
}
