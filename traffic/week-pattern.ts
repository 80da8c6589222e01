import type { CalendarDay, MonthCalendar } from './month-calendar.ts';
import type { Random } from './random.ts';

/** How likely a call starts in each hour of the month. */
export interface WeekPattern {
  /** Sum of the weights of all hours up to this one, for hours that can have calls. */
  readonly cumulative: Float64Array;
  /** Start of each hour and its length, which is not always 60 minutes. ms. */
  readonly starts: Float64Array;
  readonly lengths: Float64Array;
}

/** Business line by hour of the local clock; the nights are empty here, so that no ordinary line calls at all hours. */
const OFFICE_HOURS = [
  0, 0, 0, 0, 0, 0, 0.3, 1.5, 6, 10.5, 11.5, 10.5, 6, 5.5, 10, 10.5, 10.5, 8.5, 5, 1.7, 0.8, 0, 0, 0,
];
const OFFICE_WEEK = [1.08, 1, 1, 1, 0.94, 0.15, 0.04];
/** Residential line: the evening has its peak. */
const HOME_HOURS = [0, 0, 0, 0, 0, 0, 0, 0.5, 2, 4, 5, 6, 5, 4, 4, 4, 5, 7, 11, 11, 11, 6, 2, 0];
const HOME_WEEK = [1, 1, 1, 1, 1, 1.1, 1.1];
/** A switchboard that takes no calls over lunch: what happens at noon is planned call by call. */
const NO_NOON_HOURS = OFFICE_HOURS.map((weight, hour) => (hour === 12 || hour === 13 ? 0 : weight));

export interface WeekPatterns {
  readonly office: WeekPattern;
  readonly home: WeekPattern;
  readonly withoutNoon: WeekPattern;
  /** Office hours, only before, or from, an instant. */
  officeBefore(instant: number): WeekPattern;
  officeFrom(instant: number): WeekPattern;
}

/** Weights of a business week and of a home's, laid over the month. */
export function weekPatterns(calendar: MonthCalendar): WeekPatterns {
  return {
    office: lay(calendar, OFFICE_HOURS, OFFICE_WEEK),
    home: lay(calendar, HOME_HOURS, HOME_WEEK),
    withoutNoon: lay(calendar, NO_NOON_HOURS, OFFICE_WEEK),
    officeBefore: (instant) => lay(calendar, OFFICE_HOURS, OFFICE_WEEK, calendar.start, instant),
    officeFrom: (instant) => lay(calendar, OFFICE_HOURS, OFFICE_WEEK, instant, calendar.end),
  };
}

function lay(
  calendar: MonthCalendar,
  hourWeights: readonly number[],
  dayWeights: readonly number[],
  from = calendar.start,
  to = calendar.end,
): WeekPattern {
  const hours: { readonly start: number; readonly length: number; readonly sum: number }[] = [];
  let sum = 0;
  for (const [day, calendarDay] of calendar.days.entries()) {
    for (const [hour, weight] of hourWeights.entries()) {
      const start = calendar.at(day, hour);
      const end = calendar.at(day, hour + 1);
      if (weight === 0 || end === start || start < from || end > to) continue;
      sum += weight * (dayWeights[dayKind(calendarDay)] ?? 0);
      hours.push({ start, length: end - start, sum });
    }
  }
  if (hours.length === 0) throw new RangeError(`Cannot lay out calls: no hour is left from '${from}' to '${to}'`);
  return {
    cumulative: Float64Array.from(hours, (hour) => hour.sum),
    starts: Float64Array.from(hours, (hour) => hour.start),
    lengths: Float64Array.from(hours, (hour) => hour.length),
  };
}

/** A holiday is a Sunday. */
function dayKind({ weekday, isHoliday }: CalendarDay): number {
  return isHoliday ? 6 : weekday;
}

/** Draws the start of a call, ms since the epoch. */
export function drawStart({ cumulative, starts, lengths }: WeekPattern, random: Random): number {
  const wanted = random.fraction() * (cumulative.at(-1) ?? 0);
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulative[middle] ?? 0) > wanted) high = middle;
    else low = middle + 1;
  }
  return (starts[low] ?? 0) + random.below(lengths[low] ?? 1);
}
