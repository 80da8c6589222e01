import type { CivilTime } from '../../tariffs/index.ts';
import { quote } from '../canonical/canonical-fields.ts';
import { bad, type DecodedBad } from '../format.ts';

/** How a zone's clock runs: what the conversion of switch-local times needs of `CivilTime`. */
export type LocalClock = Pick<CivilTime, 'offsetMs' | 'covers'>;

const HALF_DAY = 43_200_000;

/**
 * `2026-10-25 02:30:00` as ms of the local clock since the epoch; `null` when the text is no such time.
 */
export function parseLocalStamp(text: string): number | null {
  if (text !== lastText) {
    lastText = text;
    last = parsedStamp(text);
  }
  return last;
}

// A row's times are read several times over, and rows that follow one another share theirs.
let lastText = '';
let last: number | null = null;

/** Digit by digit: a pattern and a date of each row cost more than all else that is read of its times. */
function parsedStamp(text: string): number | null {
  if (text.length !== 19 || text[4] !== '-' || text[7] !== '-' || text[10] !== ' ') return null;
  if (text[13] !== ':' || text[16] !== ':') return null;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const [month, day] = [twoDigits(text, 5), twoDigits(text, 8)];
  const [hour, minute, second] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)];
  // What is no digit makes each of these false.
  if (!(year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return null;
  if (!(hour < 24 && minute < 60 && second < 60)) return null;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function twoDigits(text: string, at: number): number {
  const [tens, ones] = [text.charCodeAt(at) - 48, text.charCodeAt(at + 1) - 48];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/**
 * The instants at which the clock reads `localMs`, in order: one; two in the hour that comes twice when summer time
 * ends; none in the hour that is skipped when it begins, or outside the years that the clock covers.
 */
export function instantsOfLocal(clock: LocalClock, localMs: number): readonly number[] {
  if (!clock.covers(localMs - 2 * HALF_DAY) || !clock.covers(localMs + 2 * HALF_DAY)) return [];
  // No zone changes its clock twice within these 28 hours, so the two offsets around are all there are.
  const before = clock.offsetMs(localMs - HALF_DAY - 7_200_000);
  const after = clock.offsetMs(localMs + HALF_DAY + 7_200_000);
  if (before === after) return [localMs - before];
  const instants = new Set([localMs - before, localMs - after]);
  return [...instants].filter((at) => at + clock.offsetMs(at) === localMs).toSorted((a, b) => a - b);
}

/** Instants that a local time of a record can mean: one, or two in the hour that comes twice. */
export interface PlacedTime {
  readonly instants: readonly number[];
}

/** Where a local time of a record lies; `text` as `parse` reads it, `2026-11-03 10:15:00` where none is given. */
export function placeLocal(
  name: string,
  text: string,
  clock: LocalClock,
  parse: (text: string) => number | null = parseLocalStamp,
): PlacedTime | DecodedBad {
  const local = parse(text);
  if (local === null) {
    return bad('invalid-field', `Cannot read ${name}: ${quote(text)} is no time such as '2026-11-03 10:15:00'`);
  }
  const instants = instantsOfLocal(clock, local);
  if (instants.length > 0) return { instants };
  return bad(
    'nonexistent-local-time',
    `Cannot place ${name}: the local clock never reads ${quote(text)} from 2000 to 2060`,
  );
}

/**
 * Settles an answer and an end by the local clock: of the instants that they can mean, the pair whose span is nearest
 * to what the switch bills; the earlier answer where several are.
 */
export function spanOfLocal(answer: PlacedTime, end: PlacedTime, billedMs: number) {
  const pairs = answer.instants.flatMap((startedAt) =>
    end.instants.map((endedAt) => ({ startedAt, spanMs: endedAt - startedAt })),
  );
  const off = ({ spanMs }: { readonly spanMs: number }): number => Math.abs(spanMs - billedMs);
  const best = pairs.reduce((nearest, pair) => (off(pair) < off(nearest) ? pair : nearest));
  return { ...best, isAmbiguous: answer.instants.length > 1 };
}
