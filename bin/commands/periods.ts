import {
  periodJson,
  checkPeriodRequest,
  ledgerCivilTime,
  type ListedPeriod,
  listPeriods,
  type MoveOutcome,
  movePeriod,
  type PeriodRequest,
} from '../../services/index.ts';
import type { CivilTime } from '../../tariffs/index.ts';
import type { PlaceOptions } from '../config.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { PROGRAM } from '../program-name.ts';
import { refusalError } from '../refusal-error.ts';
import { plural, showInstant, showPeriod } from '../show-values.ts';
import { type Terminal, print, printJson } from '../terminal.ts';
import { textTable } from '../text-table.ts';

export interface PeriodsOptions extends PlaceOptions {
  readonly json?: boolean;
}

/** `fairtally periods list`: the months of bills, what each is, and who made it so. */
export async function periods(options: PeriodsOptions, terminal: Terminal): Promise<void> {
  await withExistingLedger(options, terminal, async (ledger) => {
    const { timeZone, periods: listed } = await listPeriods(ledger);
    if (options.json === true) return printJson(terminal, { v: 1, timeZone, periods: listed.map(periodJson) });
    if (listed.length === 0) return print(terminal, 'No month has a call yet');
    const civilTime = await ledgerCivilTime(ledger.db);
    const rows = listed.map((each) => rowOf(each, civilTime));
    print(terminal, ...textTable(COLUMNS, rows));
  });
}

const COLUMNS = [
  { heading: 'month', align: 'left' },
  { heading: 'state', align: 'left' },
  { heading: 'since', align: 'left' },
  { heading: 'by', align: 'left', maxWidth: 40 },
  { heading: 'note', align: 'left', maxWidth: 60 },
] as const;

function rowOf({ period, state, moves, hasEntries }: ListedPeriod, civilTime: CivilTime): string[] {
  const last = moves.at(-1);
  if (last === undefined) return [showPeriod(period), state, '', '', hasEntries ? '' : 'no calls'];
  return [showPeriod(period), state, showInstant(last.at, civilTime), last.by, last.note];
}

export interface MoveOptions extends PlaceOptions {
  readonly by: string;
  readonly note: string;
  readonly despiteQuarantine?: boolean;
}

/** `fairtally periods closing|close|reopen MONTH`: moves a month of bills; who and why is kept for good. */
export async function moveMonth(
  to: PeriodRequest['to'],
  period: string,
  options: MoveOptions,
  terminal: Terminal,
): Promise<void> {
  const { by, note, despiteQuarantine } = options;
  const request: PeriodRequest = { period, to, by, note, despiteQuarantine };
  const fault = checkPeriodRequest(request);
  if (fault !== null) throw refusalError(fault);
  await withExistingLedger(options, terminal, async (ledger) => {
    const outcome = await movePeriod(ledger, request);
    if (outcome.kind === 'refused') throw refusalError(outcome);
    print(terminal, ...movedText(outcome, ledger.option));
  });
}

function movedText({ period, to, waiting }: Exclude<MoveOutcome, { kind: 'refused' }>, option: string): string[] {
  const month = showPeriod(period);
  const later = to === 'closed' ? '; they will be billed in a later month' : '';
  const waits = waiting.map(
    ({ reason, records }) => `Of ${month} ${plural(records, 'record')} wait in quarantine: ${reason}${later}`,
  );
  switch (to) {
    case 'open':
      return [`${month} is open again`];
    case 'closing':
      return [
        `${month} is closing: its entries still go into it while you check it`,
        ...waits,
        `To close it for good: ${PROGRAM} periods close ${month}${option} --by NAME --note TEXT`,
      ];
    case 'closed':
      return [`${month} is closed: what comes later is billed in the first month that is not`, ...waits];
    default:
      return to satisfies never;
  }
}
