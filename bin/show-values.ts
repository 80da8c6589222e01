import { formatMicros, micros } from '../tariffs/index.ts';

export { parsePeriod, plainMoney, showInstant, showPeriod } from '../services/index.ts';

/** Money for people: at least two decimals, no needless zeros beyond, thousands apart: `12,345.60`. */
export function showMoney(amount: number): string {
  const [whole = '0', decimals = ''] = formatMicros(micros(amount)).split('.');
  return `${groupThousands(whole)}.${decimals.replace(/0{1,4}$/, '')}`;
}

/** `200000` as `200,000`. */
export function showCount(count: number): string {
  return groupThousands(String(Math.round(count)));
}

/** `1 call`, `2 calls`; `1 entry`, `2 entries` where the plural is given. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${showCount(count)} ${count === 1 ? noun : nouns}`;
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
