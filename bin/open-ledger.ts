import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadCatalogue, RatingEngine } from '../ingest/index.ts';
import { type Database, DatabaseError, migrate, openDatabase } from '../ledger/index.ts';
import { CommandError } from './command-error.ts';
import { type LedgerPlace, type PlaceOptions, describePlace, placeOption, readPlace } from './config.ts';
import { loadNumberingPlan } from './load-numbering-plan.ts';
import type { Ledger } from './ledger.ts';
import { PROGRAM } from './program-name.ts';
import { setUpLedger } from './set-up-ledger.ts';
import { systemFault } from './system-fault.ts';
import { type Terminal, notify } from './terminal.ts';

/** Below the data folder: the embedded database's own files. */
const DATABASE_FOLDER = 'ledger';

/**
 * Opens the ledger for a command that writes to it, runs `work`, and closes it. A ledger is set up by itself on first
 * use: schema, numbering plan, default rate deck and offer.
 */
export function withLedger<T>(
  options: PlaceOptions,
  terminal: Terminal,
  work: (ledger: Ledger) => Promise<T>,
): Promise<T> {
  return withOpened(readPlace(options, terminal), terminal, async (ledger) => {
    for (const line of await setUpLedger(ledger)) notify(terminal, line);
    return work(ledger);
  });
}

/** Whether there is a ledger where the options say; of a server that is not asked. */
export function hasLedger(options: PlaceOptions, terminal: Terminal): boolean {
  const place = readPlace(options, terminal);
  return place.kind === 'server' || existsSync(databaseFolder(place.directory));
}

/** The same for a command that only looks: it makes no ledger where there is none. */
export function withExistingLedger<T>(
  options: PlaceOptions,
  terminal: Terminal,
  work: (ledger: Ledger) => Promise<T>,
): Promise<T> {
  const place = readPlace(options, terminal);
  if (place.kind === 'directory' && !existsSync(databaseFolder(place.directory))) {
    throw new CommandError(
      `Cannot find a ledger in '${place.directory}': '${PROGRAM} rate FILE' makes one, '${PROGRAM} demo' shows one, '--data' names another folder`,
    );
  }
  return withOpened(place, terminal, work);
}

async function withOpened<T>(place: LedgerPlace, terminal: Terminal, work: (ledger: Ledger) => Promise<T>): Promise<T> {
  if (place.kind === 'directory' && !existsSync(databaseFolder(place.directory))) {
    notify(terminal, `Setting up a new ledger in ${describePlace(place)}`);
  }
  const db = await open(place);
  try {
    await migrate(db);
    const plan = loadNumberingPlan();
    const engine = new RatingEngine(db, () => loadCatalogue(db, plan), { loadsWholePeriods: true });
    return await work({ db, plan, engine, place, option: placeOption(place, terminal.folder) });
  } finally {
    await db.close();
  }
}

async function open(place: LedgerPlace): Promise<Database> {
  if (place.kind === 'server') return openDatabase({ url: place.url });
  try {
    return await openDatabase({ directory: databaseFolder(place.directory) });
  } catch (cause) {
    if (cause instanceof DatabaseError || systemFault(cause) !== null) throw cause;
    // The embedded database has no code for it, and says the same whatever it met.
    throw new CommandError(
      `Cannot open the ledger in '${place.directory}': the files in its folder '${DATABASE_FOLDER}' are damaged, or another program's`,
    );
  }
}

function databaseFolder(directory: string): string {
  return join(directory, DATABASE_FOLDER);
}
