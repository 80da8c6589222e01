import { divide, divideBig, micros, NO_MONEY, type Micros, type Nanos, type Rounding } from '../money.ts';
import { bandStretchAt, type BandCalendar } from './band-calendar.ts';

/** Longest call that is priced, ms: 46 days. What reports a longer one is broken; edges refuse it. */
export const MAX_DURATION_MS = 4_000_000_000;

const SECONDS_A_MINUTE = 60;
const MAX_SAFE = Number.MAX_SAFE_INTEGER;

/** What a call costs in one band, from one row of the deck. */
export interface BandPrice {
  /** `null`: the times of no other band. */
  readonly band: string | null;
  readonly line: number;
  readonly pricePerMinute: Nanos;
  readonly connectionCharge: Nanos;
  readonly pricePerCall: Nanos;
  readonly minimumCharge: Nanos;
  /** Connection charge and per-call price in the numerator's unit, nanos x 60; `minimum` likewise. */
  readonly fixedNumerator: number;
  readonly minimumNumerator: number;
}

/** What calls to a key of the deck cost between two instants; made once, when the deck is compiled. */
export interface Rate {
  /** Position in the deck's `rates`. */
  readonly index: number;
  /** Prefix of the row; `''` when its key is none. */
  readonly prefix: string;
  /** Name of the destination that the row gives; `''` when none. */
  readonly destination: string;
  /** The key as a person reads it: `+3361`, `3949`, `Belgique`. */
  readonly key: string;
  readonly from: number;
  readonly to: number;
  readonly initialIncrementS: number;
  readonly nextIncrementS: number;
  readonly minimumS: number;
  readonly rounding: Rounding;
  readonly decimals: number;
  /** Numerators are in nanos x 60; this many make one unit of the last decimal of the charge. */
  readonly divisor: number;
  readonly microsPerUnit: number;
  /** The price of calls that start outside every band, or of all calls when there is no `calendar`. */
  readonly price: BandPrice;
  /** Price of each band by its index + 1, 0 the rest; `null`, with `calendar`, when the hour does not matter. */
  readonly bandPrices: readonly BandPrice[] | null;
  readonly calendar: BandCalendar | null;
}

/** Seconds of a run of increments that one band prices. */
export interface PricedStretch {
  readonly band: string | null;
  readonly billedSeconds: number;
  readonly pricePerMinute: Nanos;
}

/** How a charge came about, for a person who asks. */
export interface PriceExplanation {
  /** The duration, rounded up to seconds once. */
  readonly seconds: number;
  readonly billedSeconds: number;
  readonly stretches: readonly PricedStretch[];
  readonly connectionCharge: Nanos;
  readonly pricePerCall: Nanos;
  readonly minimumCharge: Nanos;
  readonly isMinimumApplied: boolean;
  /** The exact sum before rounding, as a fraction of integers: nanos x 60, over 60. */
  readonly numerator: bigint;
  readonly rounding: Rounding;
  readonly decimals: number;
  readonly charge: Micros;
}

/**
 * Seconds billed for a call of `durationMs`: rounded up to seconds once, brought to the minimum, then the initial
 * increment and whole next ones. 0 ms bills 0. Throws outside 0 to `MAX_DURATION_MS`.
 */
export function billedSeconds(rate: Rate, durationMs: number): number {
  if (!(durationMs >= 0 && durationMs <= MAX_DURATION_MS)) {
    throw new RangeError(`Cannot bill duration '${durationMs}' ms: outside 0 to ${MAX_DURATION_MS}`);
  }
  if (durationMs === 0) return 0;
  const seconds = Math.max(Math.ceil(durationMs / 1000), rate.minimumS);
  if (seconds <= rate.initialIncrementS) return rate.initialIncrementS;
  return (
    rate.initialIncrementS + Math.ceil((seconds - rate.initialIncrementS) / rate.nextIncrementS) * rate.nextIncrementS
  );
}

/**
 * The charge of a call that started at `startedAt` and lasted `durationMs`: connection charge, per-call price and
 * billed seconds, the minimum charge at least, rounded once. A call of 0 ms costs 0. Exact, and as fast for 3 hours
 * as for a minute; with bands, the work grows with the band changes crossed and nothing else.
 */
export function priceCall(rate: Rate, startedAt: number, durationMs: number): Micros {
  const billed = billedSeconds(rate, durationMs);
  if (billed === 0) return NO_MONEY;
  if (rate.calendar !== null) return priceAcrossBands(rate, startedAt, billed);
  const { price } = rate;
  const numerator = Math.max(billed * price.pricePerMinute + price.fixedNumerator, price.minimumNumerator);
  return numerator <= MAX_SAFE ? roundOnce(rate, numerator) : priceBig(rate, startedAt, billed);
}

