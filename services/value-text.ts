import { type CivilTime, FIRST_YEAR, formatMicros, LAST_YEAR, micros } from '../tariffs/index.ts';

/** An instant in civil time, to the second, or to the ms where it has any: `2026-11-03 10:15:00.123`. */
export function showInstant(instant: number, civilTime: CivilTime): string {
  if (!Number.isFinite(instant)) return instant > 0 ? 'no end' : 'the beginning';
  const local = civilTime.covers(instant) ? instant + civilTime.offsetMs(instant) : instant;
  const text = new Date(local).toISOString().replace('T', ' ').replace('Z', '');
  return text.endsWith('.000') ? text.slice(0, -4) : text;
}

/** A period `202611` as `2026-11`. */
export function showPeriod(period: number): string {
  return `${Math.floor(period / 100)}-${String(period % 100).padStart(2, '0')}`;
}

/** A period written `2026-11` or `202611`; `null` when it is neither, or of no year that a call can be of. */
export function parsePeriod(text: string): number | null {
  const match = /^(\d{4})-?(0[1-9]|1[0-2])$/.exec(text);
  const year = Number(match?.[1]);
  return match === null || year < FIRST_YEAR || year > LAST_YEAR ? null : year * 100 + Number(match[2]);
}

/** Micros as an amount with at least two decimals, and no needless zeros beyond: `12345.60`. */
export function moneyText(amount: number): string {
  return formatMicros(micros(amount)).replace(/0{1,4}$/, '');
}
