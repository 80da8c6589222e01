import { lastAtOrBefore, parseDate, type CivilTime } from '../civil-time.ts';
import type { Band } from './deck.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
const MINUTES_A_DAY = 1440;
/** Days of a deck's week: Monday to Sunday, and a holiday. */
const DAY_KINDS = 8;

/**
 * When each band is on, as instants: `bands[i]` (a band's index + 1, 0 for the rest) holds from `starts[i]` to
 * `starts[i + 1]`. What the local clock reads decides, so a change of the clock lengthens or shortens a band.
 */
export interface BandCalendar {
  readonly starts: Float64Array;
  readonly bands: Uint8Array;
}

/** Which band each minute of each kind of day belongs to: index + 1, or 0. */
export function weekTable(bands: readonly Band[]): Uint8Array {
  const table = new Uint8Array(DAY_KINDS * MINUTES_A_DAY);
  bands.forEach(({ windows }, index) => {
    for (const { days, fromMinute, toMinute } of windows) {
      for (const day of days) table.fill(index + 1, day * MINUTES_A_DAY + fromMinute, day * MINUTES_A_DAY + toMinute);
    }
  });
  return table;
}

/**
 * How often the band may change on one kind of day: every quarter of an hour. Over all covered years that is some two
 * million changes, and 20 MB that are kept; with a change every two minutes it was 1.3 GB.
 */
export const MAX_BAND_CHANGES = 96;

/** A calendar has a byte for the band, of which one value is for hours of none. */
export const MAX_BANDS = 255;

/** The most often that the band changes on one kind of day, its beginning counted. */
export function mostBandChanges(bands: readonly Band[]): number {
  return Math.max(...dayChanges(weekTable(bands)).map(({ length }) => length));
}

/** Compiles bands and holidays over all covered years: some 50,000 changes for a peak from Monday to Friday. */
export function compileBandCalendar(
  bands: readonly Band[],
  holidays: readonly string[],
  civilTime: CivilTime,
): BandCalendar {
  const changes = dayChanges(weekTable(bands));
  const holidaySet = new Set(holidays.map((date) => (parseDate(date) ?? 0) / DAY));
  const most = Math.max(...changes.map(({ length }) => length));
  // Arrays of numbers would grow to several times what is kept.
  const size = civilTime.stretches.reduce(
    (sum, { from, to, offsetMs }) => sum + (dayOf(to - 1 + offsetMs) - dayOf(from + offsetMs) + 1) * most,
    0,
  );
  const starts = new Float64Array(size);
  const found = new Uint8Array(size);
  let count = 0;
  let current = -1;
  for (const { from, to, offsetMs } of civilTime.stretches) {
    const lastDay = dayOf(to - 1 + offsetMs);
    for (let day = dayOf(from + offsetMs); day <= lastDay; day += 1) {
      // Day 0 of the epoch was a Thursday.
      const kind = holidaySet.has(day) ? 7 : (day + 3) % 7;
      for (const { minute, band } of changes[kind] ?? []) {
        const instant = Math.max(day * DAY + minute * MINUTE - offsetMs, from);
        if (instant >= to) break;
        if (count > 0 && starts[count - 1] === instant) {
          // Several changes before the stretch began: the last of them holds.
          count -= 1;
          current = count === 0 ? -1 : found[count - 1]!;
        }
        if (band === current) continue;
        starts[count] = instant;
        found[count] = band;
        count += 1;
        current = band;
      }
    }
  }
  return { starts: starts.slice(0, count), bands: found.slice(0, count) };
}

/** The day of an instant of local time, counted from the epoch. */
function dayOf(local: number): number {
  return Math.floor(local / DAY);
}

/** Index of the stretch of one band that holds at `instant`. */
export function bandStretchAt(calendar: BandCalendar, instant: number): number {
  return lastAtOrBefore(calendar.starts, instant);
}

interface Change {
  readonly minute: number;
  readonly band: number;
}

/** The minutes of each kind of day at which the band changes, always with minute 0. */
function dayChanges(table: Uint8Array): Change[][] {
  return Array.from({ length: DAY_KINDS }, (_, kind) => {
    const changes: Change[] = [];
    for (let minute = 0; minute < MINUTES_A_DAY; minute += 1) {
      const band = table[kind * MINUTES_A_DAY + minute] ?? 0;
      if (changes[changes.length - 1]?.band !== band) changes.push({ minute, band });
    }
    return changes;
  });
}
