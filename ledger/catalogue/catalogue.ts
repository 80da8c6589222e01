import { createHash } from 'node:crypto';
import type { Offer } from '../../rules/index.ts';
import type { Queryable } from '../database/database.ts';

/** An offer as entries name it: by number, with the version that is the hash of its document. */
export interface RegisteredOffer {
  readonly no: number;
  readonly id: string;
  readonly version: string;
  readonly offer: Offer;
}

/** A rate deck's text, by name and version (`tariffs` makes the version of what it prices). */
export interface RateDeckDocument {
  readonly name: string;
  readonly version: string;
  readonly currency: string;
  readonly timeZone: string;
  readonly document: string;
}

export interface RegisteredRateDeck extends RateDeckDocument {
  readonly no: number;
}

/**
 * Registers an offer, once a version, and returns its number. An offer that reads otherwise is another version; one
 * that was registered before is the last again.
 */
export async function registerOffer(q: Queryable, offer: Offer): Promise<number> {
  const version = offerVersion(offer);
  await q.query(
    `insert into offer (id, version, document, added_at) values ($1, $2, $3, ${laterThanAll('offer')})
     on conflict (version) do update set added_at = excluded.added_at`,
    [offer.id, version, JSON.stringify(offer)],
  );
  return numberOf(await q.query<NumberRow>('select no from offer where version = $1', [version]), version);
}

/** SHA-256, first 16 hex digits, of the offer's document with its keys in order: the same however it was written. */
export function offerVersion(offer: Offer): string {
  return createHash('sha256')
    .update(JSON.stringify(sortedKeys(offer)))
    .digest('hex')
    .slice(0, 16);
}

/** All offers that were ever registered, in the order in which they last were: the last of an id is in use. */
export async function loadOffers(q: Queryable): Promise<RegisteredOffer[]> {
  return q.query<RegisteredOffer>('select no, id, version, document as offer from offer order by added_at, no');
}

/** The currency of the deck scheduled last, and the time zone of the offer registered last; `null` without one. */
export async function ledgerUnits(q: Queryable): Promise<{ currency: string | null; timeZone: string | null }> {
  const rows = await q.query<{ currency: string | null; zone: string | null }>(
    `select (select k.currency from deck_schedule s join rate_deck k on k.no = s.rate_deck
             where s.basis = 'call-start' order by s.no desc limit 1) as currency,
            (select document ->> 'timeZone' from offer order by added_at desc, no desc limit 1) as zone`,
  );
  return { currency: rows[0]?.currency ?? null, timeZone: rows[0]?.zone ?? null };
}

/**
 * Registers a rate deck, once a name and version, and returns its number; one registered before is the last again. It
 * prices nothing until it is scheduled (`addToDeckSchedule`).
 */
export async function registerRateDeck(q: Queryable, deck: RateDeckDocument): Promise<number> {
  await q.query(
    `insert into rate_deck (name, version, currency, time_zone, document, added_at)
     values ($1, $2, $3, $4, $5, ${laterThanAll('rate_deck')})
     on conflict (name, version) do update set added_at = excluded.added_at`,
    [deck.name, deck.version, deck.currency, deck.timeZone, deck.document],
  );
  const rows = await q.query<NumberRow>('select no from rate_deck where name = $1 and version = $2', [
    deck.name,
    deck.version,
  ]);
  return numberOf(rows, `${deck.name}@${deck.version}`);
}

/** All rate decks that were ever registered, with their text, in the order in which they last were. */
export async function loadRateDecks(q: Queryable): Promise<RegisteredRateDeck[]> {
  return q.query<RegisteredRateDeck>(
    'select no, name, version, currency, time_zone as "timeZone", document from rate_deck order by added_at, no',
  );
}

/**
 * Another text whenever an offer or a numbering plan was registered, or registered again, a rate deck scheduled, or a
 * repair of numbers entered, in between.
 */
export async function catalogueVersion(q: Queryable): Promise<string> {
  const rows = await q.query<{ version: string }>(
    `select concat_ws(' ', (select max(added_at) from offer), (select max(no) from deck_schedule),
                           (select max(no) from numbering_plan),
                           (select 'repairs ' || max(no) from number_repair)) as version`,
  );
  return rows[0]?.version ?? '';
}

/** Registers a numbering plan by its version, and returns its number. */
export async function registerNumberingPlan(q: Queryable, version: string): Promise<number> {
  await q.query(
    `insert into numbering_plan (version) select $1
     where not exists (select from numbering_plan where version = $1) on conflict do nothing`,
    [version],
  );
  return numberOf(await q.query<NumberRow>('select no from numbering_plan where version = $1', [version]), version);
}

/** The numbering plan registered last; `null` before the first. */
export async function latestNumberingPlan(q: Queryable): Promise<{ no: number; version: string } | null> {
  const rows = await q.query<{ no: number; version: string }>(
    'select no, version from numbering_plan order by no desc limit 1',
  );
  return rows[0] ?? null;
}

/** Gives each destination name that has none the ledger's number, and returns the numbers of all names it has. */
export async function registerDestinations(q: Queryable, names: readonly string[]): Promise<Map<string, number>> {
  const known = await loadDestinations(q);
  // Asked first, so that a role that only reads can ask, too.
  if (names.every((name) => known.has(name))) return known;
  await q.query(
    `insert into destination (name) select distinct g.name from unnest($1::text[]) as g (name)
     where not exists (select from destination d where d.name = g.name) order by g.name on conflict do nothing`,
    [names],
  );
  return loadDestinations(q);
}

/** The ledger's numbers of destinations, by name. */
export async function loadDestinations(q: Queryable): Promise<Map<string, number>> {
  const rows = await q.query<{ no: number; name: string }>('select no, name from destination order by no');
  return new Map(rows.map(({ no, name }) => [name, no]));
}

/** An instant after that of every row, also within one transaction and when the clock was set back. */
function laterThanAll(table: 'offer' | 'rate_deck'): string {
  return `greatest(clock_timestamp(), (select max(added_at) + interval '1 microsecond' from ${table}))`;
}

interface NumberRow {
  readonly no: number;
}

function numberOf(rows: readonly NumberRow[], version: string): number {
  const row = rows[0];
  if (row === undefined) throw new Error(`Cannot find version '${version}': it was registered and is not there`);
  return row.no;
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortedKeys(inner)]));
}
