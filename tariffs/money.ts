/** Money: an integer count of 10^-6 units of the deck's currency. 1.25 EUR is 1_250_000. */
export type Micros = number & { readonly __brand: 'Micros' };

/** A price in a deck, finer than a charge: an integer count of 10^-9 units of the deck's currency. */
export type Nanos = number & { readonly __brand: 'Nanos' };

/** How a charge is brought to its number of decimals: to the nearest (a half goes up), always up, always down. */
export type Rounding = 'half-up' | 'up' | 'down';

/** Decimals of a charge at most, and when nothing else is said. */
export const CHARGE_DECIMALS = 6;

/** Decimals of a price at most. */
export const PRICE_DECIMALS = 9;

/**
 * Highest price a deck may name, a minute or a call, in whole currency units. With `MAX_DURATION_MS` it keeps every
 * charge far below 2^53 micros, so that pricing cannot overflow.
 */
export const MAX_PRICE = 50_000;

export const NO_MONEY: Micros = micros(0);

/** The integer `count` as money; throws when it is not an integer that JavaScript holds exactly. */
export function micros(count: number): Micros {
  assertCount(count);
  // The one place where a count becomes money.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return count as Micros;
}

/** The integer `count` of 10^-9 units as a price; throws as `micros` does. */
export function nanos(count: number): Nanos {
  assertCount(count);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return count as Nanos;
}

/** Money from plain decimal text such as `-0.125`; `null` when it is none, or has more than 6 decimals. */
export function parseMicros(text: string): Micros | null {
  const count = parseScaled(text, CHARGE_DECIMALS);
  return count === null ? null : micros(count);
}

/** A price from plain decimal text such as `0.0125`; `null` when it is none, negative, or has more than 9 decimals. */
export function parseNanos(text: string): Nanos | null {
  const count = parseScaled(text, PRICE_DECIMALS);
  return count === null || count < 0 ? null : nanos(count);
}

/** `1250000` as `1.250000`: always 6 decimals, `-` in front of a negative amount, no currency sign. */
export function formatMicros(amount: Micros): string {
  return formatScaled(amount, CHARGE_DECIMALS);
}

/** A price without needless zeros: `12_500_000` as `0.0125`. */
export function formatNanos(price: Nanos): string {
  return formatScaled(price, PRICE_DECIMALS).replace(/\.?0+$/, '');
}

/** Whole part of `dividend / divisor`, exact: both integers, `dividend` from 0 to 2^53 - 1, `divisor` from 1. */
export function divideDown(dividend: number, divisor: number): number {
  const quotient = Math.floor(dividend / divisor);
  // The floating quotient can have been rounded up to the next integer; the remainder cannot lie.
  return quotient * divisor > dividend ? quotient - 1 : quotient;
}

/** `dividend / divisor` rounded up to an integer; the bounds of `divideDown`. */
export function divideUp(dividend: number, divisor: number): number {
  const quotient = divideDown(dividend, divisor);
  return quotient * divisor === dividend ? quotient : quotient + 1;
}

/** `dividend / divisor` rounded to the nearest integer, a half up; the bounds of `divideDown`. */
export function divideHalfUp(dividend: number, divisor: number): number {
  const quotient = divideDown(dividend, divisor);
  const remainder = dividend - quotient * divisor;
  return remainder >= divisor - remainder ? quotient + 1 : quotient;
}

/** `dividend / divisor` by the named rounding; the bounds of `divideDown`. */
export function divide(dividend: number, divisor: number, rounding: Rounding): number {
  if (rounding === 'half-up') return divideHalfUp(dividend, divisor);
  return rounding === 'up' ? divideUp(dividend, divisor) : divideDown(dividend, divisor);
}

/** The same for dividends beyond 2^53; not negative. The quotient must be exact in a number, or it throws. */
export function divideBig(dividend: bigint, divisor: bigint, rounding: Rounding): number {
  const quotient = dividend / divisor;
  const remainder = dividend % divisor;
  const goesUp = rounding === 'half-up' ? remainder * 2n >= divisor : rounding === 'up' && remainder > 0n;
  const count = Number(goesUp ? quotient + 1n : quotient);
  assertCount(count);
  return count;
}

function assertCount(count: number): void {
  if (!Number.isSafeInteger(count)) throw new RangeError(`Cannot hold amount '${count}': not an exact integer`);
}

function parseScaled(text: string, decimals: number): number | null {
  const match = /^(-?)(\d{1,16})(?:\.(\d+))?$/.exec(text);
  if (match === null) return null;
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  if (fraction.length > decimals) return null;
  const count = Number(BigInt(match[2] + fraction.padEnd(decimals, '0')));
  if (!Number.isSafeInteger(count)) return null;
  return match[1] === '-' && count !== 0 ? -count : count;
}

function formatScaled(count: number, decimals: number): string {
  const digits = String(Math.abs(count)).padStart(decimals + 1, '0');
  const whole = digits.slice(0, -decimals);
  return `${count < 0 ? '-' : ''}${whole}.${digits.slice(-decimals)}`;
}
