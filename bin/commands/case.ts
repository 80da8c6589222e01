import { caseJson, checkCase, showCase } from '../../services/index.ts';
import { caseText } from '../case-text.ts';
import type { PlaceOptions } from '../config.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { refusalError } from '../refusal-error.ts';
import { type Terminal, print, printJson } from '../terminal.ts';
import { warnOfWaitingLines } from '../waiting-lines.ts';

export interface CaseOptions extends PlaceOptions {
  readonly json?: boolean;
  readonly numbers?: string;
  readonly everywhere?: boolean;
}

/** `fairtally case`: all that there is to see of a line's month before it is decided on. */
export async function showOneCase(
  [line, period]: readonly [string, string],
  { json = false, numbers, everywhere, ...place }: CaseOptions,
  terminal: Terminal,
): Promise<void> {
  const request = { line, period, numbers, everywhere };
  const fault = checkCase(request);
  if (fault !== null) throw refusalError(fault);
  await withExistingLedger(place, terminal, async (ledger) => {
    await warnOfWaitingLines(ledger, terminal);
    const shown = await showCase(ledger, request);
    if (shown.kind === 'refused') throw refusalError(shown);
    if (json) return printJson(terminal, caseJson(shown));
    print(terminal, ...caseText(shown, { columns: terminal.columns, option: ledger.option }));
  });
}
