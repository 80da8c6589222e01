import { resolve } from 'node:path';
import { FORMAT_DESCRIPTIONS, type FormatSettings, formatIds, neededSettings } from '../../formats/index.ts';
import { openRecords, recordsOf } from '../../ingest/index.ts';
import { CommandError, EXIT_FAULTS, usageError } from '../command-error.ts';
import { loadNumberingPlan } from '../load-numbering-plan.ts';
import { isStdinName } from '../spooled-stream.ts';
import { showCount } from '../show-values.ts';
import { notify, print, printJson, type Terminal } from '../terminal.ts';
import { textTable } from '../text-table.ts';
import { type PlacedRecord, MOST_TOGETHER, readTogether } from '../tried-legs.ts';
import { linesOfTrial, type TriedRecord, Trial } from '../tried-records.ts';
import { readingOptions } from './rate.ts';

export interface TryOptions extends FormatSettings {
  /** How many records to show; the summary is of all. */
  readonly limit?: string;
  readonly json?: boolean;
}

/** `fairtally formats list`: the formats, and what each can not be read without. */
export function listFormats(terminal: Terminal): void {
  const rows = formatIds.map((id) => [
    id,
    FORMAT_DESCRIPTIONS[id],
    neededSettings(id)
      .map((name) => `--${name}`)
      .join(' '),
  ]);
  const columns = ['format', 'of', 'needs'].map((heading) => ({ heading, align: 'left' as const }));
  print(terminal, ...textTable(columns, rows));
}

/**
 * `fairtally formats try FILE`: what becomes of each record of a file, without a ledger: what was read, who would pay,
 * which number, and why. The records of one call are read together. Returns the exit code: 1 where not one record is
 * a call or a registration, and some wait.
 */
export async function tryFormat(file: string, options: TryOptions, terminal: Terminal): Promise<number> {
  const limit = limitOf(options);
  const reading = readingOptions(options, terminal);
  const source = isStdinName(file)
    ? { stream: terminal.stdin, name: 'stdin' }
    : { path: resolve(terminal.folder, file) };
  const opened = await openRecords(source, reading);
  if (opened.kind === 'unusable') throw new CommandError(opened.problem);
  const { format, batches } = opened;
  const plan = loadNumberingPlan();
  const trial = new Trial((dialled) => plan.classify(dialled));
  const shown: TriedRecord[] = [];
  const add = (records: Iterable<PlacedRecord>): void => {
    for (const { decoded, position, why } of records) {
      const record = trial.add(decoded, position, why);
      if (shown.length < limit) shown.push(record);
    }
  };
  const together: Omit<PlacedRecord, 'why'>[] = [];
  let isAlone = false;
  for await (const batch of batches) {
    for (const { decoded, position } of recordsOf(format, batch)) {
      if (format.hasLegs !== true || isAlone) add([{ decoded, position, why: null }]);
      else together.push({ decoded, position });
      if (together.length < MOST_TOGETHER) continue;
      isAlone = true;
      add(readTogether(together.splice(0)));
    }
  }
  add(readTogether(together));
  const warnings = trial.warnings(format.unmatched?.() ?? []);
  if (isAlone) warnings.push(`Warning: records after the first ${showCount(MOST_TOGETHER)} were each read alone`);
  const counts = trial.counts();
  if (options.json === true) printJson(terminal, { format: format.id, counts, records: shown, warnings });
  else print(terminal, ...linesOfTrial(format.id, shown, trial));
  notify(terminal, ...warnings);
  return counts.calls + counts.registrations === 0 && counts.waiting > 0 ? EXIT_FAULTS : 0;
}

function limitOf({ limit = '1000' }: TryOptions): number {
  if (/^\d{1,6}$/.test(limit)) return Number(limit);
  throw usageError(`Cannot use --limit '${limit}': it must be a number of records up to 999999`);
}
