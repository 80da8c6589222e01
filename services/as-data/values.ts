import { formatMicros, micros } from '../../tariffs/index.ts';

/** Money as data: decimal text with six decimals. @param amount micros */
export function plainMoney(amount: number): string {
  return formatMicros(micros(amount));
}

/** An instant as data: ISO 8601, UTC. @param instant ms since the epoch */
export function isoInstant(instant: number): string {
  return new Date(instant).toISOString();
}

/** The same of an end of a span, which may be open: `null`. */
export function isoEnd(instant: number): string | null {
  return Number.isFinite(instant) ? isoInstant(instant) : null;
}
