import { compileOffer } from '../rater/index.ts';
import { type Database, catalogueVersion, loadOffers, loadRateDecks, registerDestinations } from '../ledger/index.ts';
import {
  type NumberingPlan,
  type RateDeck,
  compileCivilTime,
  compileDeck,
  formatDeckFault,
  parseDeck,
} from '../tariffs/index.ts';
import type { Catalogue } from './catalogue.ts';

/** Something that rating needs has never been set up, or no longer reads; the message says what to do. */
export class CatalogueError extends Error {
  override readonly name = 'CatalogueError';
}

/** What rates calls now: the last registered version of each offer, and the deck registered last. */
export async function loadCatalogue(db: Database, plan: NumberingPlan): Promise<Catalogue> {
  // First: what is loaded after it is at least as new.
  const version = await catalogueVersion(db);
  const registered = await loadOffers(db);
  const compiled = registered.map(({ no, offer }) => compileOffer(offer, no, plan.destinations));
  const byNo = new Map(compiled.map((offer) => [offer.no, offer]));
  const { deckNo, deck } = await loadDeck(db);
  const numbers = await registerDestinations(
    db,
    plan.destinations.map(({ name }) => name),
  );
  const destinationNos = plan.destinations.map(({ name }) => numbers.get(name) ?? 0);
  return {
    version,
    plan,
    deck,
    deckNo,
    civilTime: compileCivilTime(
      timeZoneOf(
        registered.map(({ offer }) => offer.timeZone),
        deck,
      ),
    ),
    offers: new Map(compiled.map((offer) => [offer.offer.id, offer])),
    offerOf: (no) => known(byNo.get(no), `offer of number '${no}'`),
    destinationNo: ({ id }) => known(destinationNos[id], `destination of id '${id}'`),
  };
}

/** Periods are one calendar for the whole ledger: offers can't disagree on it. */
function timeZoneOf(zones: readonly string[], deck: RateDeck): string {
  const distinct = [...new Set(zones)];
  if (distinct.length > 1) {
    throw new CatalogueError(`Cannot rate: offers are in different time zones: '${distinct.join("', '")}'`);
  }
  return distinct[0] ?? deck.timeZone;
}

let compiledDeck: { readonly version: string; readonly deck: RateDeck } | null = null;

async function loadDeck(db: Database): Promise<{ deckNo: number; deck: RateDeck }> {
  const latest = (await loadRateDecks(db)).at(-1);
  if (latest === undefined) {
    throw new CatalogueError(`Cannot rate: the ledger has no rate deck; import one with 'fairtally decks import FILE'`);
  }
  if (compiledDeck?.version !== latest.version) {
    const { name, currency, timeZone, document } = latest;
    const parsed = parseDeck(document, { name, currency, timeZone });
    if (parsed.kind === 'faults') throw new CatalogueError(parsed.faults.map(formatDeckFault).join('\n'));
    compiledDeck = { version: latest.version, deck: compileDeck(parsed.deck) };
  }
  return { deckNo: latest.no, deck: compiledDeck.deck };
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`Cannot find the ${what}`);
  return value;
}
