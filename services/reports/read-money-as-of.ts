import {
  type LineMoney,
  type MoneySum,
  type Positions,
  moneyByDay,
  moneyByLine,
  positionsAsOf,
  repeatWhileCut,
} from '../../ledger/index.ts';
import type { CivilTime } from '../../tariffs/index.ts';
import type { LedgerReading } from '../ledger-access.ts';
import { ledgerCivilTime } from '../ledger-civil-time.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { currencyOf } from './read-report.ts';
import { chosenPeriod } from './report-period.ts';

/** What the calls of a month came to as of an instant. Money in micros of `currency`, excluding tax. */
export interface MoneyAsOf extends MoneySum {
  readonly kind: 'money';
  readonly period: number;
  /** ms since the epoch. */
  readonly asOf: number;
  /** The feed position of each bucket that the instant comes to: the entries up to it count. */
  readonly upTo: Positions;
  readonly timeZone: string;
  readonly currency: string;
  /** Every day of the month (`2026-11-03`), in order. */
  readonly days: readonly (MoneySum & { readonly day: string })[];
  /** By charge, most first. */
  readonly lines: readonly LineMoney[];
}

/**
 * Reads what the calls of a month (`2026-11`; the one with most calls where nothing is said) came to as of a day or
 * instant: by the entries that were posted then or before, whatever was posted since. It reads all of the month's
 * entries, once for the days and once for the lines.
 */
export function readMoneyAsOf(
  { db }: Pick<LedgerReading, 'db'>,
  asked: string | undefined,
  at: string,
): Promise<MoneyAsOf | Refused> {
  return repeatWhileCut(async () => {
    const period = await chosenPeriod({ db }, asked);
    if (typeof period !== 'number') return period;
    const civilTime = await ledgerCivilTime(db);
    const asOf = civilTime.parseInstant(at);
    if (asOf === null) return refused(refusal('as-of-unreadable', { at }));
    const upTo = await positionsAsOf(db, asOf);
    if (upTo === null) return refused(refusal('as-of-to-come', { at }));
    const starts = daysOf(period, civilTime);
    const money = await moneyByDay(db, period, upTo, starts);
    const lines = await moneyByLine(db, period, upTo);
    return {
      kind: 'money',
      period,
      asOf,
      upTo,
      timeZone: civilTime.timeZone,
      currency: await currencyOf(db),
      calls: money.reduce((sum, { calls }) => sum + calls, 0),
      charge: money.reduce((sum, { charge }) => sum + charge, 0),
      days: money.map((sum, index) => ({ day: civilTime.date(starts[index]!), ...sum })),
      lines,
    };
  });
}

/** The first instant of each day of a month. */
function daysOf(period: number, civilTime: CivilTime): number[] {
  const starts: number[] = [];
  let start = civilTime.periodStart(period);
  while (start < civilTime.periodEnd(period)) {
    starts.push(start);
    // A day has 23 to 25 hours.
    const next = civilTime.parseInstant(civilTime.date(start + 26 * HOUR_MS));
    if (next === null || next <= start) throw new Error(`Cannot find the day after '${civilTime.date(start)}'`);
    start = next;
  }
  return starts;
}

const HOUR_MS = 3_600_000;
