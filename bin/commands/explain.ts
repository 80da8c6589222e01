import { checkExplain, explainCall, explainJson, type ExplainRequest, waitingJson } from '../../services/index.ts';
import { compileCivilTime } from '../../tariffs/index.ts';
import type { PlaceOptions } from '../config.ts';
import { legLines, withLegs } from '../explain-legs-text.ts';
import { explainText, waitingLines } from '../explain-text.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { refusalError } from '../refusal-error.ts';
import { type Terminal, print, printJson } from '../terminal.ts';
import { warnOfWaitingLines } from '../waiting-lines.ts';

export interface ExplainOptions extends PlaceOptions, Pick<ExplainRequest, 'account' | 'period'> {
  readonly json?: boolean;
}

/** `fairtally explain CALL-ID`: how every call that bears the switch's id came to its charge. */
export async function explain(callId: string, options: ExplainOptions, terminal: Terminal): Promise<void> {
  const { account, period } = options;
  const request: ExplainRequest = { call: callId, account, period };
  const fault = checkExplain(request);
  if (fault !== null) throw refusalError(fault, '', { 'period-unknown': `'--period MONTH' takes one` });
  await withExistingLedger(options, terminal, async (ledger) => {
    await warnOfWaitingLines(ledger, terminal);
    const explained = await explainCall(ledger, request);
    if (explained.kind === 'refused') throw refusalError(explained);
    const { calls, records, legs, timeZone } = explained;
    const { columns } = terminal;
    const { option } = ledger;
    if (options.json === true) {
      const data = calls.length === 0 ? [waitingJson(callId, records)] : calls.map(explainJson);
      return printJson(terminal, legs.length === 0 ? data : data.map((one) => withLegs(one, legs)));
    }
    if (calls.length === 0) {
      const costs = records.some(({ state }) => state === 'waiting') ? 'it costs nothing yet' : 'it costs nothing';
      const waiting = waitingLines(records, columns, option);
      return print(terminal, `Call ${callId}: not rated, ${costs}`, ...waiting, ...legLines(legs, columns));
    }
    const civilTime = compileCivilTime(timeZone);
    for (const [index, call] of calls.entries()) {
      if (index > 0) print(terminal, '');
      print(terminal, ...explainText(call, civilTime, { columns, option }));
    }
    print(terminal, ...legLines(legs, columns));
  });
}
