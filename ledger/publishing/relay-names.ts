import type { Queryable } from '../database/database.ts';

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
export async function loadLineNames(q: Queryable, numbers: readonly number[]): Promise<Names<LineName>> {
  const rows = await q.query<{ no: number; line: string; account: string }>(
    `select l.no, l.id as line, a.id as account from line l join account a on a.no = l.account
     where l.no = any($1::int[])`,
    [numbers],
  );
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
