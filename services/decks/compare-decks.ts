import { type Deck, type DeckChange, compileCivilTime, diffDecks, parseDeck } from '../../tariffs/index.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { DECK_DEFAULTS, type DeckFaults, deckNameOf } from './register-deck.ts';

/** The text of a deck, and what it is called where it does not name itself: a file's name, say. */
export interface DeckText {
  readonly name: string;
  readonly text: string;
}

export interface DeckComparison {
  readonly kind: 'comparison';
  /** ms since the epoch: prices in force at this instant and after it were compared. */
  readonly at: number;
  /** In which instants are shown: that of the later deck. */
  readonly timeZone: string;
  readonly changes: readonly DeckChange[];
}

/** What is wrong with the text of a deck, and which it is. */
export interface ComparedFaults extends DeckFaults {
  readonly deck: string;
}

/**
 * What changes for the customer when one deck takes the place of another, of prices in force from `at` on: a day or an
 * instant in the zone of the later deck; from now on where nothing is said.
 */
export function compareDecks(
  before: DeckText,
  after: DeckText,
  at?: string | undefined,
): DeckComparison | ComparedFaults | Refused {
  const old = deckOf(before);
  if ('kind' in old) return old;
  const next = deckOf(after);
  if ('kind' in next) return next;
  const { timeZone } = next;
  const instant = at === undefined ? wholeSecond(Date.now()) : compileCivilTime(timeZone).parseInstant(at);
  if (instant === null) return refused(refusal('instant-unreadable', { at: at ?? '' }));
  return { kind: 'comparison', at: instant, timeZone, changes: diffDecks(old, next, instant) };
}

function wholeSecond(instant: number): number {
  return Math.floor(instant / 1000) * 1000;
}

function deckOf({ name, text }: DeckText): Deck | ComparedFaults {
  const parsed = parseDeck(text, { ...DECK_DEFAULTS, name: deckNameOf(name) });
  return parsed.kind === 'faults' ? { ...parsed, deck: name } : parsed.deck;
}
