import {
  type Database,
  type FeedEntry,
  type LineName,
  loadDestinationNames,
  loadLineNames,
  loadLineNamesBetween,
  loadOfferVersions,
  loadRateDeckNames,
  type Queryable,
} from '../../ledger/index.ts';
import { type JsonBytes, type Piece, piece } from './json-bytes.ts';
import { LinePieces } from './line-pieces.ts';
import { RatingPieces } from './rating-pieces.ts';

const UNKNOWN = piece('');
const NO_OFFER = -1;
/** Where one line in so many is missing, all of them are looked up: the others will be asked for by what comes next. */
const SPARSEST = 128;
/** As many names as are taken in without keeping others waiting. */
const LINES_AT_ONCE = 4_096;

/**
 * What the numbers of entries stand for, as pieces of JSON. Numbers are given once and never change their meaning, so
 * what was asked for is kept; what is missing is noted, to be loaded between two visits of the entries.
 */
export class EntryNames {
  readonly #lines = new LinePieces();
  readonly #ratings = new RatingPieces();
  /** By rate deck and offer: most entries have what the one before had. */
  readonly #terms = new Map<number, Map<number, Piece>>();
  /** As JSON, by their numbers. */
  #rateDecks: ReadonlyMap<number, string> = new Map();
  #offers: ReadonlyMap<number, string> = new Map();
  readonly #missingLines = new Set<number>();
  #isMissingOther = false;
  #lastRateDeck = Number.NaN;
  #lastOffer = Number.NaN;
  /** Of the entry that was looked up last: from its destination to its billed seconds. */
  rating = UNKNOWN;
  /** `,"currency":"EUR","rateDeck":"‹name›@‹version›","offer":"‹version›"`; `null` for no offer. */
  terms = UNKNOWN;

  /** Looks an entry's names up; whether all are known. */
  find(entry: FeedEntry): boolean {
    const hasLine = this.#lines.find(entry.line);
    const rating = this.#ratings.find(entry);
    const hasTerms = this.#findTerms(entry.rateDeck, entry.offer ?? NO_OFFER);
    if (!hasLine) this.#missingLines.add(entry.line);
    if (rating === null || !hasTerms) this.#isMissingOther = true;
    else if (hasLine) {
      this.rating = rating;
      return true;
    }
    return false;
  }

  #findTerms(rateDeck: number, offer: number): boolean {
    if (rateDeck === this.#lastRateDeck && offer === this.#lastOffer) return true;
    const terms = this.#terms.get(rateDeck)?.get(offer) ?? this.#makeTerms(rateDeck, offer);
    if (terms === null) return false;
    this.#lastRateDeck = rateDeck;
    this.#lastOffer = offer;
    this.terms = terms;
    return true;
  }

  #makeTerms(rateDeck: number, offer: number): Piece | null {
    const deckJson = this.#rateDecks.get(rateDeck);
    const offerJson = offer === NO_OFFER ? 'null' : this.#offers.get(offer);
    if (deckJson === undefined || offerJson === undefined) return null;
    const made = piece(`,${deckJson},"offer":${offerJson}`);
    const ofDeck = this.#terms.get(rateDeck) ?? new Map<number, Piece>();
    this.#terms.set(rateDeck, ofDeck.set(offer, made));
    return made;
  }

  /** How long the names are that were looked up last, with the line's id twice, as events have it. */
  get bytes(): number {
    return this.#lines.length + this.#lines.lineLength + this.rating.length + this.terms.length;
  }

  /** Writes `"‹line›"`. */
  writeLine(out: JsonBytes): void {
    this.#lines.writeLine(out);
  }

  /** Writes `{"account":"‹account›","line":"‹line›"`, with which an entry begins. */
  writeBeginning(out: JsonBytes): void {
    this.#lines.write(out);
  }

  /** Loads what was missing; whether anything was. */
  async loadMissing(q: Queryable): Promise<boolean> {
    if (this.#missingLines.size === 0 && !this.#isMissingOther) return false;
    await this.#loadLines(q, [...this.#missingLines]);
    if (this.#isMissingOther) await this.#loadOthers(q);
    this.#missingLines.clear();
    this.#isMissingOther = false;
    return true;
  }

  async #loadLines(q: Queryable, missing: readonly number[]): Promise<void> {
    if (missing.length === 0) return;
    const [first, last] = missing.reduce(([low, high], no) => [Math.min(low, no), Math.max(high, no)], [Infinity, 0]);
    if (last - first > SPARSEST * missing.length) {
      this.#addLines(await loadLineNames(q, missing));
      return;
    }
    for (let from = first; from <= last; from += LINES_AT_ONCE) {
      this.#addLines(await loadLineNamesBetween(q, from, Math.min(last, from + LINES_AT_ONCE - 1)));
    }
  }

  #addLines(names: ReadonlyMap<number, LineName>): void {
    for (const [no, name] of names) {
      if (!this.#lines.find(no)) this.#lines.add(no, beginningJson(name), JSON.stringify(name.line));
    }
  }

  async #loadOthers(q: Queryable): Promise<void> {
    this.#ratings.destinations = await loadDestinationNames(q);
    this.#offers = mapped(await loadOfferVersions(q), (version) => JSON.stringify(version));
    this.#rateDecks = mapped(
      await loadRateDeckNames(q),
      ({ currency, rateDeck }) => `"currency":${JSON.stringify(currency)},"rateDeck":${JSON.stringify(rateDeck)}`,
    );
  }
}

const namesByLedger = new WeakMap<Database, EntryNames>();

/**
 * The names of a ledger, which all who read its feed share: what is looked up, and written, is looked up and written
 * in one turn of the event loop.
 */
export function namesOf(db: Database): EntryNames {
  const known = namesByLedger.get(db) ?? new EntryNames();
  namesByLedger.set(db, known);
  return known;
}

function beginningJson({ line, account }: LineName): string {
  return `{"account":${JSON.stringify(account)},"line":${JSON.stringify(line)}`;
}

function mapped<From, To>(from: ReadonlyMap<number, From>, to: (value: From) => To): Map<number, To> {
  return new Map([...from].map(([no, value]) => [no, to(value)]));
}
