import { piece } from './json-bytes.ts';
import {
  type FeedEntry,
  type LineName,
  loadDestinationNames,
  loadLineNames,
  loadOfferVersions,
  loadRateDeckNames,
  type Queryable,
} from '../ledger/index.ts';

const NO_OFFER = piece('null');

/**
 * What the numbers of entries stand for, as pieces of JSON. Numbers are given once and never change their meaning, so
 * what was asked for is kept; what is missing is noted, to be loaded between two visits of the entries.
 */
export class EntryNames {
  /** `"subject":"‹line›","data":{"account":"‹account›","line":"‹line›"` by the number of the line. */
  readonly #lines = new Map<number, Uint8Array>();
  readonly #destinations = new Map<number, Uint8Array>();
  /** `"currency":"EUR","rateDeck":"‹name›@‹version›"`. */
  readonly #rateDecks = new Map<number, Uint8Array>();
  readonly #offers = new Map<number, Uint8Array>();
  readonly #missingLines = new Set<number>();
  #isMissingOther = false;

  /** Whether all names of an entry are known; notes those that are not. */
  has({ line, destination, rateDeck, offer }: FeedEntry): boolean {
    const hasLine = this.#lines.has(line);
    if (!hasLine) this.#missingLines.add(line);
    const hasOthers =
      this.#destinations.has(destination) &&
      this.#rateDecks.has(rateDeck) &&
      (offer === null || this.#offers.has(offer));
    if (!hasOthers) this.#isMissingOther = true;
    return hasLine && hasOthers;
  }

  line(no: number): Uint8Array {
    return this.#lines.get(no)!;
  }

  destination(no: number): Uint8Array {
    return this.#destinations.get(no)!;
  }

  rateDeck(no: number): Uint8Array {
    return this.#rateDecks.get(no)!;
  }

  /** The version of an offer, `null` for none. */
  offer(no: number | null): Uint8Array {
    return no === null ? NO_OFFER : this.#offers.get(no)!;
  }

  /** How long the names of an entry are. */
  bytesOf({ line, destination, rateDeck, offer }: FeedEntry): number {
    const deck = this.rateDeck(rateDeck).length;
    return this.line(line).length + this.destination(destination).length + deck + this.offer(offer).length;
  }

  /** Loads what was missing; whether anything was. */
  async loadMissing(q: Queryable): Promise<boolean> {
    const lines = [...this.#missingLines];
    if (lines.length === 0 && !this.#isMissingOther) return false;
    for (const [no, name] of await loadLineNames(q, lines)) this.#lines.set(no, lineJson(name));
    if (this.#isMissingOther) await this.#loadOthers(q);
    this.#missingLines.clear();
    this.#isMissingOther = false;
    return true;
  }

  async #loadOthers(q: Queryable): Promise<void> {
    for (const [no, name] of await loadDestinationNames(q)) this.#destinations.set(no, piece(JSON.stringify(name)));
    for (const [no, version] of await loadOfferVersions(q)) this.#offers.set(no, piece(JSON.stringify(version)));
    for (const [no, { currency, rateDeck }] of await loadRateDeckNames(q)) {
      this.#rateDecks.set(no, piece(`"currency":${JSON.stringify(currency)},"rateDeck":${JSON.stringify(rateDeck)}`));
    }
  }
}

function lineJson({ line, account }: LineName): Uint8Array {
  const id = JSON.stringify(line);
  return piece(`"subject":${id},"data":{"account":${JSON.stringify(account)},"line":${id}`);
}
