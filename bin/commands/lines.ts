import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  ledgerCivilTime,
  type ParsedProvisioning,
  parseProvisioning,
  type ProvisioningTexts,
  storeLines,
} from '../../services/index.ts';
import {
  type FactsEntered,
  loadOffers,
  type ProvisioningChange,
  type ProvisioningFault,
  provisioningFaultText,
} from '../../ledger/index.ts';
import type { Offer } from '../../rules/index.ts';
import { type CivilTime, compileCivilTime, type NumberingPlan } from '../../tariffs/index.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { loadNumberingPlan } from '../load-numbering-plan.ts';
import type { Ledger } from '../ledger.ts';
import { hasLedger, withLedger } from '../open-ledger.ts';
import { rateAgain } from '../rated-again.ts';
import { readTextFile } from '../read-text-file.ts';
import { checkRetroactive } from '../retroactive.ts';
import { readDefaultOffer } from '../set-up-ledger.ts';
import { sharedNumberWarnings } from '../shared-numbers.ts';
import { plural, showInstant } from '../show-values.ts';
import { type Terminal, notify, print } from '../terminal.ts';
import { userName } from '../user-name.ts';

/** The four files, each by its own option or by its name in the folder. */
export interface LinesOptions extends PlaceOptions {
  readonly accounts?: string;
  readonly lines?: string;
  readonly devices?: string;
  readonly networks?: string;
  /** Who imports, and why: kept where facts change what was rated already. */
  readonly by?: string;
  readonly note?: string;
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
  checkRetroactive(options);
  const paths = findFiles(folder, options, terminal);
  const { texts, names } = await readFiles(paths, terminal);
  // Refused before a ledger is made: a new one has the default offer.
  if (!hasLedger(options, terminal)) {
    const plan = loadNumberingPlan();
    parseLines([readDefaultOffer(plan)], plan, texts, names);
  }
  await withLedger(options, terminal, async (ledger) => {
    const entered = { by: options.by ?? userName(), note: options.note ?? 'no note was given' };
    print(terminal, ...(await importTexts(ledger, texts, names, entered)));
    for (const warning of await sharedNumberWarnings(ledger.db)) notify(terminal, warning);
    print(terminal, ...(await rateAgain(ledger)));
  });
}

/** Who enters facts, and why. */
export interface EnteredBy {
  readonly by: string;
  readonly note: string;
}

/**
 * Parses and stores provisioning texts; returns what changed, in sentences. `names` are the files' names in faults.
 */
export async function importTexts(
  ledger: Ledger,
  texts: ProvisioningTexts,
  names: Partial<Record<ProvisioningFile, string>>,
  { by, note }: EnteredBy,
): Promise<string[]> {
  const offers = await loadOffers(ledger.db);
  const parsed = parseLines(
    offers.map(({ offer }) => offer),
    ledger.plan,
    texts,
    names,
  );
  const civilTime = await ledgerCivilTime(ledger.db);
  const entered = { file: names.lines ?? 'lines.csv', takenBy: by, note };
  const stored = await storeLines(ledger, parsed, entered);
  if (stored.kind === 'faults') throw refusedByLedger(stored.faults, parsed, entered.file, civilTime);
  const { change } = stored;
  return [
    `${plural(parsed.accounts.length, 'account')} (${change.newAccounts.length} new, ${change.renamedAccounts.length} renamed), ` +
      `${plural(parsed.lines.length, 'line')} (${change.changedLines.length} new or changed)`,
    ...reachText(change, entered, civilTime),
  ];
}

function reachText({ reach }: ProvisioningChange, { takenBy }: FactsEntered, civilTime: CivilTime): string[] {
  if (reach === null) return [];
  const since = showInstant(reach.from, civilTime);
  return [`Reaches back over ${plural(reach.calls, 'rated call')}, from ${since} on: kept as done by ${takenBy}`];
}

type Parsed = Extract<ParsedProvisioning, { kind: 'provisioning' }>;

/** What the ledger has against what was parsed, each fault with the row of the file. */
function refusedByLedger(
  faults: readonly ProvisioningFault[],
  parsed: Parsed,
  file: string,
  civilTime: CivilTime,
): CommandError {
  return new CommandError([
    ...faults.map((fault) => {
      const text = provisioningFaultText(fault, (instant) => showInstant(instant, civilTime));
      const row = 'spanFrom' in fault ? parsed.rowOf(fault.line, fault.spanFrom) : null;
      return row === null ? `${file}: ${text}` : `${file}:${row}: number: ${text}`;
    }),
    `Nothing was imported: ${plural(faults.length, 'fault')}`,
  ]);
}

/** Provisioning texts as what they say; throws a `CommandError` with every fault. */
function parseLines(
  offers: readonly Offer[],
  plan: NumberingPlan,
  texts: ProvisioningTexts,
  names: Partial<Record<ProvisioningFile, string>>,
): Parsed {
  const { parseInstant } = compileCivilTime(offers.at(-1)?.timeZone ?? 'Europe/Paris');
  const parsed = parseProvisioning(texts, {
    parseInstant,
    plan,
    offers: [...new Set(offers.map(({ id }) => id))],
    names,
  });
  if (parsed.kind === 'faults') {
    throw new CommandError([
      ...parsed.faults.map(({ file, line, column, problem }) =>
        [`${file}:${line}`, ...(column === '' ? [] : [column]), problem].join(': '),
      ),
      `Nothing was imported: ${plural(parsed.faults.length, 'fault')}`,
    ]);
  }
  return parsed;
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
