import { Decimal } from 'decimal.js';
import type { OracleDeckRow, OracleInput } from './oracle-types.ts';

/** Far more digits than any price has, so that only the last rounding rounds. */
const Exact = Decimal.clone({ precision: 80, rounding: Decimal.ROUND_HALF_UP });

/** The first number that is no French short code. */
const FIRST_E164 = 1_000_000;

export interface NaivePrice {
  readonly billedSeconds: number;
  /** Decimal text with 6 decimals. */
  readonly price: string;
}

/** The length of the prefix by which a row matches a number, a short code matching whole; `null` when it does not. */
function matchedDigits(row: OracleDeckRow, called: number): number | null {
  const digits = String(called);
  if ('shortCode' in row.of) return called === row.of.shortCode ? digits.length : null;
  if ('destination' in row.of || called < FIRST_E164) return null;
  return digits.startsWith(row.of.prefix) ? row.of.prefix.length : null;
}

/** The deck in force at an instant: of the entry that begins last of those that have begun, and was entered last. */
export function deckInForce(
  { deck, laterDecks = [] }: Pick<OracleInput, 'deck' | 'laterDecks'>,
  instant: number,
): readonly OracleDeckRow[] {
  let inForce = { from: -Infinity, rows: deck };
  for (const entry of laterDecks) {
    if (entry.from <= instant && entry.from >= inForce.from) inForce = entry;
  }
  return inForce.rows;
}

/**
 * The row that prices a call: in force at its start, by the longest prefix, else by the name of the destination. A
 * prefix never matches a short code: 3949 is no number in Italy. `null` when there is none.
 */
export function deckRowOf(
  deck: readonly OracleDeckRow[],
  called: number,
  destinationName: string,
  startedAt: number,
): OracleDeckRow | null {
  const inForce = deck.filter((row) => row.effectiveFrom <= startedAt && startedAt < (row.effectiveTo ?? Infinity));
  const byNumber = inForce
    .filter((row) => matchedDigits(row, called) !== null)
    .toSorted((a, b) => (matchedDigits(b, called) ?? 0) - (matchedDigits(a, called) ?? 0));
  const byName = inForce.filter((row) => 'destination' in row.of && row.of.destination === destinationName);
  return byNumber[0] ?? byName[0] ?? null;
}

/** Articles 6 and 7: started increments, the first then the next; ms become seconds once, rounded up. */
export function billedSecondsOf(row: OracleDeckRow, durationMs: number): number {
  const seconds = Math.ceil(durationMs / 1000);
  if (seconds === 0) return 0;
  let billed = row.initialIncrementS;
  while (billed < seconds) billed += row.nextIncrementS;
  return billed;
}

/** What a call costs per minute, in exact decimals, rounded once, half up, to 6 of them. 0 ms costs nothing at all. */
export function naivePrice(row: OracleDeckRow, durationMs: number): NaivePrice {
  const billedSeconds = billedSecondsOf(row, durationMs);
  if (billedSeconds === 0) return { billedSeconds, price: '0.000000' };
  const used = new Exact(row.pricePerMinute).times(billedSeconds).div(60).plus(row.connection);
  return { billedSeconds, price: Exact.max(used, row.minimumCharge ?? 0).toFixed(6, Decimal.ROUND_HALF_UP) };
}
