import { CatalogueError } from '../../engine/index.ts';
import type { RegisteredRateDeck } from '../../ledger/index.ts';
import {
  type CompiledSpan,
  type Deck,
  type DeckScheduleEntry,
  compileDeck,
  deckSpans,
  formatDeckFault,
  parseDeck,
} from '../../tariffs/index.ts';

/** From when to when a deck prices calls, with the deck as it was read. */
export interface ReadSpan extends CompiledSpan {
  readonly deck: Deck;
}

/** Reads the decks of schedules, each once. */
export class ScheduleReader {
  readonly #registered: ReadonlyMap<number, RegisteredRateDeck>;
  readonly #read = new Map<number, Pick<ReadSpan, 'deck' | 'rates'>>();

  constructor(registered: readonly RegisteredRateDeck[]) {
    this.#registered = new Map(registered.map((deck) => [deck.no, deck]));
  }

  /** Takes a deck that is read already, also one that the ledger does not have yet. */
  add(deckNo: number, deck: Deck): void {
    this.#read.set(deckNo, { deck, rates: compileDeck(deck) });
  }

  /** The decks by which calls are priced, from when to when, ascending. */
  read(entries: readonly DeckScheduleEntry[]): ReadSpan[] {
    return deckSpans(entries, 'call-start').map((span) => {
      if (!this.#read.has(span.deckNo)) this.add(span.deckNo, this.#parse(span.deckNo));
      return { ...span, ...this.#read.get(span.deckNo)! };
    });
  }

  #parse(deckNo: number): Deck {
    const registered = this.#registered.get(deckNo);
    if (registered === undefined)
      throw new Error(`Cannot read rate deck '${deckNo}': the ledger has none of the number`);
    const { name, currency, timeZone, document } = registered;
    const parsed = parseDeck(document, { name, currency, timeZone });
    if (parsed.kind === 'faults')
      throw new CatalogueError(`Cannot read deck '${name}': ${parsed.faults.map(formatDeckFault).join('; ')}`);
    return parsed.deck;
  }
}
