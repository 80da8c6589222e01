import type { BandCalendar } from './band-calendar.ts';
import type { BandPrice, Rate } from './price-call.ts';

/** Whether every call costs the same by both rates, whatever their keys and dates say. */
export function priceAlike(a: Rate, b: Rate): boolean {
  const sameRules =
    a.initialIncrementS === b.initialIncrementS &&
    a.nextIncrementS === b.nextIncrementS &&
    a.minimumS === b.minimumS &&
    a.rounding === b.rounding &&
    a.decimals === b.decimals;
  if (!sameRules) return false;
  const [before, after] = [pricesOf(a), pricesOf(b)];
  if (before.length !== after.length || !before.every((price, index) => samePrice(price, after[index]!))) return false;
  return a.bandPrices === null || b.bandPrices === null || sameCalendar(a.calendar, b.calendar);
}

/** One price where the hour does not matter, else one for each band. */
function pricesOf({ bandPrices, price }: Rate): readonly BandPrice[] {
  return bandPrices ?? [price];
}

function samePrice(a: BandPrice, b: BandPrice): boolean {
  return (
    a.pricePerMinute === b.pricePerMinute &&
    a.connectionCharge === b.connectionCharge &&
    a.pricePerCall === b.pricePerCall &&
    a.minimumCharge === b.minimumCharge
  );
}

function sameCalendar(a: BandCalendar | null, b: BandCalendar | null): boolean {
  if (a === b || a === null || b === null) return a === b;
  return (
    a.starts.length === b.starts.length &&
    a.starts.every((start, index) => start === b.starts[index]) &&
    a.bands.every((band, index) => band === b.bands[index])
  );
}
