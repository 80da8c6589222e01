import {
  type KeptDeckScheduleEntry,
  type RegisteredRateDeck,
  loadDeckSchedule,
  loadRateDecks,
  repeatWhileCut,
  retroactiveChanges,
} from '../../ledger/index.ts';
import { DECK_BASES, type DeckBasis, type DeckSpan, deckSpans, spanAt } from '../../tariffs/index.ts';
import type { LedgerReading } from '../ledger-access.ts';
import { ledgerTimeZone } from '../ledger-civil-time.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import type { MadeRetroactive } from '../retroactive.ts';
import type { DeckText } from './compare-decks.ts';

/** A deck of the ledger, without its text. */
export interface ListedDeck extends Omit<RegisteredRateDeck, 'document'> {
  /** Whether it prices calls that start now. */
  readonly isInUse: boolean;
}

/** From when to when a deck is in force by a basis, and who said so when (ms since the epoch). */
export interface ListedSpan extends DeckSpan {
  readonly basis: DeckBasis;
  readonly takenBy: string;
  readonly takenAt: number;
}

export interface DeckList {
  /** In the order in which they were registered. */
  readonly decks: readonly ListedDeck[];
  /** By basis, ascending. */
  readonly schedule: readonly ListedSpan[];
  /** Imports that changed what was rated already, in the order in which they were made. */
  readonly retroactive: readonly MadeRetroactive[];
  /** In which those instants are shown. */
  readonly timeZone: string;
}

export interface FoundDeck extends DeckText {
  readonly kind: 'deck';
}

/** The decks of a ledger, and from when to when each is in force. */
export function listDecks({ db }: LedgerReading): Promise<DeckList> {
  return repeatWhileCut(async () => {
    const registered = await loadRateDecks(db);
    const entries = await loadDeckSchedule(db);
    const inUse = spanAt(deckSpans(entries, 'call-start'), Date.now())?.deckNo;
    return {
      decks: registered.map(({ no, name, version, currency, timeZone }) => ({
        no,
        name,
        version,
        currency,
        timeZone,
        isInUse: no === inUse,
      })),
      schedule: DECK_BASES.flatMap((basis) => listedSpans(entries, basis)),
      retroactive: await retroactiveChanges(db, 'rate-deck'),
      timeZone: await ledgerTimeZone(db),
    };
  });
}

function listedSpans(entries: readonly KeptDeckScheduleEntry[], basis: DeckBasis): ListedSpan[] {
  return deckSpans(entries, basis).map((span) => {
    const { takenBy, takenAt } = entries.findLast((entry) => entry.basis === basis && entry.from === span.from)!;
    return { ...span, basis, takenBy, takenAt };
  });
}

/** A deck of the ledger by its name, version or `name@version`: the last that fits. */
export function findDeck({ db }: LedgerReading, wanted: string): Promise<FoundDeck | Refused> {
  return repeatWhileCut(async () => {
    const found = (await loadRateDecks(db)).findLast(({ name, version }) =>
      [name, version, `${name}@${version}`].includes(wanted),
    );
    if (found === undefined) return refused(refusal('deck-unknown', { deck: wanted }));
    return { kind: 'deck', name: found.name, text: found.document };
  });
}