/** The same price taken apart. Its `charge` is computed on its own, from the parts, in big integers. */
export function explainPrice(rate: Rate, startedAt: number, durationMs: number): PriceExplanation {
  const billed = billedSeconds(rate, durationMs);
  const { price, stretches } =
    billed === 0 ? { price: priceAt(rate, startedAt), stretches: [] } : partition(rate, startedAt, billed);
  const numerator = billed === 0 ? 0n : sumOf(price, stretches);
  const minimum = BigInt(price.minimumNumerator);
  const isMinimumApplied = billed > 0 && numerator < minimum;
  return {
    seconds: Math.ceil(durationMs / 1000),
    billedSeconds: billed,
    stretches,
    connectionCharge: price.connectionCharge,
    pricePerCall: price.pricePerCall,
    minimumCharge: price.minimumCharge,
    isMinimumApplied,
    numerator: isMinimumApplied ? minimum : numerator,
    rounding: rate.rounding,
    decimals: rate.decimals,
    charge: billed === 0 ? NO_MONEY : priceBig(rate, startedAt, billed),
  };
}

function roundOnce(rate: Rate, numerator: number): Micros {
  return micros(divide(numerator, rate.divisor, rate.rounding) * rate.microsPerUnit);
}

/** A partial sum is never above the whole, so that one test at the end tells whether all were exact. */
function priceAcrossBands(rate: Rate, startedAt: number, billed: number): Micros {
  const { bandPrices, calendar, price, initialIncrementS, nextIncrementS } = rate;
  if (bandPrices === null || calendar === null) return priceBig(rate, startedAt, billed);
  const { starts, bands } = calendar;
  let stretch = bandStretchAt(calendar, startedAt);
  const first = bandPrices[bands[stretch] ?? 0] ?? price;
  let numerator = initialIncrementS * first.pricePerMinute + first.fixedNumerator;
  let at = startedAt + initialIncrementS * 1000;
  let increments = (billed - initialIncrementS) / nextIncrementS;
  const incrementMs = nextIncrementS * 1000;
  while (increments > 0) {
    let end = starts[stretch + 1] ?? Infinity;
    while (end <= at) {
      stretch += 1;
      end = starts[stretch + 1] ?? Infinity;
    }
    const count = Math.min(increments, Math.ceil((end - at) / incrementMs));
    numerator += count * nextIncrementS * (bandPrices[bands[stretch] ?? 0] ?? price).pricePerMinute;
    at += count * incrementMs;
    increments -= count;
  }
  numerator = Math.max(numerator, first.minimumNumerator);
  return numerator <= MAX_SAFE ? roundOnce(rate, numerator) : priceBig(rate, startedAt, billed);
}

/** The plain version: for amounts beyond 2^53, for explanations, and as the oracle of the fast one. */
function priceBig(rate: Rate, startedAt: number, billed: number): Micros {
  const { price, stretches } = partition(rate, startedAt, billed);
  const sum = sumOf(price, stretches);
  const minimum = BigInt(price.minimumNumerator);
  const units = divideBig(sum < minimum ? minimum : sum, BigInt(rate.divisor), rate.rounding);
  return micros(units * rate.microsPerUnit);
}

function sumOf(price: BandPrice, stretches: readonly PricedStretch[]): bigint {
  return stretches.reduce(
    (sum, stretch) => sum + BigInt(stretch.billedSeconds) * BigInt(stretch.pricePerMinute),
    (BigInt(price.connectionCharge) + BigInt(price.pricePerCall)) * BigInt(SECONDS_A_MINUTE),
  );
}

/** The price in force at the start, and the billed seconds by the band in which each increment starts. */
function partition(rate: Rate, startedAt: number, billed: number): { price: BandPrice; stretches: PricedStretch[] } {
  const price = priceAt(rate, startedAt);
  const stretches: PricedStretch[] = [];
  const add = (seconds: number, { band, pricePerMinute }: BandPrice): void => {
    const last = stretches[stretches.length - 1];
    if (last === undefined || last.band !== band) stretches.push({ band, billedSeconds: seconds, pricePerMinute });
    else stretches[stretches.length - 1] = { ...last, billedSeconds: last.billedSeconds + seconds };
  };
  if (rate.calendar === null) {
    add(billed, price);
    return { price, stretches };
  }
  add(rate.initialIncrementS, price);
  for (let done = rate.initialIncrementS; done < billed;) {
    const at = startedAt + done * 1000;
    const end = rate.calendar.starts[bandStretchAt(rate.calendar, at) + 1] ?? Infinity;
    const whole = Math.ceil((end - at) / (rate.nextIncrementS * 1000)) * rate.nextIncrementS;
    const seconds = Math.min(billed - done, whole);
    add(seconds, priceAt(rate, at));
    done += seconds;
  }
  return { price, stretches };
}

function priceAt({ bandPrices, calendar, price }: Rate, instant: number): BandPrice {
  if (bandPrices === null || calendar === null) return price;
  return bandPrices[calendar.bands[bandStretchAt(calendar, instant)] ?? 0] ?? price;
}
