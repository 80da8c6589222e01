import { type CivilTime, FIRST_YEAR, formatMicros, LAST_YEAR, type Micros, micros } from '../tariffs/index.ts';

/** Money for people: at least two decimals, no needless zeros beyond, thousands apart: `12,345.60`. */
export function showMoney(amount: number): string {
  const [whole = '0', decimals = ''] = formatMicros(micros(amount)).split('.');
  return `${groupThousands(whole)}.${decimals.replace(/0{1,4}$/, '')}`;
}

/** Money for machines: six decimals, no separators. */
export function plainMoney(amount: number): string {
  const exact: Micros = micros(amount);
  return formatMicros(exact);
}

/** `200000` as `200,000`. */
export function showCount(count: number): string {
  return groupThousands(String(Math.round(count)));
}

/** `1 call`, `2 calls`; `1 entry`, `2 entries` where the plural is given. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${showCount(count)} ${count === 1 ? noun : nouns}`;
}

/** An instant in civil time, to the second, or to the ms where it has any: `2026-11-03 10:15:00.123`. */
export function showInstant(instant: number, civilTime: CivilTime): string {
  if (!Number.isFinite(instant)) return instant > 0 ? 'no end' : 'the beginning';
  const local = civilTime.covers(instant) ? instant + civilTime.offsetMs(instant) : instant;
  const text = new Date(local).toISOString().replace('T', ' ').replace('Z', '');
  return text.endsWith('.000') ? text.slice(0, -4) : text;
}

/** A duration in ms as `1 h 02 min 03 s`; milliseconds are shown where there are any. */
export function showDuration(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1000);
  const rest = durationMs % 1000;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const tail = `${seconds % 60}${rest === 0 ? '' : `.${String(rest).padStart(3, '0')}`} s`;
  if (hours > 0) return `${hours} h ${String(minutes).padStart(2, '0')} min ${tail}`;
  return minutes > 0 ? `${minutes} min ${tail}` : tail;
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

/** Bytes as people read them: `1.2 MB`. */
export function showBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`;
}

function groupThousands(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}
