import type { ShownCase } from '../services/index.ts';
import { type CivilTime, compileCivilTime } from '../tariffs/index.ts';
import { PROGRAM } from './program-name.ts';
import { linesReport } from './report-text.ts';
import { plural, showCount, showInstant, showMoney, showPeriod } from './show-values.ts';
import { type Column, textTable, wrapText } from './text-table.ts';

export interface CaseLayout {
  /** Width of the screen, in characters. */
  readonly columns: number;
  /** Options that find the ledger again, with a blank before. */
  readonly option: string;
}

const SHOWN_DESTINATIONS = 12;
const SHOWN_LINES = 3;

/** A case as lines of text for an analyst. */
export function caseText(shown: ShownCase, { columns, option }: CaseLayout): string[] {
  const { period, currency, timeZone, summary } = shown;
  const civilTime = compileCivilTime(timeZone);
  return [
    `Line ${summary.line} in ${showPeriod(period)}: calls by their start in ${timeZone}, amounts in ${currency} excluding tax`,
    ...(shown.isStale ? ['What was entered since is not judged yet: this may be about to change'] : []),
    ...linesReport([summary], shown, columns),
    '',
    ...outcomesText(shown, option),
    '',
    ...daysText(shown, civilTime),
    '',
    ...destinationsText(shown),
    '',
    ...hoursText(shown),
    '',
    ...numbersText(shown, columns),
    '',
    ...seenText('Devices', shown.devices, civilTime),
    '',
    ...seenText('Networks', shown.networks, civilTime),
    '',
    ...historyText(shown, civilTime),
  ];
}

function left(heading: string, maxWidth?: number): Column {
  return { heading, align: 'left', ...(maxWidth === undefined ? {} : { maxWidth }) };
}

function right(heading: string): Column {
  return { heading, align: 'right' };
}

function outcomesText({ outcomes, summary, period }: ShownCase, option: string): string[] {
  return [
    'What a decision would change',
    ...textTable(
      [left('condition'), left('decision'), right('calls'), right('charge')],
      outcomes.map(({ condition, decision, effect }) => [
        condition ?? 'all of them',
        decision,
        showCount(effect.calls),
        `${effect.charge < 0 ? '-' : '+'}${showMoney(Math.abs(effect.charge))}`,
      ]),
    ),
    `  by destination: ${PROGRAM} decide ${summary.line} ${showPeriod(period)} CONDITION DECISION --dry-run${option}`,
  ];
}

function daysText({ days, limits }: ShownCase, civilTime: CivilTime): string[] {
  const most = Math.max(1, ...days.map(({ distinctNumbers }) => distinctNumbers));
  return [
    'Different numbers called, by day',
    ...textTable(
      [left('day'), right('calls'), right('new'), right('numbers'), left('')],
      days.map(({ day, calls, newNumbers, distinctNumbers }) => [
        day,
        showCount(calls),
        showCount(newNumbers),
        showCount(distinctNumbers),
        `${'#'.repeat(Math.ceil((30 * distinctNumbers) / most))}${crossed(limits, day)}`,
      ]),
    ),
    ...limits.map(({ condition, most: allowed, crossing }) =>
      crossing === null
        ? `  ${condition}: ${showCount(allowed)} allowed`
        : `  ${condition}: ${showCount(allowed)} allowed; crossed at ${showInstant(crossing.call.startedAt, civilTime)} (call ${crossing.call.callId})`,
    ),
  ];
}

function crossed(limits: ShownCase['limits'], day: string): string {
  const own = limits.filter(({ crossing }) => crossing?.day === day);
  return own.map(({ most }) => ` more than ${most}`).join('');
}

function destinationsText({ destinations }: ShownCase): string[] {
  const shown = destinations.slice(0, SHOWN_DESTINATIONS);
  const rest = destinations.length - shown.length;
  return [
    'Destinations, by their price by the minute',
    ...textTable(
      [
        left('destination', 36),
        left('coverage'),
        right('calls'),
        right('minutes'),
        right('charged'),
        right('by the minute'),
      ],
      shown.map((each) => [
        each.destination,
        each.coverage,
        showCount(each.calls),
        showCount(Math.round(each.billedSeconds / 60)),
        showMoney(each.charge),
        showMoney(each.meteredPrice),
      ]),
    ),
    ...(rest > 0 ? [`  … ${showCount(rest)} more: --json has all`] : []),
  ];
}

function hoursText({ hours }: ShownCase): string[] {
  const most = Math.max(1, ...hours.map(({ calls }) => calls));
  return [
    'Calls by hour of the day',
    ...textTable(
      [right('hour'), right('calls'), left('')],
      hours.map(({ hour, calls }) => [
        String(hour).padStart(2, '0'),
        showCount(calls),
        '#'.repeat(Math.ceil((30 * calls) / most)),
      ]),
    ),
  ];
}

function numbersText({ numbers, numbersCalled, callersOf }: ShownCase, columns: number): string[] {
  const others = callersOf === 'ledger' ? 'other lines that called it' : 'other lines of the account that called it';
  return [
    `Numbers called most, of ${showCount(numbersCalled)}`,
    ...textTable(
      [left('number'), left('destination', 30), right('calls'), right('minutes'), right('by the minute'), left(others)],
      numbers.map((each) => [
        each.number,
        each.destination,
        showCount(each.calls),
        showCount(Math.round(each.billedSeconds / 60)),
        showMoney(each.meteredPrice),
        otherLinesText(each.otherLines),
      ]),
    ),
    ...(callersOf === 'ledger'
      ? []
      : wrapText('--everywhere looks for other callers in all accounts: the whole month is read.', columns, '  ')),
  ];
}

function otherLinesText(lines: ShownCase['numbers'][number]['otherLines']): string {
  const shown = lines.slice(0, SHOWN_LINES).map(({ line, calls }) => `${line} (${showCount(calls)})`);
  const rest = lines.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${showCount(rest)} more` : shown.join(', ');
}

function seenText(what: string, seen: ShownCase['devices'], civilTime: CivilTime): string[] {
  return [
    `${what} that calls came from`,
    ...textTable(
      [left('seen', 60), right('calls'), left('first'), left('last')],
      seen
        .slice(0, SHOWN_DESTINATIONS)
        .map(({ value, calls, firstAt, lastAt }) => [
          value ?? '(not said)',
          showCount(calls),
          showInstant(firstAt, civilTime),
          showInstant(lastAt, civilTime),
        ]),
    ),
  ];
}

function historyText({ history }: ShownCase, civilTime: CivilTime): string[] {
  const found = history.verdicts.map(({ condition, event }) => `  ${event} ${condition}`);
  const corrections = history.corrections.map(({ postedAt, cause, kind, before, after, reason, calls, charge }) => {
    const at = postedAt === null ? 'before postings were kept' : showInstant(Math.trunc(postedAt), civilTime);
    const change = `${before ?? 'nothing'} to ${after ?? 'nothing'}`;
    const sign = charge < 0 ? '-' : '+';
    return `  ${at} ${kind} of ${plural(calls, 'call')}, ${change} (${reason}), ${sign}${showMoney(Math.abs(charge))}: ${cause ?? ''}`;
  });
  return ['History: verdicts, then corrections as they were posted', ...found, ...corrections];
}
