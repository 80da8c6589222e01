import { type QuarantinedRecord, type Queryable, waitingQuarantine } from '../../ledger/index.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { withLedger } from '../open-ledger.ts';
import { PROGRAM } from '../program-name.ts';
import { plural, showCount } from '../show-values.ts';
import { type Terminal, print } from '../terminal.ts';

export interface AcceptOptions extends PlaceOptions {
  readonly by: string;
  readonly note: string;
}

/**
 * `fairtally quarantine accept NO…`: a person says that the starts of records are right though they are implausible.
 * Who did and why is kept for good; the records are rated, or wait for whatever else stands in their way.
 */
export async function acceptStarts(nos: readonly string[], options: AcceptOptions, terminal: Terminal): Promise<void> {
  const faults = nos.flatMap((no) =>
    /^[1-9]\d{0,14}$/.test(no) ? [] : [`Cannot accept record '${no}': it is no number`],
  );
  if (options.by.trim() === '') faults.push(`Cannot accept for nobody: '--by' is empty`);
  if (faults.length > 0) throw usageError(faults);
  await withLedger(options, terminal, async ({ db, engine }) => {
    await engine.catchUp();
    const records = await waitingForStart(db, [...new Set(nos.map(Number))]);
    const { rated } = await engine.accept(records, { acceptedBy: options.by, note: options.note });
    await engine.catchUp();
    const waiting = records.length - rated;
    print(
      terminal,
      `${plural(records.length, 'start')} accepted by ${options.by}: ${plural(rated, 'call')} rated` +
        (waiting === 0
          ? ''
          : `, ${showCount(waiting)} not: '${PROGRAM} quarantine show NO' says why, if it still waits`),
    );
  });
}

async function waitingForStart(q: Queryable, nos: readonly number[]): Promise<QuarantinedRecord[]> {
  const records: QuarantinedRecord[] = [];
  const faults: string[] = [];
  for (const no of nos) {
    const [record] = await waitingQuarantine(q, { reason: 'start-implausible', afterNo: no - 1, limit: 1 });
    if (record?.no === no) records.push(record);
    else faults.push(`Cannot accept record '${no}': no record of this number waits as 'start-implausible'`);
  }
  if (faults.length > 0) throw new CommandError(faults);
  return records;
}
