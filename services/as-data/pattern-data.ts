import type { CasePattern } from '../cases/case-pattern.ts';
import { showPeriod } from '../value-text.ts';
import { isoInstant, plainMoney } from './values.ts';

/** How a line calls in a month, as data. */
export function patternJson(pattern: CasePattern): unknown {
  return {
    v: 1,
    period: showPeriod(pattern.period),
    timeZone: pattern.timeZone,
    numbersCalled: pattern.numbersCalled,
    week: pattern.week,
    usualWeek: pattern.usualWeek,
    usualMonths: pattern.usualMonths,
    earlier: pattern.earlier.map(({ period, days }) => ({ period: showPeriod(period), days })),
    calls: pattern.calls.map(({ startedAt, meteredPrice, ...call }) => ({
      ...call,
      startedAt: isoInstant(startedAt),
      meteredPrice: plainMoney(meteredPrice),
    })),
    callsInMonth: pattern.callsInMonth,
    runs: pattern.runs,
    blocks: pattern.blocks,
  };
}
