/** Years whose instants are covered: `[2000-01-01, 2061-01-01)` of civil time. */
export const FIRST_YEAR = 2000;
export const LAST_YEAR = 2060;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
/** 1970-01-01 was a Thursday: three days after a Monday. */
const EPOCH_WEEKDAY = 3;

/**
 * Civil time of one IANA zone, compiled to tables: no instant costs a call of `Intl`. Instants are ms since the epoch;
 * a period is a civil month as `yyyymm`. Instants outside the covered years throw: ask `covers` first at an edge.
 */
export interface CivilTime {
  readonly timeZone: string;
  /** First covered instant, and the first that is not covered any more. */
  readonly firstInstant: number;
  readonly endInstant: number;
  covers(instant: number): boolean;
  /** Civil month of an instant, e.g. 202611. */
  periodOf(instant: number): number;
  /** First instant of a civil month. */
  periodStart(period: number): number;
  /** First instant after a civil month. */
  periodEnd(period: number): number;
  nextPeriod(period: number): number;
  previousPeriod(period: number): number;
  /** What to add to UTC to read the local clock, ms. */
  offsetMs(instant: number): number;
  /** Hour of the local clock, 0 to 23. */
  hourOfDay(instant: number): number;
  /** 0 is Monday, 6 is Sunday. */
  weekday(instant: number): number;
  /** Minutes since Monday 00:00 of the local clock, 0 to 10,079. */
  minuteOfWeek(instant: number): number;
  /** Local date as `2026-11-21`. */
  date(instant: number): string;
  /**
   * First instant at which the local clock reads this date and time (ms of the local clock since the epoch) or later.
   */
  instantOfLocal(localMs: number): number;
  /** Stretches of one offset, in order, that cover all instants: for tables made by others. */
  readonly stretches: readonly Stretch[];
  /**
   * An instant from text: ISO 8601 with `Z` or an offset (`2026-11-03T10:15:00.123+01:00`), or a plain date, which is
   * that midnight here. `null` when the text is neither, names a day or time that does not exist, or is not covered.
   */
  parseInstant(text: string): number | null;
}

/** Instants `[from, to)` with one offset from UTC. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly offsetMs: number;
}

/** Whether the runtime knows the IANA zone `name`. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}

const compiled = new Map<string, CivilTime>();

/**
 * Civil time of an IANA zone, compiled once per process (about 10 ms) and shared. Throws `RangeError` for a zone that
 * the runtime does not know.
 */
export function compileCivilTime(timeZone: string): CivilTime {
  const known = compiled.get(timeZone);
  if (known !== undefined) return known;
  const civilTime = compileZone(timeZone);
  compiled.set(timeZone, civilTime);
  return civilTime;
}

function compileZone(timeZone: string): CivilTime {
  const stretches = offsetStretches(timeZone);
  const starts = Float64Array.from(stretches, (stretch) => stretch.from);
  const offsets = Float64Array.from(stretches, (stretch) => stretch.offsetMs);
  const months = Float64Array.from({ length: (LAST_YEAR - FIRST_YEAR + 1) * 12 + 1 }, (_, month) =>
    instantOf(stretches, Date.UTC(FIRST_YEAR, month, 1)),
  );
  const firstInstant = months[0] ?? 0;
  const endInstant = months[months.length - 1] ?? 0;

  // The last month and the last stretch found: calls come more or less in order of time.
  let monthFrom = 0;
  let monthTo = 0;
  let month = 0;
  let stretchFrom = 0;
  let stretchTo = 0;
  let offset = 0;

  function assertCovered(instant: number): void {
    if (instant >= firstInstant && instant < endInstant) return;
    throw new RangeError(
      `Cannot tell civil time of instant '${instant}' in '${timeZone}': outside ${FIRST_YEAR} to ${LAST_YEAR}`,
    );
  }

  function periodOf(instant: number): number {
    if (instant >= monthFrom && instant < monthTo) return month;
    assertCovered(instant);
    const index = lastAtOrBefore(months, instant);
    monthFrom = months[index] ?? 0;
    monthTo = months[index + 1] ?? 0;
    month = (FIRST_YEAR + Math.floor(index / 12)) * 100 + (index % 12) + 1;
    return month;
  }

  function offsetMs(instant: number): number {
    if (instant >= stretchFrom && instant < stretchTo) return offset;
    assertCovered(instant);
    const index = lastAtOrBefore(starts, instant);
    stretchFrom = Math.max(starts[index] ?? 0, firstInstant);
    stretchTo = Math.min(starts[index + 1] ?? endInstant, endInstant);
    offset = offsets[index] ?? 0;
    return offset;
  }

  function monthStart(period: number, monthsLater: number): number {
    const start = months[monthIndex(period) + monthsLater];
    if (start === undefined)
      throw new RangeError(`Cannot find period '${period}': outside ${FIRST_YEAR} to ${LAST_YEAR}`);
    return start;
  }

  function minuteOfWeek(instant: number): number {
    const local = instant + offsetMs(instant) + EPOCH_WEEKDAY * DAY;
    return Math.floor((local - Math.floor(local / WEEK) * WEEK) / 60_000);
  }

  return {
    timeZone,
    firstInstant,
    endInstant,
    stretches,
    covers: (instant) => instant >= firstInstant && instant < endInstant,
    periodOf,
    periodStart: (period) => monthStart(period, 0),
    periodEnd: (period) => monthStart(period, 1),
    nextPeriod,
    previousPeriod: (period) => shiftPeriod(period, -1),
    offsetMs,
    hourOfDay: (instant) => {
      const local = instant + offsetMs(instant);
      return Math.floor((local - Math.floor(local / DAY) * DAY) / HOUR);
    },
    weekday: (instant) => Math.floor(minuteOfWeek(instant) / 1440),
    minuteOfWeek,
    date: (instant) => new Date(instant + offsetMs(instant)).toISOString().slice(0, 10),
    instantOfLocal: (localMs) => instantOf(stretches, localMs),
    parseInstant: (text) => {
      const instant = parseIso(text, stretches);
      return instant !== null && instant >= firstInstant && instant < endInstant ? instant : null;
    },
  };
}

