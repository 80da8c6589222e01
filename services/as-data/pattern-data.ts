import type { CasePattern } from '../cases/case-pattern.ts';
import { showPeriod } from '../value-text.ts';
import { isoInstant, plainMoney } from './values.ts';

/**
 * How a line calls in a month, as data.
 *
 * @param numberText how a telephone number is shown to who asks
 */
export function patternJson(pattern: CasePattern, numberText: (number: string) => string): unknown {
  const shownRun = (run: CasePattern['runs'][number]) => ({
    ...run,
    from: numberText(run.from),
    to: numberText(run.to),
  });
  return {
    v: 1,
    period: showPeriod(pattern.period),
    timeZone: pattern.timeZone,
    numbersCalled: pattern.numbersCalled,
    week: pattern.week,
    usualWeek: pattern.usualWeek,
    usualMonths: pattern.usualMonths,
    earlier: pattern.earlier.map(({ period, days }) => ({ period: showPeriod(period), days })),
    calls: pattern.calls.map(({ startedAt, meteredPrice, number, ...call }) => ({
      ...call,
      startedAt: isoInstant(startedAt),
      number: numberText(number),
      meteredPrice: plainMoney(meteredPrice),
    })),
    callsInMonth: pattern.callsInMonth,
    runs: pattern.runs.map(shownRun),
    blocks: pattern.blocks.map(shownRun),
  };
}
