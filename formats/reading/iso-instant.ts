const instantPattern = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,3}))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/**
 * From 2001-01-01 (inclusive) to 2060-01-01 (exclusive), UTC: outside it an epoch or a unit is wrong. Civil time
 * covers it in every zone.
 */
export const FIRST_INSTANT = 978_307_200_000;
export const END_INSTANT = 2_840_140_800_000;

/** No zone is further from UTC: `+14:00`, as in Kiribati. */
const MOST_OFFSET_MINUTES = 14 * 60;
/** What was read before offsets were checked to the minute: the ledger has such records. */
const MOST_KEPT_OFFSET_MINUTES = 14 * 60 + 59;

/**
 * `2026-11-03T10:15:00.123Z`, or with `±HH:MM`, to ms since the epoch; `null` where it is no such instant.
 * The plain reading, in words; `scanIsoInstant` is the fast one on bytes and must agree with it.
 */
export function parseIsoText(text: string): number | null {
  return instantOf(text, MOST_OFFSET_MINUTES);
}

/** The same for a record that was accepted before: what was read once is read for ever. */
export function parseKeptIsoText(text: string): number | null {
  return instantOf(text, MOST_KEPT_OFFSET_MINUTES);
}

function instantOf(text: string, mostOffsetMinutes: number): number | null {
  const match = instantPattern.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const [, , , , , , , fraction, sign, offsetHours, offsetMinutes] = match;
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const back = new Date(local);
  const isReal = back.getUTCMonth() + 1 === month && back.getUTCDate() === day && back.getUTCHours() === hour;
  if (!isReal || Number(minute) > 59 || Number(second) > 59) return null;
  const minutesOff = Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0);
  if (minutesOff > mostOffsetMinutes || Number(offsetMinutes ?? 0) > 59) return null;
  const offset = minutesOff * 60_000;
  const ms = Number((fraction ?? '').padEnd(3, '0'));
  return inRange(local + ms - (sign === '-' ? -offset : offset));
}

function inRange(instant: number): number | null {
  return instant >= FIRST_INSTANT && instant < END_INSTANT ? instant : null;
}

const ZERO = 48;
const NOT_DIGITS = -100_000;

/** Two decimal digits at `at`; far below zero when either is none. */
function two(view: DataView, at: number): number {
  const tens = view.getUint8(at) - ZERO;
  const ones = view.getUint8(at + 1) - ZERO;
  return tens >>> 0 <= 9 && ones >>> 0 <= 9 ? tens * 10 + ones : NOT_DIGITS;
}

/** `parseIsoText` on bytes `[start, end)`, without a string; NaN where it would say `null`. */
export function scanIsoInstant(view: DataView, start: number, end: number): number {
  if (
    end - start < 20 ||
    view.getUint8(start + 4) !== 45 ||
    view.getUint8(start + 7) !== 45 ||
    view.getUint8(start + 10) !== 84
  )
    return NaN;
  if (view.getUint8(start + 13) !== 58 || view.getUint8(start + 16) !== 58) return NaN;
  const year = two(view, start) * 100 + two(view, start + 2);
  const month = two(view, start + 5);
  const day = two(view, start + 8);
  const hour = two(view, start + 11);
  const minute = two(view, start + 14);
  const second = two(view, start + 17);
  // The years around the range, because an offset may still bring the instant into it.
  if (year < 2000 || year > 2060 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return NaN;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return NaN;
  let at = start + 19;
  let ms = 0;
  if (view.getUint8(at) === 46) {
    let scale = 100;
    for (at++; at < end; at++) {
      const digit = view.getUint8(at) - ZERO;
      if (digit >>> 0 > 9) break;
      if (scale < 1) return NaN;
      ms += digit * scale;
      scale = scale === 1 ? 0 : scale / 10;
    }
    if (scale === 100) return NaN;
  }
  const offset = scanOffset(view, at, end);
  const instant = (daysSinceEpoch(year, month, day) * 1440 + hour * 60 + minute - offset) * 60_000 + second * 1000 + ms;
  return instant >= FIRST_INSTANT && instant < END_INSTANT ? instant : NaN;
}

/** `Z` or `±HH:MM` up to `end`, in minutes east; NaN when it is neither. */
function scanOffset(view: DataView, at: number, end: number): number {
  const sign = view.getUint8(at);
  if (sign === 90) return at + 1 === end ? 0 : NaN;
  if ((sign !== 43 && sign !== 45) || at + 6 !== end || view.getUint8(at + 3) !== 58) return NaN;
  const hours = two(view, at + 1);
  const minutes = two(view, at + 4);
  const offset = hours * 60 + minutes;
  if (hours < 0 || minutes < 0 || minutes > 59 || offset > MOST_OFFSET_MINUTES) return NaN;
  return sign === 45 ? -offset : offset;
}

const monthLengths = Uint8Array.of(0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);
const daysBeforeMonth = Uint16Array.of(0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334);

function isLeapYear(year: number): boolean {
  return (year & 3) === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : (monthLengths[month] ?? 0);
}

/** Days from 1970-01-01 to the given day of the Gregorian calendar. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const past = year - 1;
  const leapDays = (past >> 2) - Math.trunc(past / 100) + Math.trunc(past / 400) - 477;
  const leapDay = month > 2 && isLeapYear(year) ? 1 : 0;
  return (year - 1970) * 365 + leapDays + (daysBeforeMonth[month] ?? 0) + leapDay + day - 1;
}
