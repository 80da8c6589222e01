import type { MoneyAsOf } from '../services/index.ts';
import { compileCivilTime } from '../tariffs/index.ts';
import { plural, showCount, showInstant, showMoney, showPeriod } from './show-values.ts';
import { textTable } from './text-table.ts';

/** The money of a month as of an instant, as lines of text; `top`: how many lines are shown. */
export function moneyText(money: MoneyAsOf, top: number): string[] {
  const { period, asOf, timeZone, currency, calls, charge, days, lines } = money;
  const at = showInstant(asOf, compileCivilTime(timeZone));
  const shown = lines.slice(0, top);
  const left = lines.length - shown.length;
  return [
    `Usage of ${showPeriod(period)} as of ${at}: what was posted by then, in ${currency} excluding tax`,
    '',
    ...textTable(
      [
        { heading: 'day', align: 'left' },
        { heading: 'calls', align: 'right' },
        { heading: 'charged', align: 'right' },
      ],
      [
        ...days.map((each) => [each.day, showCount(each.calls), showMoney(each.charge)]),
        ['all', showCount(calls), showMoney(charge)],
      ],
    ),
    '',
    ...textTable(
      [
        { heading: 'line', align: 'left' },
        { heading: 'account', align: 'left', maxWidth: 40 },
        { heading: 'calls', align: 'right' },
        { heading: 'charged', align: 'right' },
      ],
      shown.map((each) => [each.line, each.account, showCount(each.calls), showMoney(each.charge)]),
    ),
    ...(left > 0 ? [`and ${plural(left, 'line')} more`] : []),
  ];
}
