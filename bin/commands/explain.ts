import { accountOfId, type CallSearch, entriesOfCall, findCallId, repeatWhileCut } from '../../ledger/index.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { explainCall, waitingRecords } from '../explain-call.ts';
import { legLines, withLegs } from '../explain-legs-text.ts';
import { explainJson, explainText, waitingJson, waitingLines } from '../explain-text.ts';
import { explainLegs, ledgerCivilTime } from '../../services/index.ts';
import type { Ledger } from '../ledger.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { parsePeriod } from '../show-values.ts';
import { type Terminal, print, printJson } from '../terminal.ts';
import { warnOfWaitingLines } from '../waiting-lines.ts';

export interface ExplainOptions extends PlaceOptions {
  /** Makes the search an index scan. */
  readonly account?: string;
  readonly period?: string;
  readonly json?: boolean;
}

/** `fairtally explain CALL-ID`: how every call that bears the switch's id came to its charge. */
export async function explain(callId: string, options: ExplainOptions, terminal: Terminal): Promise<void> {
  const period = options.period === undefined ? null : parsePeriod(options.period);
  if (options.period !== undefined && period === null) {
    throw usageError(`Cannot use --period '${options.period}': it is no month such as '2026-11'`);
  }
  await withExistingLedger(options, terminal, async (ledger) => {
    await warnOfWaitingLines(ledger, terminal);
    const account = options.account === undefined ? null : await accountOf(ledger, options.account);
    const search: CallSearch = { ...(account === null ? {} : { account }), ...(period === null ? {} : { period }) };
    const keys = await findCallId(ledger.db, callId, search);
    const waiting = await waitingRecords(ledger, callId);
    const legs = await explainLegs(ledger.db, callId);
    if (keys.length === 0 && waiting.length === 0 && legs.length === 0) {
      const where = account === null && period === null ? '' : ' there';
      throw new CommandError(
        `Cannot explain call '${callId}': no such call was rated${where}, and no record that names it waits in quarantine`,
      );
    }
    const explained = [];
    for (const key of keys) {
      const entries = await entriesOfCall(ledger.db, key);
      explained.push(await repeatWhileCut(() => explainCall(ledger, entries, waiting)));
    }
    const { columns } = terminal;
    const { option } = ledger;
    if (options.json === true) {
      const data = keys.length === 0 ? [waitingJson(callId, waiting)] : explained.map(explainJson);
      return printJson(terminal, legs.length === 0 ? data : data.map((one) => withLegs(one, legs)));
    }
    if (keys.length === 0) {
      return print(
        terminal,
        waiting.some(({ state }) => state === 'waiting')
          ? `Call ${callId}: not rated, it costs nothing yet`
          : `Call ${callId}: not rated, it costs nothing`,
        ...waitingLines(waiting, columns, option),
        ...legLines(legs, columns),
      );
    }
    const civilTime = await ledgerCivilTime(ledger.db);
    for (const [index, call] of explained.entries()) {
      if (index > 0) print(terminal, '');
      print(terminal, ...explainText(call, civilTime, { columns, option }));
    }
    print(terminal, ...legLines(legs, columns));
  });
}

async function accountOf({ db }: Ledger, id: string): Promise<{ readonly bucket: number; readonly no: number }> {
  const account = await accountOfId(db, id);
  if (account === null) throw new CommandError(`Cannot find account '${id}': the ledger has no such account`);
  return account;
}
