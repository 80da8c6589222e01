import { deckCsvOf } from './oracle/deck-csv.ts';

/** From then on lines have their facts, and the deck its price. */
export const JANUARY = Date.UTC(2026, 0, 1);

/** A deck that prices calls to French mobiles alone: 0.09 a started minute. */
export const MOBILE_DECK = deckCsvOf([
  {
    of: { destination: 'France Mobile' },
    pricePerMinute: '0.09',
    connection: '0',
    initialIncrementS: 60,
    nextIncrementS: 60,
    effectiveFrom: JANUARY,
    effectiveTo: null,
  },
]);
