import type { MoneyAsOf } from '../reports/read-money-as-of.ts';
import { showPeriod } from '../value-text.ts';
import { isoInstant, plainMoney } from './values.ts';

/** The money of a month as of an instant: `docs/reference/report-json.md`. */
export function moneyJson({ period, asOf, timeZone, currency, calls, charge, upTo, days, lines }: MoneyAsOf): unknown {
  return {
    v: 1,
    period: showPeriod(period),
    asOf: isoInstant(asOf),
    timeZone,
    currency,
    calls,
    charge: plainMoney(charge),
    upTo: Object.fromEntries(upTo),
    days: days.map((each) => ({ day: each.day, calls: each.calls, charge: plainMoney(each.charge) })),
    lines: lines.map((each) => ({
      line: each.line,
      account: each.account,
      calls: each.calls,
      charge: plainMoney(each.charge),
    })),
  };
}
