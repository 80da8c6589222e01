import { casesJson, type CasePage, type CasesRequest, checkCases, listCases } from '../../services/index.ts';
import { compileCivilTime } from '../../tariffs/index.ts';
import type { PlaceOptions } from '../config.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { PROGRAM } from '../program-name.ts';
import { refusalError } from '../refusal-error.ts';
import { plural, showCount, showInstant, showMoney, showPeriod } from '../show-values.ts';
import { type Terminal, print, printJson } from '../terminal.ts';
import { textTable } from '../text-table.ts';
import { warnOfWaitingLines } from '../waiting-lines.ts';

export interface CasesOptions extends PlaceOptions, CasesRequest {
  readonly json?: boolean;
}

/** `fairtally cases`: cases by the money at stake, a page at a time. */
export async function cases(options: CasesOptions, terminal: Terminal): Promise<void> {
  const { state, period, condition, account, line, minMoney, limit, after } = options;
  const request: CasesRequest = { state, period, condition, account, line, minMoney, limit, after };
  const fault = checkCases(request);
  if (fault !== null) throw refusalError(fault);
  await withExistingLedger(options, terminal, async (ledger) => {
    await warnOfWaitingLines(ledger, terminal);
    const page = await listCases(ledger, request);
    if (page.kind === 'refused') throw refusalError(page);
    if (options.json === true) return printJson(terminal, casesJson(page));
    print(terminal, ...pageText(page, ledger.option));
  });
}

function pageText({ cases: listed, currency, timeZone, next }: CasePage, option: string): string[] {
  const [first] = listed;
  if (first === undefined) return ['No case'];
  const civilTime = compileCivilTime(timeZone);
  return [
    `${plural(listed.length, 'case')}, by money at stake in ${currency}`,
    ...textTable(
      [
        { heading: 'line', align: 'left' },
        { heading: 'month', align: 'left' },
        { heading: 'account', align: 'left', maxWidth: 40 },
        { heading: 'case', align: 'left' },
        { heading: 'at stake', align: 'right' },
        { heading: 'calls', align: 'right' },
        { heading: 'charged', align: 'right' },
        { heading: 'since', align: 'left' },
        { heading: 'conditions', align: 'left' },
      ],
      listed.map((each) => [
        each.line,
        showPeriod(each.period),
        each.account,
        each.state,
        showMoney(each.atStake),
        showCount(each.atStakeCalls),
        // Where something is at stake, what is charged is not added up.
        each.charged === null ? '' : showMoney(each.charged.charge),
        each.since === null ? '' : showInstant(each.since, civilTime),
        each.conditions.join(', '),
      ]),
    ),
    '',
    ...(next === null ? [] : [`There are more: with --after ${next}`]),
    `To look at one: ${PROGRAM} case ${first.line} ${showPeriod(first.period)}${option}`,
  ];
}
