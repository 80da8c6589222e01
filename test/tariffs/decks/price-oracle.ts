import { Decimal } from 'decimal.js';
import type { Deck, DeckRow } from '../../../tariffs/decks/deck.ts';

const Exact = Decimal.clone({ precision: 60 });
const MODES = { 'half-up': Decimal.ROUND_HALF_UP, up: Decimal.ROUND_UP, down: Decimal.ROUND_DOWN } as const;
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/**
 * The charge of a call by the words of the format, increment after increment, in decimals, with the clock of `Intl`:
 * slow, and written apart from what it checks. `rows` are those of one key in force, one a band.
 */
export function oraclePrice(deck: Deck, rows: readonly DeckRow[], startedAt: number, durationMs: number): string {
  const rowAt = (instant: number): DeckRow => {
    const band = bandAt(deck, instant);
    const row = rows.find((candidate) => candidate.band === band) ?? rows.find((candidate) => candidate.band === null);
    if (row === undefined) throw new Error(`no row for ${band}`);
    return row;
  };
  if (durationMs === 0) return '0.000000';
  const first = rowAt(startedAt);
  const seconds = Math.max(Math.ceil(durationMs / 1000), first.minimumS);
  // A sixtieth has no end in decimals: all is kept times 60, and divided once.
  let sixtyfold = price(first.connectionCharge).plus(price(first.pricePerCall)).times(60);
  let done = 0;
  while (done === 0 || done < seconds) {
    const increment = done === 0 ? first.initialIncrementS : first.nextIncrementS;
    sixtyfold = sixtyfold.plus(price(rowAt(startedAt + done * 1000).pricePerMinute).times(increment));
    done += increment;
  }
  const charge = new Exact(Decimal.max(sixtyfold, price(first.minimumCharge).times(60))).div(60);
  return charge.toDecimalPlaces(first.decimals, MODES[first.rounding]).toFixed(6);
}

function price(nanos: number): Decimal {
  return new Exact(nanos).div(1e9);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function bandAt(deck: Deck, instant: number): string | null {
  const { timeZone } = deck;
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
  formats.set(timeZone, format);
  const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  const isHoliday = deck.holidays.includes(`${part['year']}-${part['month']}-${part['day']}`);
  const day = isHoliday ? 7 : DAYS.indexOf(part['weekday'] ?? '');
  const minute = Number(part['hour']) * 60 + Number(part['minute']);
  const band = deck.bands.find(({ windows }) =>
    windows.some(({ days, fromMinute, toMinute }) => days.includes(day) && minute >= fromMinute && minute < toMinute),
  );
  return band?.name ?? null;
}
