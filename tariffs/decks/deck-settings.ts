import { isTimeZone, parseDate } from '../civil-time.ts';
import { MAX_BAND_CHANGES, MAX_BANDS, mostBandChanges } from './band-calendar.ts';
import type { Band, BandWindow, DeckFault, DeckFaultCode } from './deck.ts';

/** What a deck says of itself above its table, on lines that begin with `#`. */
export interface DeckSettings {
  name: string;
  currency: string;
  timeZone: string;
  readonly bands: Band[];
  readonly holidays: string[];
}

const SETTINGS = ['name', 'currency', 'time_zone', 'band', 'holiday'];
const DAY_NAMES = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun', 'holiday'];
const MINUTES_A_DAY = 1440;

/** Whether a record is a comment: a `#` alone or with a space after it. */
export function isComment(cells: readonly string[]): boolean {
  return /^#(\s|$)/.test(cells[0] ?? '');
}

/** Whether a record is a setting: `#name`, `#band`, … */
export function isSetting(cells: readonly string[]): boolean {
  return (cells[0] ?? '').startsWith('#');
}

/**
 * Reads one setting into `settings`; `seen` holds the line of each setting that may stand once. Pushes what is wrong
 * with it to `faults`.
 */
export function readSetting(
  cells: readonly string[],
  line: number,
  settings: DeckSettings,
  seen: Map<string, number>,
  faults: DeckFault[],
): void {
  const [head = '', ...values] = cells;
  const name = head.slice(1).toLowerCase();
  const value = values[0] ?? '';
  const report = (code: DeckFaultCode, found: string, message: string): void => {
    faults.push({ code, line, column: head, value: found, message });
  };
  const bad = (message: string): void => report('bad-setting', value, message);
  if (!SETTINGS.includes(name)) {
    return report('unknown-setting', head, `Cannot read setting '${head}': known are #${SETTINGS.join(', #')}`);
  }
  if (name === 'band') {
    readBand(values, settings, report);
    return checkBandBounds(values, line, settings, seen, report);
  }
  if (name === 'holiday') {
    if (parseDate(value) === null) return bad(`Cannot read holiday '${value}': not a date as 2026-12-25`);
    if (!settings.holidays.includes(value)) settings.holidays.push(value);
    return undefined;
  }
  const before = seen.get(name);
  if (before !== undefined)
    return report('duplicate-setting', value, `Cannot set ${head} twice: set on line ${before}`);
  seen.set(name, line);
  if (name === 'name') {
    if (value === '') return bad(`Cannot name the deck '': the name is empty`);
    settings.name = value;
  } else if (name === 'currency') {
    if (!/^[A-Z]{3}$/.test(value)) return bad(`Cannot read currency '${value}': not an ISO 4217 code as EUR`);
    settings.currency = value;
  } else {
    if (!isTimeZone(value)) return bad(`Cannot read time zone '${value}': not an IANA name as Europe/Paris`);
    settings.timeZone = value;
  }
  return undefined;
}

type Report = (code: DeckFaultCode, value: string, message: string) => void;

/** `#band,peak,Mon-Fri,08:00-20:00`; lines of the same name add windows to the band. */
function readBand(values: readonly string[], settings: DeckSettings, report: Report): void {
  const [name = '', daysText = '', hoursText = ''] = values;
  if (name === '') return report('bad-setting', name, `Cannot read band '': it has no name`);
  const days = parseDays(daysText);
  if (days === null) {
    return report(
      'bad-setting',
      daysText,
      `Cannot read days '${daysText}' of band '${name}': not as Mon-Fri or Sat Sun holiday`,
    );
  }
  const hours = parseHours(hoursText);
  if (hours === null) {
    return report(
      'bad-setting',
      hoursText,
      `Cannot read hours '${hoursText}' of band '${name}': not as 08:00-20:00, within one day`,
    );
  }
  const window: BandWindow = { days, ...hours };
  const rival = settings.bands.find((band) => band.windows.some((other) => overlap(other, window)));
  if (rival !== undefined) {
    return report(
      'overlapping-bands',
      `${daysText} ${hoursText}`,
      `Cannot add '${daysText} ${hoursText}' to band '${name}': it overlaps band '${rival.name}'`,
    );
  }
  const at = settings.bands.findIndex((band) => band.name === name);
  const band = settings.bands[at];
  if (band === undefined) settings.bands.push({ name, windows: [window] });
  else settings.bands[at] = { name, windows: [...band.windows, window] };
  return undefined;
}

/** Told once, at the first line that is too much: the bands of a deck are compiled over all the years there are. */
function checkBandBounds(
  values: readonly string[],
  line: number,
  { bands }: DeckSettings,
  seen: Map<string, number>,
  report: Report,
): void {
  const [name = '', daysText = '', hoursText = ''] = values;
  if (seen.has(BAND_BOUNDS)) return;
  if (bands.length > MAX_BANDS) {
    report('too-many-bands', name, `Cannot add band '${name}': a deck has at most ${MAX_BANDS} bands`);
  } else if (mostBandChanges(bands) > MAX_BAND_CHANGES) {
    const window = `${daysText} ${hoursText}`;
    report(
      'too-many-band-changes',
      window,
      `Cannot add '${window}' to band '${name}': the band would change more than ${MAX_BAND_CHANGES} times a day`,
    );
  } else return;
  seen.set(BAND_BOUNDS, line);
}

/** No setting has this name. */
const BAND_BOUNDS = 'bounds of bands';

function overlap(left: BandWindow, right: BandWindow): boolean {
  const sharesDay = left.days.some((day) => right.days.includes(day));
  return sharesDay && left.fromMinute < right.toMinute && right.fromMinute < left.toMinute;
}

/** `Mon-Fri`, `Sat Sun`, `Fri-Mon holiday`, `daily`; `null` when it is none of these. */
function parseDays(text: string): number[] | null {
  const words = text
    .toLowerCase()
    .split(/[\s;+]+/)
    .filter((word) => word !== '');
  const days = new Set<number>();
  for (const word of words) {
    if (word === 'daily') for (let day = 0; day < 8; day += 1) days.add(day);
    else {
      const [first = '', last = first, more] = word.split('-');
      const [from, to] = [DAY_NAMES.indexOf(first), DAY_NAMES.indexOf(last)];
      if (from < 0 || to < 0 || more !== undefined || (from !== to && (from === 7 || to === 7))) return null;
      for (let day = from; ; day = (day + 1) % 7) {
        days.add(day);
        if (day === to || from === 7) break;
      }
    }
  }
  return days.size === 0 ? null : [...days].toSorted((left, right) => left - right);
}

/** `08:00-20:00` or `00:00-24:00`; a window that passes midnight is written as two. */
function parseHours(text: string): { fromMinute: number; toMinute: number } | null {
  const match = /^(\d\d?):(\d\d)-(\d\d?):(\d\d)$/.exec(text);
  if (match === null) return null;
  const [fromHour, fromMinutes, toHour, toMinutes] = match.slice(1).map(Number);
  if ((fromMinutes ?? 60) > 59 || (toMinutes ?? 60) > 59) return null;
  const fromMinute = (fromHour ?? 0) * 60 + (fromMinutes ?? 0);
  const toMinute = (toHour ?? 0) * 60 + (toMinutes ?? 0);
  return fromMinute < toMinute && toMinute <= MINUTES_A_DAY ? { fromMinute, toMinute } : null;
}
