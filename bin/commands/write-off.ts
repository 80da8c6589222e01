import { checkWriteOff, reopenRecords as reopen, writeOffRecords as writeOff } from '../../services/index.ts';
import type { WriteOffRequest } from '../../services/index.ts';
import type { PlaceOptions } from '../config.ts';
import type { Ledger } from '../ledger.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { refusalError } from '../refusal-error.ts';
import { plural, showCount } from '../show-values.ts';
import { type Terminal, print } from '../terminal.ts';

export interface WriteOffOptions extends PlaceOptions, Pick<WriteOffRequest, 'by' | 'note'> {}

/** `fairtally quarantine write-off NO…`: a person says that nothing mends these records; they wait no longer. */
export function writeOffRecords(nos: readonly string[], options: WriteOffOptions, terminal: Terminal): Promise<void> {
  return act('write off', nos, options, terminal, async (ledger, request) => {
    const answer = await writeOff(ledger, request);
    if (answer.kind === 'refused') throw refusalError(answer);
    return `${plural(answer.records, 'record')} written off by ${request.by}`;
  });
}

/** `fairtally quarantine reopen NO…`: records that were written off are rated if they can be, or wait again. */
export function reopenRecords(nos: readonly string[], options: WriteOffOptions, terminal: Terminal): Promise<void> {
  return act('reopen', nos, options, terminal, async (ledger, request) => {
    const answer = await reopen(ledger, request);
    if (answer.kind === 'refused') throw refusalError(answer);
    const { records, rated } = answer;
    const waiting = records === rated ? '' : `, ${showCount(records - rated)} wait`;
    return `${plural(records, 'record')} reopened by ${request.by}: ${showCount(rated)} rated${waiting}`;
  });
}

/** Checks what was typed before a ledger is opened, and prints what came of it. */
async function act(
  what: Parameters<typeof checkWriteOff>[1],
  nos: readonly string[],
  options: WriteOffOptions,
  terminal: Terminal,
  run: (ledger: Ledger, request: WriteOffRequest) => Promise<string>,
): Promise<void> {
  const request: WriteOffRequest = { records: nos, by: options.by, note: options.note };
  const fault = checkWriteOff(request, what);
  if (fault !== null) throw refusalError(fault);
  await withExistingLedger(options, terminal, async (ledger) => print(terminal, await run(ledger, request)));
}
