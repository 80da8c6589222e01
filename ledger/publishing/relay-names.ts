import type { Queryable } from '../database/database.ts';
import type { Parameter } from '../database/sql-values.ts';

/** What the ledger's numbers of one kind stand for. */
export type Names<T> = ReadonlyMap<number, T>;

export interface LineName {
  readonly line: string;
  readonly account: string;
}

export interface RateDeckName {
  /** `name@version`. */
  readonly rateDeck: string;
  readonly currency: string;
}

/** The lines of these numbers. */
export function loadLineNames(q: Queryable, numbers: readonly number[]): Promise<Names<LineName>> {
  return lineNames(
    q,
    `select n.no, l.line, l.account from unnest($1::int[]) as n (no)
     cross join lateral (${LINE_AND_ACCOUNT} where l.no = n.no limit 1) as l`,
    [numbers],
  );
}

/** The lines of numbers from one to another, both of them too. */
export function loadLineNamesBetween(q: Queryable, first: number, last: number): Promise<Names<LineName>> {
  return lineNames(
    q,
    `select n.no, l.line, l.account from generate_series($1::int, $2::int) as n (no)
     cross join lateral (${LINE_AND_ACCOUNT} where l.no = n.no limit 1) as l`,
    [first, last],
  );
}

/** `limit 1` beside it has PostgreSQL look each one up: for hundreds of lines it would read all accounts otherwise. */
const LINE_AND_ACCOUNT = 'select l.id as line, a.id as account from line l join account a on a.no = l.account';

async function lineNames(q: Queryable, sql: string, parameters: readonly Parameter[]): Promise<Names<LineName>> {
  const rows = await q.query<{ no: number; line: string; account: string }>(sql, parameters);
  return new Map(rows.map(({ no, ...name }) => [no, name]));
}

export async function loadRateDeckNames(q: Queryable): Promise<Names<RateDeckName>> {
  const rows = await q.query<{ no: number; deck: string; currency: string }>(
    `select no, name || '@' || version as deck, currency from rate_deck`,
  );
  return new Map(rows.map(({ no, deck: rateDeck, currency }) => [no, { rateDeck, currency }]));
}

export async function loadOfferVersions(q: Queryable): Promise<Names<string>> {
  const rows = await q.query<{ no: number; version: string }>('select no, version from offer');
  return new Map(rows.map(({ no, version }) => [no, version]));
}

export async function loadDestinationNames(q: Queryable): Promise<Names<string>> {
  const rows = await q.query<{ no: number; name: string }>('select no, name from destination');
  return new Map(rows.map(({ no, name }) => [no, name]));
}
