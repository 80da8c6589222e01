import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadCatalogue, RatingEngine } from '../engine/index.ts';
import {
  type Database,
  DatabaseError,
  migrate,
  openDatabase,
  patientDatabase,
  type PatienceNews,
} from '../ledger/index.ts';
import { CommandError } from './command-error.ts';
import { type LedgerPlace, type PlaceOptions, describePlace, placeOption, readPlace } from './config.ts';
import { loadNumberingPlan } from './load-numbering-plan.ts';
import type { Ledger } from './ledger.ts';
import { PROGRAM } from './program-name.ts';
import { setUpLedger } from './set-up-ledger.ts';
import { showDuration } from './show-values.ts';
import { systemFault } from './system-fault.ts';
import { type Terminal, notify } from './terminal.ts';

/** Below the data folder: the embedded database's own files. */
export const DATABASE_FOLDER = 'ledger';

/** How long a command waits for a server that went away meanwhile. */
const PATIENCE_MS = 5 * 60_000;

/** How a command has its ledger. */
export interface Opening {
  /** It waits for a server that goes away. Not a command that goes on until it is stopped, and has ways of its own. */
  readonly waits?: boolean;
  /** How much of an embedded database is kept in memory; see `openDatabase`. */
  readonly bufferMegabytes?: number;
}

/**
 * Opens the ledger for a command that writes to it, runs `work`, and closes it. A ledger is set up by itself on first
 * use: schema, numbering plan, default rate deck and offer.
 */
export function withLedger<T>(
  options: PlaceOptions,
  terminal: Terminal,
  work: (ledger: Ledger) => Promise<T>,
  opening: Opening = {},
): Promise<T> {
  const setUpFirst = async (ledger: Ledger): Promise<T> => {
    for (const line of await setUpLedger(ledger)) notify(terminal, line);
    return work(ledger);
  };
  return withOpened(readPlace(options, terminal), terminal, setUpFirst, opening);
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
  opening: Opening = {},
): Promise<T> {
  const place = readPlace(options, terminal);
  if (place.kind === 'directory' && !existsSync(databaseFolder(place.directory))) {
    throw new CommandError(
      `Cannot find a ledger in '${place.directory}': '${PROGRAM} rate FILE' makes one, '${PROGRAM} demo' shows one, '--data' names another folder`,
    );
  }
  return withOpened(place, terminal, work, opening);
}

async function withOpened<T>(
  place: LedgerPlace,
  terminal: Terminal,
  work: (ledger: Ledger) => Promise<T>,
  { waits = true, ...embedded }: Opening,
): Promise<T> {
  if (place.kind === 'directory' && !existsSync(databaseFolder(place.directory))) {
    notify(terminal, `Setting up a new ledger in ${describePlace(place)}`);
  }
  const opened = await open(place, embedded);
  const db = waits && place.kind === 'server' ? patientFor(opened, terminal) : opened;
  try {
    await migrate(db);
    const engine = new RatingEngine(db, () => loadCatalogue(db, loadNumberingPlan()), {
      loadsWholePeriods: true,
      onRepeat: ({ message }) => notify(terminal, `${message}: it is tried again`),
    });
    return await work({
      db,
      // Compiling it takes longer than what many a command does without it.
      get plan() {
        return loadNumberingPlan();
      },
      engine,
      place,
      option: placeOption(place, terminal.folder),
    });
  } finally {
    await db.close();
  }
}

async function open(place: LedgerPlace, embedded: Pick<Opening, 'bufferMegabytes'>): Promise<Database> {
  if (place.kind === 'server') return openDatabase(place);
  try {
    return await openDatabase({ directory: databaseFolder(place.directory), isPrepared: true, ...embedded });
  } catch (cause) {
    if (cause instanceof DatabaseError || systemFault(cause) !== null) throw cause;
    // The embedded database has no code for it, and says the same whatever it met.
    throw new CommandError(
      `Cannot open the ledger in '${place.directory}': the files in its folder '${DATABASE_FOLDER}' are damaged, or another program's`,
    );
  }
}

function patientFor(db: Database, terminal: Terminal): Database {
  const tell = (news: PatienceNews): void => {
    if (news.kind === 'back') return notify(terminal, 'The database answers again: going on');
    const left = showDuration(Math.ceil((news.limitMs - news.waitedMs) / 1000) * 1000);
    notify(terminal, `${news.error.message}: waiting for the database, ${left} at most`);
  };
  return patientDatabase(db, { limitMs: PATIENCE_MS, tell, signal: terminal.signal });
}

function databaseFolder(directory: string): string {
  return join(directory, DATABASE_FOLDER);
}
