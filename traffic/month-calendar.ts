import { compileCivilTime } from '../tariffs/index.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The civil time of the offer that the traffic is made for. */
const civilTime = compileCivilTime('Europe/Paris');
/** French public holidays of fixed date: those that move with Easter are left out. */
const HOLIDAYS = ['01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11', '12-25'];

export interface CalendarDay {
  /** `2026-11-03` */
  readonly date: string;
  /** 0 is Monday, 6 is Sunday. */
  readonly weekday: number;
  readonly isHoliday: boolean;
}

/** A civil month in Europe/Paris; instants are ms since the epoch. */
export interface MonthCalendar {
  /** As yyyymm. */
  readonly period: number;
  readonly start: number;
  readonly end: number;
  readonly days: readonly CalendarDay[];
  /** Instants at which the local clock is changed, within the month. */
  readonly clockChanges: readonly number[];
  /** First instant at which the local clock reads `hour` or later on a day, from 0; hour 24 is the next day's 0. */
  at(day: number, hour: number): number;
  hourOfDay(instant: number): number;
  periodOf(instant: number): number;
}

/** Lays out the month `period` (yyyymm, in the years 2001 to 2059). */
export function layOutMonth(period: number): MonthCalendar {
  const start = civilTime.periodStart(period);
  const end = civilTime.periodEnd(period);
  const firstLocal = start + civilTime.offsetMs(start);
  const dayCount = Math.round((end + civilTime.offsetMs(end) - firstLocal) / DAY);
  const days = Array.from({ length: dayCount }, (_, day) => dayAt(civilTime.instantOfLocal(firstLocal + day * DAY)));
  const hours = Float64Array.from({ length: dayCount * 24 + 1 }, (_, hour) =>
    civilTime.instantOfLocal(firstLocal + hour * HOUR),
  );
  return {
    period,
    start,
    end,
    days,
    clockChanges: civilTime.stretches.map(({ from }) => from).filter((from) => from > start && from < end),
    at: (day, hour) => hours[day * 24 + hour] ?? end,
    hourOfDay: (instant) => civilTime.hourOfDay(instant),
    periodOf: (instant) => civilTime.periodOf(instant),
  };
}

function dayAt(midnight: number): CalendarDay {
  const date = civilTime.date(midnight);
  return { date, weekday: civilTime.weekday(midnight), isHoliday: HOLIDAYS.includes(date.slice(5)) };
}
