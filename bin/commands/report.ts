import { moneyJson, reportJson, checkReport, readMoneyAsOf, reportPeriod } from '../../services/index.ts';
import { usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { moneyText } from '../money-as-of-text.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { refusalError } from '../refusal-error.ts';
import { reportText } from '../report-text.ts';
import { showPeriod } from '../show-values.ts';
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

/** `fairtally report [PERIOD]`: a month, by default the one with most calls. */
export async function report(period: string | undefined, options: ReportOptions, terminal: Terminal): Promise<void> {
  const fault = checkReport(period);
  if (fault !== null) throw refusalError(fault);
  const { json = false, asOf } = options;
  const top = topOf(options);
  await withExistingLedger(options, terminal, async (ledger) => {
    await warnOfWaitingLines(ledger, terminal);
    if (asOf !== undefined) {
      const money = await readMoneyAsOf(ledger, period, asOf);
      if (money.kind === 'refused') throw refusalError(money, ledger.option);
      if (json) printJson(terminal, moneyJson(money));
      else print(terminal, ...moneyText(money, top));
      return;
    }
    const answer = await reportPeriod(ledger, period);
    if (answer.kind === 'refused') throw refusalError(answer, ledger.option);
    const { report: data, otherPeriods } = answer;
    if (json) return printJson(terminal, reportJson(data));
    print(terminal, ...reportText(data, { columns: terminal.columns, top, option: ledger.option }));
    if (otherPeriods.length > 0) print(terminal, '', `Other periods: ${otherPeriods.map(showPeriod).join(', ')}`);
  });
}

function topOf({ top }: ReportOptions): number {
  if (top === undefined) return DEFAULT_TOP;
  if (!/^[1-9]\d{0,6}$/.test(top)) throw usageError(`Cannot use --top '${top}': it must be a number`);
  return Number(top);
}
