import { busiestPeriod, periodsWithEntries } from '../../ledger/index.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import type { Ledger } from '../ledger.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { PROGRAM } from '../program-name.ts';
import { refusalError } from '../refusal-error.ts';
import { readMoneyAsOf, readReport } from '../../services/index.ts';
import { moneyJson, moneyText } from '../money-as-of-text.ts';
import { reportJson } from '../report-data.ts';
import { reportText } from '../report-text.ts';
import { parsePeriod, showPeriod } from '../show-values.ts';
import { type Terminal, print, printJson } from '../terminal.ts';
import { warnOfWaitingLines } from '../waiting-lines.ts';

export interface ReportOptions extends PlaceOptions {
  readonly json?: boolean;
  /** How many destinations and lines are shown. */
  readonly top?: string;
  /** The money of the month by day and line, by what was posted up to a day or instant. */
  readonly asOf?: string;
}

const DEFAULT_TOP = 12;

/** `fairtally report [PERIOD]`: a month, by default the last that has calls. */
export async function report(
  periodText: string | undefined,
  options: ReportOptions,
  terminal: Terminal,
): Promise<void> {
  const period = periodText === undefined ? null : parsePeriod(periodText);
  if (periodText !== undefined && period === null) {
    throw usageError(`Cannot use period '${periodText}': it is no month such as '2026-11'`);
  }
  const top = topOf(options);
  await withExistingLedger(options, terminal, async (ledger) => {
    await warnOfWaitingLines(ledger, terminal);
    const chosen = period ?? (await busiest(ledger));
    if (options.asOf !== undefined) return reportAsOf(ledger, chosen, options.asOf, options, terminal);
    const data = await readReport(ledger, chosen);
    if (options.json === true) return printJson(terminal, reportJson(data));
    print(terminal, ...reportText(data, { columns: terminal.columns, top, option: ledger.option }));
    const others = (await periodsWithEntries(ledger.db)).filter((other) => other !== chosen);
    if (others.length > 0) print(terminal, '', `Other periods: ${others.map(showPeriod).join(', ')}`);
  });
}

async function reportAsOf(
  ledger: Ledger,
  period: number,
  at: string,
  options: ReportOptions,
  terminal: Terminal,
): Promise<void> {
  const money = await readMoneyAsOf(ledger, period, at);
  if (money.kind === 'refused') throw refusalError(money);
  if (options.json === true) return printJson(terminal, moneyJson(money));
  print(terminal, ...moneyText(money, topOf(options)));
}

async function busiest({ db, option }: Ledger): Promise<number> {
  const period = await busiestPeriod(db);
  if (period !== null) return period;
  throw new CommandError(`Cannot report: the ledger has no call yet; '${PROGRAM} rate FILE${option}' brings some in`);
}

function topOf({ top }: ReportOptions): number {
  if (top === undefined) return DEFAULT_TOP;
  if (!/^[1-9]\d{0,6}$/.test(top)) throw usageError(`Cannot use --top '${top}': it must be a number`);
  return Number(top);
}
