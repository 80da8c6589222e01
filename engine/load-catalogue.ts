import { type CompiledOffer, compileOffer } from '../rater/index.ts';
import {
  type Database,
  type Queryable,
  type RegisteredRateDeck,
  catalogueVersion,
  loadDeckSchedule,
  loadNumberRepairs,
  loadOffers,
  loadRateDecks,
  registerDestinations,
} from '../ledger/index.ts';
import {
  type CivilTime,
  type NumberingPlan,
  type CompiledSpan,
  type RateDeck,
  compileCivilTime,
  compileDeck,
  compileDeckSchedule,
  compileNumberRepairs,
  deckSpans,
  formatDeckFault,
  parseDeck,
} from '../tariffs/index.ts';
import { OperatingFault } from '../operating/index.ts';
import type { Catalogue } from './catalogue.ts';

/** Something that rating needs has never been set up, or no longer reads; the message says what to do. */
export class CatalogueError extends OperatingFault {
  override readonly name = 'CatalogueError';
}

/** What rates calls now: the last registered version of each offer, and the decks that are scheduled. */
export async function loadCatalogue(db: Database, plan: NumberingPlan): Promise<Catalogue> {
  // First: what is loaded after it is at least as new.
  const version = await catalogueVersion(db);
  const registered = await loadOffers(db);
  const compiled = registered.map(({ no, offer }) => compileOffer(offer, no, plan.destinations));
  const byNo = new Map(compiled.map((offer) => [offer.no, offer]));
  const spans = await loadDecks(db);
  const [{ rates: firstDeck }] = spans;
  const numbers = await registerDestinations(
    db,
    plan.destinations.map(({ name }) => name),
  );
  const { prefixes, rules } = await loadNumberRepairs(db);
  const destinationNos = plan.destinations.map(({ name }) => numbers.get(name) ?? 0);
  return {
    version,
    plan,
    repairs: compileNumberRepairs(plan, prefixes, rules),
    deck: compileDeckSchedule(spans),
    currency: firstDeck.currency,
    civilTime: compileCivilTime(
      timeZoneOf(
        registered.map(({ offer }) => offer.timeZone),
        firstDeck,
      ),
    ),
    offers: new Map(compiled.map((offer) => [offer.offer.id, offer])),
    offerOf: (no) => known(byNo.get(no), `offer of number '${no}'`),
    destinationNo: ({ id }) => known(destinationNos[id], `destination of id '${id}'`),
  };
}

/** The offers in force, by id, and the civil time of the ledger: what a line's holds go by. No deck is read. */
export interface OfferTerms {
  readonly offers: ReadonlyMap<string, CompiledOffer>;
  readonly civilTime: CivilTime;
}

/** Loads what a line's holds go by; a ledger without an offer has the civil time of Europe/Paris. */
export async function loadOfferTerms(db: Queryable, plan: NumberingPlan): Promise<OfferTerms> {
  const registered = await loadOffers(db);
  // The last of an id is in force.
  const inForce = new Map(registered.map((one) => [one.offer.id, one]));
  const offers = [...inForce.values()].map(({ no, offer }) => compileOffer(offer, no, plan.destinations));
  const zones = registered.map(({ offer }) => offer.timeZone);
  return {
    offers: new Map(offers.map((offer) => [offer.offer.id, offer])),
    civilTime: compileCivilTime(oneZoneOf(zones) ?? DEFAULT_ZONE),
  };
}

const DEFAULT_ZONE = 'Europe/Paris';

/** Periods are one calendar for the whole ledger: offers can't disagree on it. */
function timeZoneOf(zones: readonly string[], deck: RateDeck): string {
  return oneZoneOf(zones) ?? deck.timeZone;
}

function oneZoneOf(zones: readonly string[]): string | null {
  const distinct = [...new Set(zones)];
  if (distinct.length > 1) {
    throw new CatalogueError(`Cannot rate: offers are in different time zones: '${distinct.join("', '")}'`);
  }
  return distinct[0] ?? null;
}

/** Compiled decks of the catalogue loaded last, by version: loading it again compiles none of them once more. */
let compiledDecks: ReadonlyMap<string, RateDeck> = new Map();

async function loadDecks(db: Database): Promise<[CompiledSpan, ...CompiledSpan[]]> {
  const spans = deckSpans(await loadDeckSchedule(db), 'call-start');
  const registered = new Map((await loadRateDecks(db)).map((deck) => [deck.no, deck]));
  const compiled = new Map<string, RateDeck>();
  const [first, ...later] = spans.map((span): CompiledSpan => {
    const deck = known(registered.get(span.deckNo), `rate deck of number '${span.deckNo}'`);
    const rates = compiled.get(deck.version) ?? compiledDecks.get(deck.version) ?? compile(deck);
    compiled.set(deck.version, rates);
    return { ...span, rates };
  });
  if (first === undefined) {
    throw new CatalogueError(`Cannot rate: the ledger has no rate deck; import one with 'fairtally decks import FILE'`);
  }
  compiledDecks = compiled;
  return [first, ...later];
}

function compile({ name, currency, timeZone, document }: RegisteredRateDeck): RateDeck {
  const parsed = parseDeck(document, { name, currency, timeZone });
  if (parsed.kind === 'faults') throw new CatalogueError(parsed.faults.map(formatDeckFault).join('\n'));
  return compileDeck(parsed.deck);
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`Cannot find the ${what}`);
  return value;
}
