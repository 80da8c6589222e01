export { isCostlyNature, type Destination, type DestinationClass, type RangeNature } from './numbering/destination.ts';
export { formatNumber, isShortCode } from './numbering/format-number.ts';
export { lintIncluded, type IncludedSelection, type LintFinding } from './numbering/lint-included.ts';
export { NumberingTablesError, type NumberingFault } from './numbering/numbering-fault.ts';
export {
  compileNumberingPlan,
  type Classified,
  type NumberingPlan,
  type PrefixStep,
} from './numbering/numbering-plan.ts';
export type { NumberingTables, TableText } from './numbering/numbering-tables.ts';
export {
  type AddedPrefix,
  compileNumberRepairs,
  type DialRule,
  NO_REPAIRS,
  type NumberRepairs,
  readByRule,
} from './numbering/number-repairs.ts';
export { readDialled, type Dialled, type DialledForm } from './numbering/read-dialled.ts';
export { REFUSAL_CODES, type RefusalCode } from './numbering/refusal.ts';
export {
  compileCivilTime,
  FIRST_YEAR,
  isTimeZone,
  LAST_YEAR,
  nextPeriod,
  parseDate,
  type CivilTime,
} from './civil-time.ts';
export { contentHash } from './content-hash.ts';
export { compileDeck, type RateCandidate, type RateDeck } from './decks/compile-deck.ts';
export {
  formatDeckFault,
  formatDeckKey,
  type Band,
  type Deck,
  type DeckFault,
  type DeckFaultCode,
  type DeckKey,
  type DeckRow,
} from './decks/deck.ts';
export {
  compileDeckSchedule,
  type CompiledSpan,
  DECK_BASES,
  deckChangedFrom,
  type DeckBasis,
  deckOfBillingDay,
  type DeckScheduleEntry,
  type DeckSpan,
  deckSpans,
  entriesToSchedule,
  parseDay,
  type RateTable,
  spanAt,
} from './decks/deck-schedule.ts';
export { diffDecks, type DeckChange, type PriceDifference, type PriceDirection } from './decks/diff-decks.ts';
export { priceAlike } from './decks/price-alike.ts';
export { parseDeck, type DeckDefaults, type ParsedDeck } from './decks/parse-deck.ts';
export {
  billedSeconds,
  explainPrice,
  MAX_DURATION_MS,
  priceCall,
  type BandPrice,
  type PricedStretch,
  type PriceExplanation,
  type Rate,
} from './decks/price-call.ts';
export {
  formatMicros,
  formatNanos,
  micros,
  NO_MONEY,
  parseMicros,
  parseNanos,
  type Micros,
  type Nanos,
  type Rounding,
} from './money.ts';
