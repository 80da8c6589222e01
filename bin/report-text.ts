import type { CoverageTotal, SourceCount } from '../ledger/index.ts';
import { type CivilTime, compileCivilTime } from '../tariffs/index.ts';
import { describeCounts } from './commands/quarantine.ts';
import {
  type BreachStatus,
  decisionText,
  type Report,
  type ReportedBreach,
  type ReportedLine,
  showDay,
} from '../services/index.ts';
import { PROGRAM } from './program-name.ts';
import { plainMoney, plural, showCount, showMoney, showPeriod } from './show-values.ts';
import { shorten, textTable, wrapText } from './text-table.ts';

/** Account names come from files of others. */
const LONGEST_NAME = 120;

export interface ReportLayout {
  /** Width of the screen, in characters. */
  readonly columns: number;
  /** How many destinations and lines are shown. */
  readonly top: number;
  /** Options that find the ledger again, with a blank before. */
  readonly option: string;
}

/** A period's report as lines of text for an analyst. */
export function reportText(report: Report, layout: ReportLayout): string[] {
  const hasCalls = report.totals.some(({ calls }) => calls > 0);
  return [
    `Usage of ${showPeriod(report.period)}: calls by their start in ${report.timeZone}, amounts in ${report.currency} excluding tax`,
    '',
    ...(hasCalls
      ? [...coverageTable(report.totals), ...disagreement(report), '', ...destinationTable(report, layout.top)]
      : [`No calls in ${showPeriod(report.period)}`, ...disagreement(report)]),
    '',
    ...linesSection(report, layout),
    '',
    'Quarantine: records that could not be rated, kept with their bytes',
    ...describeCounts(report.quarantine, layout.option),
    '',
    ...sourcesSection(report.sources, layout.columns),
  ];
}

/** Calls, minutes and money by coverage. */
export function coverageTable(totals: readonly CoverageTotal[]): string[] {
  const sum = (of: (total: CoverageTotal) => number): number => totals.reduce((all, total) => all + of(total), 0);
  return textTable(
    [
      { heading: 'coverage', align: 'left' },
      { heading: 'calls', align: 'right' },
      { heading: 'minutes', align: 'right' },
      { heading: 'charged', align: 'right' },
      { heading: 'price by the minute', align: 'right' },
    ],
    [
      ...totals.map((total) =>
        coverageRow(COVERAGE_WORDS[total.coverage], total.calls, minutesText(total), total.charge, total.meteredPrice),
      ),
      coverageRow(
        'all',
        sum(({ calls }) => calls),
        showMinutes(sum(({ billedSeconds }) => billedSeconds)),
        sum(({ charge }) => charge),
        sum(({ meteredPrice }) => meteredPrice),
      ),
    ],
  );
}

function coverageRow(name: string, calls: number, minutes: string, charge: number, price: number): string[] {
  return [name, showCount(calls), minutes, showMoney(charge), showMoney(price)];
}

/** Billed minutes; of a free call nothing is billed, however long it was. */
function minutesText({ coverage, billedSeconds }: CoverageTotal): string {
  return coverage === 'free' ? '-' : showMinutes(billedSeconds);
}

function showMinutes(seconds: number): string {
  return showCount(Math.round(seconds / 60));
}

const COVERAGE_WORDS = {
  included: 'included in the offer',
  metered: 'metered, by the minute',
  free: 'free (emergency, toll-free)',
} as const;

/** The charge is known in two ways; a difference is ours, and must not stay unseen. */
function disagreement({ totals, postedCharge }: Report): string[] {
  const charge = totals.reduce((sum, total) => sum + total.charge, 0);
  if (charge === postedCharge) return [];
  return ['', `WARNING: the entries add up to ${plainMoney(postedCharge)}, the calls to ${plainMoney(charge)}`];
}

function destinationTable({ destinations }: Report, top: number): string[] {
  const shown = destinations.slice(0, top);
  const rest = destinations.length - shown.length;
  return [
    'Destinations, by their price by the minute',
    ...textTable(
      [
        { heading: 'destination', align: 'left', maxWidth: 36 },
        { heading: 'coverage', align: 'left' },
        { heading: 'calls', align: 'right' },
        { heading: 'minutes', align: 'right' },
        { heading: 'charged', align: 'right' },
        { heading: 'by the minute', align: 'right' },
      ],
      shown.map((total) => [
        total.destination,
        total.coverage,
        showCount(total.calls),
        minutesText(total),
        showMoney(total.charge),
        showMoney(total.meteredPrice),
      ]),
    ),
    ...(rest > 0 ? [`  … ${showCount(rest)} more: --top ${destinations.length} shows all`] : []),
  ];
}

function linesSection(report: Report, { columns, top, option }: ReportLayout): string[] {
  const { lines, period } = report;
  if (lines.length === 0) return ['No line is over its conditions'];
  const shown = lines.slice(0, top);
  const waiting = lines.find(({ breaches }) => breaches.some(({ status }) => status === 'undecided'));
  const undecided = waiting?.breaches.find(({ status }) => status === 'undecided');
  return [
    `Lines over their conditions: ${showCount(lines.length)}, by money; ${moneyText(lines, report.currency)}`,
    ...linesReport(shown, report, columns),
    ...(shown.length < lines.length
      ? [`  … ${showCount(lines.length - shown.length)} more: --top ${lines.length} shows all`]
      : []),
    ...(waiting === undefined || undecided === undefined
      ? []
      : [
          '',
          `To decide: ${PROGRAM} decide ${waiting.line} ${showPeriod(period)} ${undecided.condition} confirm --by NAME --note TEXT${option}`,
        ]),
  ];
}

