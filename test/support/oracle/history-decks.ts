import * as fc from 'fast-check';
import type { OracleDeckEntry, OracleDeckRow } from './oracle-types.ts';
import { BEGINNING, type Season } from './seasons.ts';

function row(prefix: string, pricePerMinute: string, more: Partial<OracleDeckRow> = {}): OracleDeckRow {
  return {
    of: { prefix },
    pricePerMinute,
    connection: '0',
    initialIncrementS: 60,
    nextIncrementS: 60,
    effectiveFrom: BEGINNING,
    effectiveTo: null,
    ...more,
  };
}

const NEW_PRICES = Date.parse('2026-10-31T23:00:00Z');

/**
 * Prices of everything that histories call: odd prices, increments, connection, a minimum, a longer prefix, a change.
 */
export const HISTORY_DECK: readonly OracleDeckRow[] = [
  row('33', '0.0123'),
  row('336', '0.045', { effectiveTo: NEW_PRICES }),
  row('336', '0.047', { effectiveFrom: NEW_PRICES, initialIncrementS: 30, nextIncrementS: 1 }),
  row('33612345671', '0.100001', { initialIncrementS: 1, nextIncrementS: 1 }),
  row('33892', '0.80', { connection: '0.15' }),
  row('34', '0.0333', { initialIncrementS: 30, nextIncrementS: 6, minimumCharge: '0.02' }),
  row('1', '0.009999', { initialIncrementS: 1, nextIncrementS: 1 }),
  row('1246', '0.48', { connection: '0.1', minimumCharge: '0.6' }),
  row('', '0.05', { of: { shortCode: 3949 } }),
  row('', '3.0000005', { of: { shortCode: 118_218 }, connection: '2.5' }),
];

/** As drawn: which deck, and from when on: an instant of the season, or ever. */
export interface DeckSpec {
  readonly deck: keyof typeof DECKS;
  /** `null`: from ever on. */
  readonly landmark: number | null;
  readonly offsetMs: number;
}

/** Other prices and increments; prices taken away, some of them above a shorter prefix; and the first deck. */
const DECKS = {
  dearer: HISTORY_DECK.map((one, index) => ({
    ...one,
    pricePerMinute: `${index}.0707`,
    initialIncrementS: one.initialIncrementS === 60 ? 30 : 60,
    nextIncrementS: one.nextIncrementS === 60 ? 30 : 60,
  })),
  thin: HISTORY_DECK.filter(({ of }) => !('prefix' in of && ['34', '336', '1246'].includes(of.prefix))),
  first: HISTORY_DECK,
};

export const deckSpecArbitrary: fc.Arbitrary<DeckSpec> = fc.record({
  deck: fc.constantFrom<DeckSpec['deck'][]>('dearer', 'dearer', 'thin', 'first'),
  landmark: fc.constantFrom(null, 0, 0, 1, 2, 2, 3, 4),
  offsetMs: fc.constantFrom(0, 0, 1, -1, 3_600_000),
});

export function deckEntryOf({ deck, landmark, offsetMs }: DeckSpec, { landmarks }: Season): OracleDeckEntry {
  const from = landmark === null ? -Infinity : (landmarks[landmark] ?? 0) + offsetMs;
  return { from, rows: DECKS[deck] };
}
