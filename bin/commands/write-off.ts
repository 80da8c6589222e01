import { checkWriteOff, reopenRecords as reopen, writeOffRecords as writeOff } from '../../services/index.ts';
import type { WriteOffRequest } from '../../services/index.ts';
import type { PlaceOptions } from '../config.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { refusalError } from '../refusal-error.ts';
import { plural, showCount } from '../show-values.ts';
import { type Terminal, print } from '../terminal.ts';

export interface WriteOffOptions extends PlaceOptions, Pick<WriteOffRequest, 'by' | 'note'> {}

/** `fairtally quarantine write-off NO…`: a person says that nothing mends these records; they wait no longer. */
export async function writeOffRecords(
  nos: readonly string[],
  options: WriteOffOptions,
  terminal: Terminal,
): Promise<void> {
  const { by, note } = options;
  const request: WriteOffRequest = { records: nos, by, note };
  const fault = checkWriteOff(request, 'write off');
  if (fault !== null) throw refusalError(fault);
  await withExistingLedger(options, terminal, async (ledger) => {
    const answer = await writeOff(ledger, request);
    if (answer.kind === 'refused') throw refusalError(answer);
    print(terminal, `${plural(answer.records, 'record')} written off by ${by}`);
  });
}

/** `fairtally quarantine reopen NO…`: records that were written off are rated if they can be, or wait again. */
export async function reopenRecords(
  nos: readonly string[],
  options: WriteOffOptions,
  terminal: Terminal,
): Promise<void> {
  const { by, note } = options;
  const request: WriteOffRequest = { records: nos, by, note };
  const fault = checkWriteOff(request, 'reopen');
  if (fault !== null) throw refusalError(fault);
  await withExistingLedger(options, terminal, async (ledger) => {
    const answer = await reopen(ledger, request);
    if (answer.kind === 'refused') throw refusalError(answer);
    const { records, rated } = answer;
    const waiting = records === rated ? '' : `, ${showCount(records - rated)} wait`;
    print(terminal, `${plural(records, 'record')} reopened by ${by}: ${showCount(rated)} rated${waiting}`);
  });
}