function moneyText(lines: readonly ReportedLine[], currency: string): string {
  const charged = lines.reduce((sum, { meteredCharge }) => sum + meteredCharge, 0);
  const atStake = lines.reduce((sum, line) => sum + line.atStake, 0);
  return `charged ${showMoney(charged)} ${currency}, at stake ${showMoney(atStake)} ${currency}`;
}

/** Lines with their breaches, evidence in words. */
export function linesReport(
  lines: readonly ReportedLine[],
  report: Pick<Report, 'period' | 'currency' | 'timeZone'>,
  columns: number,
): string[] {
  const { currency } = report;
  const civilTime = compileCivilTime(report.timeZone);
  return lines.flatMap((line) => [
    '',
    `  ${line.line}  ${shorten(line.accountName, LONGEST_NAME)} (${line.account})${line.caseState === null ? '' : `, case ${line.caseState}`}`,
    ...wrapText(
      `charged for it ${showMoney(line.meteredCharge)} ${currency} (${plural(line.meteredCalls, 'call')}, ` +
        `${showCount(line.reratedCalls)} of them re-rated); still included ${showMoney(line.includedPrice)} ${currency} ` +
        `(${plural(line.includedCalls, 'call')})` +
        (line.atStakeCalls === 0
          ? ''
          : `, at stake ${showMoney(line.atStake)} ${currency} (${plural(line.atStakeCalls, 'call')})`),
      columns,
      '    ',
    ),
    ...line.breaches.flatMap((breach) => breachText(breach, { ...report, civilTime }, columns)),
    ...line.heldByEarlierMonths.flatMap((held) => heldText(held, currency, columns)),
  ]);
}

function breachText(
  breach: ReportedBreach,
  { period, currency, civilTime }: BreachSurroundings,
  columns: number,
): string[] {
  const last = breach.isFound ? '' : 'found no more; when it was: ';
  return [
    ...wrapText(
      `- ${breach.condition}, ${statusText(breach, period, civilTime)}: ${last}${breach.words}`,
      columns,
      '    ',
      '      ',
    ),
    ...breach.decisions.flatMap((decision) =>
      wrapText(decisionText(decision, civilTime), columns, '      ', '        '),
    ),
    ...(breach.meteredCalls > 0
      ? [`      it meters ${plural(breach.meteredCalls, 'call')} for ${showMoney(breach.meteredCharge)} ${currency}`]
      : []),
  ];
}

interface BreachSurroundings {
  readonly period: number;
  readonly currency: string;
  readonly civilTime: CivilTime;
}

const STATUS_WORDS: Readonly<Record<BreachStatus, string>> = {
  'in-force': 'in force',
  undecided: 'waits for a decision',
  confirmed: 'confirmed',
  dismissed: 'dismissed',
  reinstated: 'reinstated',
};

function statusText(breach: ReportedBreach, period: number, civilTime: CivilTime): string {
  const { status, inForce, reinstatement } = breach;
  if (status !== 'reinstated' || inForce === null || reinstatement === null) return STATUS_WORDS[status];
  const elsewhere = reinstatement.period === period ? '' : ` (decided on ${showPeriod(reinstatement.period)})`;
  return `in force until ${showDay(inForce.to, civilTime)}, reinstated by ${reinstatement.decidedBy}${elsewhere}`;
}

function heldText(held: ReportedLine['heldByEarlierMonths'][number], currency: string, columns: number): string[] {
  return wrapText(
    `- ${held.condition}, held by the breach of ${showPeriod(held.period)}: it meters ` +
      `${plural(held.meteredCalls, 'call')} for ${showMoney(held.meteredCharge)} ${currency}`,
    columns,
    '    ',
    '      ',
  );
}

const SHOWN_SOURCES = 5;

/** What became of the records of each source: everything received is accounted for. */
function sourcesSection(counts: readonly SourceCount[], columns: number): string[] {
  const bySource = [...Map.groupBy(counts, ({ source }) => source)];
  const lines = bySource.slice(-SHOWN_SOURCES).flatMap(([source, own]) => {
    const outcomes = Map.groupBy(
      own.filter(({ outcome }) => outcome !== 'received'),
      ({ outcome }) => outcome,
    );
    const received = own.find(({ outcome }) => outcome === 'received')?.records ?? 0;
    return [
      `  ${source}: ${plural(received, 'record')}`,
      ...[...outcomes].flatMap(([outcome, counted]) =>
        wrapText(outcomeText(outcome, counted), columns, '    ', '      '),
      ),
    ];
  });
  const hidden = bySource.length - SHOWN_SOURCES;
  return [
    'Sources: what became of the records',
    ...(hidden > 0 ? [`  … and ${plural(hidden, 'source')} before (--json has all)`] : []),
    ...lines,
  ];
}

/** `13,388 not-a-call: 3,656 inbound, …`. */
function outcomeText(outcome: string, counts: readonly SourceCount[]): string {
  const total = counts.reduce((sum, { records }) => sum + records, 0);
  const reasons = counts.filter(({ reason }) => reason !== '');
  const parts = reasons
    .toSorted((a, b) => b.records - a.records)
    .map(({ reason, records }) => `${showCount(records)} ${reason}`);
  return `${showCount(total)} ${outcome}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`;
}
