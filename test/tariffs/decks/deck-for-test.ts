import { compileDeck, type RateDeck } from '../../../tariffs/decks/compile-deck.ts';
import { type Deck, formatDeckFault } from '../../../tariffs/decks/deck.ts';
import { parseDeck } from '../../../tariffs/decks/parse-deck.ts';

const DEFAULTS = { name: 'test', currency: 'EUR', timeZone: 'Europe/Paris' };

/** The deck of a text that has no fault. */
export function deckOf(text: string): Deck {
  const parsed = parseDeck(text, DEFAULTS);
  if (parsed.kind === 'faults') throw new Error(parsed.faults.map(formatDeckFault).join('\n'));
  return parsed.deck;
}

/** The same, compiled. */
export function rateDeckOf(text: string): RateDeck {
  return compileDeck(deckOf(text));
}

/** `line column code value` of each fault of a text. */
export function faultsOf(text: string): string[] {
  const parsed = parseDeck(text, DEFAULTS);
  if (parsed.kind === 'deck') return [];
  return parsed.faults.map((fault) => `${fault.line} ${fault.column ?? '-'} ${fault.code} '${fault.value}'`);
}