/** ms of midnight UTC of a plain date `2026-11-21`; `null` when the text is none or the day does not exist. */
export function parseDate(text: string): number | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (match === null) return null;
  const ms = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  // Date.UTC carries 30 February into March: only a day that reads back as itself exists.
  return new Date(ms).toISOString().slice(0, 10) === text ? ms : null;
}

const ISO_INSTANT = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?(?:Z|([+-])(\d\d):?(\d\d))$/;

/** No zone is further from UTC: `+14:00`, as in Kiribati. */
const MOST_OFFSET_MINUTES = 14 * 60;
/** Of later days no zone's tables say anything. */
const LAST_DATE = Date.UTC(LAST_YEAR + 1, 0, 1);

function parseIso(text: string, stretches: readonly Stretch[]): number | null {
  const date = parseDate(text);
  if (date !== null) return date < Math.min(LAST_DATE, endOfLocalTime(stretches)) ? instantOf(stretches, date) : null;
  const match = ISO_INSTANT.exec(text);
  if (match === null) return null;
  const day = parseDate(match[1] ?? '');
  const [hour, minute, second] = [Number(match[2]), Number(match[3]), Number(match[4] ?? 0)];
  const [offsetHours, offsetMinutes] = [Number(match[7] ?? 0), Number(match[8] ?? 0)];
  if (day === null || hour > 23 || minute > 59 || second > 59 || offsetMinutes > 59) return null;
  if (offsetHours * 60 + offsetMinutes > MOST_OFFSET_MINUTES) return null;
  const ms = Number((match[5] ?? '').padEnd(3, '0'));
  const offset = (offsetHours * 60 + offsetMinutes) * (match[6] === '-' ? -60_000 : 60_000);
  return day + hour * HOUR + minute * 60_000 + second * 1000 + ms - offset;
}

/** What the clock reads where what is known of it ends. */
function endOfLocalTime(stretches: readonly Stretch[]): number {
  const last = stretches.at(-1);
  return last === undefined ? 0 : last.to + last.offsetMs;
}

/**
 * First instant at which the clock reads `localMs` or later. So a midnight that a change of the clock skips is the
 * change itself, and one that comes twice is the first of the two.
 */
function instantOf(stretches: readonly Stretch[], localMs: number): number {
  for (const { from, to, offsetMs } of stretches) {
    const instant = Math.max(localMs - offsetMs, from);
    if (instant < to) return instant;
  }
  throw new RangeError(`Cannot find local time '${localMs}': after ${LAST_YEAR}`);
}

function monthIndex(period: number): number {
  const [year, month] = [Math.floor(period / 100), period % 100];
  return month < 1 || month > 12 ? -1 : (year - FIRST_YEAR) * 12 + month - 1;
}

/** The month after a month, both yyyymm. */
export function nextPeriod(period: number): number {
  return shiftPeriod(period, 1);
}

function shiftPeriod(period: number, months: number): number {
  const index = Math.floor(period / 100) * 12 + (period % 100) - 1 + months;
  return Math.floor(index / 12) * 100 + (index % 12) + 1;
}

/** Index of the last element that is not after `instant`; the first element is never after it. */
export function lastAtOrBefore(instants: Float64Array, instant: number): number {
  let low = 0;
  let high = instants.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((instants[middle] ?? 0) <= instant) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * The zone's offsets over the covered years and a few days around them. Clocks are probed week by week (no zone has
 * changed them twice within one), then each change is bisected to the second.
 */
function offsetStretches(timeZone: string): Stretch[] {
  const offsetAt = offsetReader(timeZone);
  const first = Date.UTC(FIRST_YEAR, 0, 1) - 3 * DAY;
  const end = Date.UTC(LAST_YEAR + 1, 0, 1) + 3 * DAY;
  const stretches: Stretch[] = [];
  let from = first;
  let offsetMs = offsetAt(first);
  for (let probe = first; probe < end; probe += WEEK) {
    const next = Math.min(probe + WEEK, end);
    const nextOffset = offsetAt(next);
    if (nextOffset === offsetMs) continue;
    const change = changeBetween(probe, next, offsetMs, offsetAt);
    stretches.push({ from, to: change, offsetMs });
    from = change;
    offsetMs = nextOffset;
  }
  stretches.push({ from, to: end, offsetMs });
  return stretches;
}

function changeBetween(before: number, after: number, offsetBefore: number, offsetAt: (at: number) => number): number {
  let low = before;
  let high = after;
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000;
    if (offsetAt(middle) === offsetBefore) low = middle;
    else high = middle;
  }
  return high;
}

/** Reads the offset off a formatted local clock: `longOffset` would do too, but is slower. */
function offsetReader(timeZone: string): (instant: number) => number {
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return (instant) => {
    const [month, day, year, hour, minute, second] = (formatter.format(instant).match(/\d+/g) ?? []).map(Number);
    return Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second) - instant;
  };
}
