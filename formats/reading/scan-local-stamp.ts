import { type LocalClock, instantsOfLocal } from './local-clock.ts';

const NO_DIGITS = -100_000;
const [DASH, SPACE, COLON] = [0x2d, 0x20, 0x3a];
const DAY_MS = 86_400_000;

/**
 * `parseLocalStamp` and `instantsOfLocal` on bytes `[start, end)`: the instant at which the clock reads
 * `2026-11-03 10:15:00`, ms since the epoch. NaN where the text is no such time, or the clock reads it never or twice.
 */
export function scanLocalStamp(bytes: Uint8Array, start: number, end: number, clock: LocalClock): number {
  if (end - start !== 19 || bytes[start + 4] !== DASH || bytes[start + 7] !== DASH || bytes[start + 10] !== SPACE) {
    return NaN;
  }
  if (bytes[start + 13] !== COLON || bytes[start + 16] !== COLON) return NaN;
  const year = two(bytes, start) * 100 + two(bytes, start + 2);
  const date = year * 10_000 + two(bytes, start + 5) * 100 + two(bytes, start + 8);
  const hour = two(bytes, start + 11);
  const minute = two(bytes, start + 14);
  const second = two(bytes, start + 17);
  // What is no digit makes these negative.
  if (date < 0 || hour < 0 || minute < 0 || second < 0 || hour > 23 || minute > 59 || second > 59) return NaN;
  if (date !== lastDate) {
    lastDate = date;
    lastDay = dayOf(date);
  }
  const local = lastDay + hour * 3_600_000 + minute * 60_000 + second * 1000;
  if (local === lastLocal && clock === lastClock) return lastInstant;
  const instants = instantsOfLocal(clock, local);
  lastLocal = local;
  lastClock = clock;
  return (lastInstant = instants.length === 1 ? instants[0]! : NaN);
}

// Nearly all stamps that follow each other are of one day, and a row has its time more than once.
let lastDate = NaN;
let lastDay = NaN;
let lastLocal = NaN;
let lastClock: LocalClock | null = null;
let lastInstant = NaN;

/** The begin of a day, given as `yyyymmdd`; NaN where there is no such day from the year 1000 on. */
function dayOf(date: number): number {
  const [year, month, day] = [Math.floor(date / 10_000), Math.floor(date / 100) % 100, date % 100];
  if (year < 1_000 || month < 1 || month > 12 || day < 1) return NaN;
  const begin = Date.UTC(year, month - 1, day);
  // A day that the month does not have would be one of the next.
  return Math.floor(begin / DAY_MS) * DAY_MS === begin && new Date(begin).getUTCDate() === day ? begin : NaN;
}

function two(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 0x30;
  const ones = bytes[at + 1]! - 0x30;
  return tens >>> 0 <= 9 && ones >>> 0 <= 9 ? tens * 10 + ones : NO_DIGITS;
}
