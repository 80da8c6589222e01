import { resolve } from 'node:path';
import { z } from 'zod';
import type { SessionSettings } from '../ledger/index.ts';
import { usageError } from './command-error.ts';
import { API_VARIABLES } from './api-variables.ts';
import { LEDGER_VARIABLES, readSession } from './ledger-settings.ts';
import { readServerAddress, serverAddressFault } from './server-address.ts';
import { serverTlsFaults } from './server-tls.ts';
import { STREAM_VARIABLES } from './stream-settings.ts';
import { DEBUG_VARIABLE } from './unforeseen-fault.ts';
import type { Terminal } from './terminal.ts';

/** Where the ledger is, and how a command names the place to people. */
export type LedgerPlace =
  | { readonly kind: 'directory'; readonly directory: string }
  | { readonly kind: 'server'; readonly url: string; readonly session: SessionSettings };

/** Default folder of the embedded ledger, below the working directory. */
export const DEFAULT_DATA_FOLDER = '.fairtally';

/** Everything that configures a command besides its own arguments: options first, then the environment. */
const configSchema = z
  .strictObject({
    /** Folder of the embedded ledger (PGlite). */
    data: z.string().min(1, 'must name a folder').optional(),
    /** Address of a PostgreSQL server, 15 or later. */
    database: z.string().optional(),
    /** The same from the environment; an option goes before it. Empty counts as absent. */
    DATABASE_URL: z.string().optional(),
  })
  .refine(({ data, database }) => data === undefined || database === undefined, {
    message: `Cannot use both '--data' and '--database': the ledger is in one place`,
  });

/** Options as the command line gives them. */
export interface PlaceOptions {
  readonly data?: string;
  readonly database?: string;
}

/**
 * Where the ledger is: `--data` or `--database`, else `DATABASE_URL`, else `.fairtally` here. Nothing else reads the
 * environment. Throws one `CommandError` with every fault, unknown `FAIRTALLY_…` variables among them.
 */
export function readPlace({ data, database }: PlaceOptions, terminal: Pick<Terminal, 'env' | 'folder'>): LedgerPlace {
  const { env, folder } = terminal;
  const own = Object.entries(env).filter(([name]) => name === 'DATABASE_URL' || isUnknown(name));
  const given = { ...(data === undefined ? {} : { data }), ...(database === undefined ? {} : { database }) };
  const read = configSchema.safeParse({ ...Object.fromEntries(own), ...given });
  const faults = [
    ...(read.success ? [] : read.error.issues.flatMap((issue) => faultsOf(issue, given))),
    ...(database === undefined ? [] : addressFaults('--database', database, folder)),
    ...addressFaults('DATABASE_URL', env['DATABASE_URL'] ?? '', folder),
  ];
  const session = readSession(env, faults);
  if (!read.success || faults.length > 0) throw usageError(faults);
  const url = read.data.database ?? (read.data.data === undefined ? read.data.DATABASE_URL : undefined);
  if (url !== undefined && url !== '') return { kind: 'server', url, session };
  return { kind: 'directory', directory: resolve(folder, read.data.data ?? DEFAULT_DATA_FOLDER) };
}

const KNOWN_VARIABLES: ReadonlySet<string> = new Set([
  DEBUG_VARIABLE,
  ...STREAM_VARIABLES,
  ...LEDGER_VARIABLES,
  ...API_VARIABLES,
]);

/** Whether a variable is meant for Fairtally, and read by none of its commands. */
function isUnknown(name: string): boolean {
  return name.startsWith('FAIRTALLY_') && !KNOWN_VARIABLES.has(name);
}

/** A place as messages name it; a server's without its password. */
export function describePlace(place: LedgerPlace): string {
  if (place.kind === 'directory') return place.directory;
  return readServerAddress(place.url)?.shown ?? 'a PostgreSQL server';
}

/** The options with which another command finds the same ledger: `''` when it finds it by itself. */
export function placeOption(place: LedgerPlace, folder: string): string {
  if (place.kind === 'server') return '';
  const shown = place.directory.startsWith(`${folder}/`) ? place.directory.slice(folder.length + 1) : place.directory;
  return shown === DEFAULT_DATA_FOLDER ? '' : ` --data ${shown}`;
}

type Issue = z.core.$ZodIssue;

function faultsOf(issue: Issue, values: Readonly<Record<string, string | undefined>>): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `Cannot use environment variable '${key}': it is not known`);
  }
  const [name] = issue.path;
  if (typeof name !== 'string') return [issue.message];
  return [`Cannot use --${name} '${values[name] ?? ''}': it ${issue.message}`];
}

/** What is wrong with a server's address; it is never quoted as a whole: a password stands somewhere in it. */
function addressFaults(setting: string, value: string, folder: string): string[] {
  if (value === '' && setting === 'DATABASE_URL') return [];
  const fault = serverAddressFault(value);
  if (fault !== null) return [`Cannot use ${setting}: ${fault} (it is not shown, as it may hold a password)`];
  return serverTlsFaults(value, folder).map((each) => `Cannot use ${setting}: ${each}`);
}
