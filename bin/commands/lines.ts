import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  checkLinesImport,
  type ImportedLines,
  importLines as importLinesTexts,
  type LinesFaults,
  type LinesImport,
  type ProvisioningTexts,
  rateAgain,
  type Refused,
} from '../../services/index.ts';
import { compileCivilTime } from '../../tariffs/index.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { loadNumberingPlan } from '../load-numbering-plan.ts';
import type { Ledger } from '../ledger.ts';
import { hasLedger, withLedger } from '../open-ledger.ts';
import { ratedAgainText } from '../rated-again.ts';
import { readTextFile } from '../read-text-file.ts';
import { refusalError } from '../refusal-error.ts';
import { readDefaultOffer } from '../set-up-ledger.ts';
import { sharedNumberWarnings } from '../shared-numbers.ts';
import { plural, showInstant } from '../show-values.ts';
import { type Terminal, notify, print } from '../terminal.ts';
import { userName } from '../user-name.ts';

/** The four files, each by its own option or by its name in the folder. */
export interface LinesOptions extends PlaceOptions, Pick<LinesImport, 'note'> {
  readonly accounts?: string;
  readonly lines?: string;
  readonly devices?: string;
  readonly networks?: string;
  /** Who imports; the user of the system when not given. */
  readonly by?: string;
}

const FILES = ['accounts', 'lines', 'devices', 'networks'] as const;
type ProvisioningFile = (typeof FILES)[number];

/**
 * `fairtally lines import`: accounts and lines with their dated facts, all or nothing; then what they touch is judged
 * again.
 */
export async function importLines(
  folder: string | undefined,
  options: LinesOptions,
  terminal: Terminal,
): Promise<void> {
  const { by = userName(), note } = options;
  const paths = findFiles(folder, options, terminal);
  const request: LinesImport = { ...(await readFiles(paths, terminal)), by, note };
  // Refused before a ledger is made: a new one has the default offer.
  if (!hasLedger(options, terminal)) {
    const plan = loadNumberingPlan();
    const fault = checkLinesImport(request, plan, [readDefaultOffer(plan)]);
    if (fault !== null) throw importError(fault);
  }
  await withLedger(options, terminal, async (ledger) => {
    print(terminal, ...(await importTexts(ledger, request)));
    for (const warning of await sharedNumberWarnings(ledger.db)) notify(terminal, warning);
    print(terminal, ...ratedAgainText(await rateAgain(ledger)));
  });
}

/** Imports provisioning texts; returns what changed, in sentences. */
export async function importTexts(ledger: Ledger, request: LinesImport): Promise<string[]> {
  const imported = await importLinesTexts(ledger, request);
  if (imported.kind !== 'imported') throw importError(imported);
  const { accounts, lines, change } = imported;
  return [
    `${plural(accounts, 'account')} (${change.newAccounts.length} new, ${change.renamedAccounts.length} renamed), ` +
      `${plural(lines, 'line')} (${change.changedLines.length} new or changed)`,
    ...reachText(imported, request),
  ];
}

function reachText({ change: { reach }, timeZone }: ImportedLines, { by }: LinesImport): string[] {
  if (reach === null) return [];
  const since = showInstant(reach.from, compileCivilTime(timeZone));
  return [`Reaches back over ${plural(reach.calls, 'rated call')}, from ${since} on: kept as done by ${by}`];
}

function importError(fault: Refused | LinesFaults): CommandError {
  if (fault.kind === 'refused') return refusalError(fault);
  return new CommandError([
    ...fault.faults.map(({ file, line, column, problem }) =>
      [line === null ? file : `${file}:${line}`, ...(column === '' ? [] : [column]), problem].join(': '),
    ),
    `Nothing was imported: ${plural(fault.faults.length, 'fault')}`,
  ]);
}

function findFiles(
  folder: string | undefined,
  options: LinesOptions,
  { folder: here }: Terminal,
): ReadonlyMap<ProvisioningFile, string> {
  const paths = new Map<ProvisioningFile, string>();
  for (const file of FILES) {
    const named = options[file];
    const inFolder = folder === undefined ? null : join(folder, `${file}.csv`);
    if (named !== undefined) paths.set(file, named);
    else if (inFolder !== null && existsSync(resolve(here, inFolder))) paths.set(file, inFolder);
  }
  const missing = (['accounts', 'lines'] as const).filter((file) => !paths.has(file));
  if (missing.length === 0) return paths;
  if (folder === undefined) {
    throw usageError(
      missing.map((file) => `Cannot import lines: name a FOLDER with '${file}.csv', or give '--${file} FILE'`),
    );
  }
  throw new CommandError(missing.map((file) => `Cannot import lines: there is no '${join(folder, `${file}.csv`)}'`));
}

async function readFiles(
  paths: ReadonlyMap<ProvisioningFile, string>,
  { folder }: Terminal,
): Promise<{ texts: ProvisioningTexts; names: Partial<Record<ProvisioningFile, string>> }> {
  const texts: Partial<Record<ProvisioningFile, string>> = {};
  const faults: string[] = [];
  for (const [file, path] of paths) {
    try {
      texts[file] = await readTextFile(resolve(folder, path), path);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      faults.push(...error.faults);
    }
  }
  if (faults.length > 0) throw new CommandError(faults);
  return {
    texts: { ...texts, accounts: texts.accounts ?? '', lines: texts.lines ?? '' },
    names: Object.fromEntries(paths),
  };
}
