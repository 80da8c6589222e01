import type { Plural } from './text.ts';
import { fill } from './text.ts';

const NBSP = '\u00A0';

/** How values are shown in a language. Instants are shown in the ledger's time zone, months as they are named. */
export interface Format {
  count(value: number): string;
  /** Decimal text, exact, in its currency. */
  money(text: string, currency: string): string;
  /** The same with its sign, also where it is positive. */
  signedMoney(text: string, currency: string): string;
  plural(text: Plural, count: number): string;
  /** `2026-11` as a name. */
  month(period: string): string;
  shortMonth(period: string): string;
  /** A civil day `2026-11-03`. */
  day(day: string): string;
  longDay(day: string): string;
  /** With its year. */
  wholeDay(day: string): string;
  instant(iso: string, timeZone: string): string;
  shortDayOf(iso: string, timeZone: string): string;
  dayOf(iso: string, timeZone: string): string;
  timeOf(iso: string, timeZone: string): string;
  /** 0 is Monday. */
  weekday(day: number, width: 'short' | 'long'): string;
  duration(seconds: number): string;
  percent(share: number): string;
}

export function formatOf(locale: string): Format {
  const numbers = new Intl.NumberFormat(locale);
  const rules = new Intl.PluralRules(locale);
  const percents = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const formats = new Map<string, Intl.DateTimeFormat>();
  const dates = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
    const key = JSON.stringify(options);
    const kept = formats.get(key) ?? new Intl.DateTimeFormat(locale, options);
    formats.set(key, kept);
    return kept;
  };
  const named = (options: Intl.DateTimeFormatOptions): DayFormat => {
    const format = dates(options);
    return locale.startsWith('fr') ? { format: (date) => withFirst(format, date) } : format;
  };
  const moneys = new Map<string, Intl.NumberFormat>();
  const moneyFormat = (currency: string, signDisplay: 'auto' | 'exceptZero'): Intl.NumberFormat => {
    const key = `${currency} ${signDisplay}`;
    const kept = moneys.get(key) ?? new Intl.NumberFormat(locale, { style: 'currency', currency, signDisplay });
    moneys.set(key, kept);
    return kept;
  };
  return {
    count: (value) => numbers.format(value),
    money: (text, currency) => shown(moneyFormat(currency, 'auto'), text),
    signedMoney: (text, currency) => shown(moneyFormat(currency, 'exceptZero'), text),
    plural: (text, count) =>
      fill(rules.select(count) === 'one' ? text.one : text.other, { count: numbers.format(count) }),
    month: (period) => dayText(period, `${period}-15`, dates({ month: 'long', year: 'numeric', timeZone: 'UTC' })),
    shortMonth: (period) =>
      dayText(period, `${period}-15`, dates({ month: 'short', year: 'numeric', timeZone: 'UTC' })),
    day: (day) => dayText(day, day, dates({ day: '2-digit', month: '2-digit', timeZone: 'UTC' })),
    longDay: (day) => dayText(day, day, named({ weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' })),
    wholeDay: (day) => dayText(day, day, named({ dateStyle: 'full', timeZone: 'UTC' })),
    instant: (iso, timeZone) =>
      dates({ dateStyle: 'short', timeStyle: 'medium', timeZone }).format(new Date(iso)).replace(', ', ' '),
    shortDayOf: (iso, timeZone) => named({ day: 'numeric', month: 'short', timeZone }).format(new Date(iso)),
    dayOf: (iso, timeZone) => named({ day: 'numeric', month: 'long', timeZone }).format(new Date(iso)),
    timeOf: (iso, timeZone) => dates({ hour: '2-digit', minute: '2-digit', timeZone }).format(new Date(iso)),
    // 2026-06-01 was a Monday.
    weekday: (day, width) =>
      dates({ weekday: width, timeZone: 'UTC' }).format(new Date(Date.UTC(2026, 5, 1 + day, 12))),
    duration: (seconds) => durationText(seconds, numbers),
    percent: (share) => percents.format(share),
  };
}

type DayFormat = Pick<Intl.DateTimeFormat, 'format'>;

/** French counts the first of a month, and no other day: `1er novembre`. */
function withFirst(format: Intl.DateTimeFormat, date: Date | number | undefined): string {
  const parts = format.formatToParts(date);
  return parts.map(({ type, value }) => (type === 'day' && value === '1' ? '1er' : value)).join('');
}

// Decimal text goes in whole: no float touches money.
function shown(format: Intl.NumberFormat, text: string): string {
  return format.format(text as Intl.StringNumericLiteral);
}

/** A civil day by a format; what an address says that is no day stays as it is: the API says what is wrong with it. */
function dayText(text: string, day: string, format: DayFormat): string {
  const noon = new Date(`${day}T12:00:00Z`);
  return Number.isNaN(noon.getTime()) ? text : format.format(noon);
}

function durationText(seconds: number, numbers: Intl.NumberFormat): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) {
    return `${numbers.format(Math.floor(minutes / 60))}${NBSP}h${NBSP}${String(minutes % 60).padStart(2, '0')}`;
  }
  return minutes > 0
    ? `${minutes}${NBSP}min${NBSP}${String(seconds % 60).padStart(2, '0')}`
    : `${Math.round(seconds)}${NBSP}s`;
}

/** A number as people of the country write it; what is not of a known form, as it came. */
export function phoneText(number: string): string {
  const [, country = '', rest = ''] = /^\+(33|262|590|594|596)([\d*]{9})$/.exec(number) ?? [];
  if (country === '') return number;
  const pairs = rest.slice(1).match(/../g) ?? [];
  const groups = [rest.slice(0, 1), ...pairs];
  return country === '33' ? `0${groups.join(NBSP)}` : `+${country}${NBSP}${groups.join(NBSP)}`;
}
