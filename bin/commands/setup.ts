import { canLogIn, isRightMissing, lackingRights, makePeriods, setUpRoles } from '../../ledger/index.ts';
import { CommandError, usageError } from '../command-error.ts';
import { describePlace, type PlaceOptions, readPlace } from '../config.ts';
import { readRoles, type RoleSettings } from '../ledger-settings.ts';
import type { Ledger } from '../ledger.ts';
import { withLedger } from '../open-ledger.ts';
import { parsePeriod, showPeriod } from '../show-values.ts';
import { sharedNumberWarnings } from '../shared-numbers.ts';
import { type Terminal, notify, print } from '../terminal.ts';

export interface SetupOptions extends PlaceOptions {
  /** Make the roles that work with the ledger, and give each its rights. */
  readonly roles?: boolean;
  /** Months to be made beside those of today: `2026-11`, or `2026-01..2026-12`. */
  readonly months?: string;
}

/**
 * `fairtally setup`: brings a ledger's schema up to date, and gives it and, with `--roles`, its roles what they need.
 */
export async function setUp({ roles, months, ...place }: SetupOptions, terminal: Terminal): Promise<void> {
  const asked = months === undefined ? [] : monthsOf(months);
  const faults: string[] = [];
  const settings = readRoles(terminal.env, faults);
  if (faults.length > 0) throw usageError(faults);
  const chosen = readPlace(place, terminal);
  if (roles === true && chosen.kind !== 'server') {
    throw new CommandError(
      `Cannot make roles for the embedded ledger in '${chosen.directory}': only a PostgreSQL server has roles`,
    );
  }
  await withLedger(place, terminal, async (ledger) => {
    notify(terminal, ...(await sharedNumberWarnings(ledger.db)));
    await makeMonths(ledger, asked, months ?? '', terminal);
    if (roles === true) await makeRoles(ledger, settings, terminal);
    else if (ledger.place.kind === 'server') notify(terminal, ...(await lackingRights(ledger.db, settings.prefix)));
    print(terminal, `The ledger in ${describePlace(ledger.place)} is ready`);
  });
}

async function makeRoles({ db, place }: Ledger, settings: RoleSettings, terminal: Terminal): Promise<void> {
  if (place.kind !== 'server') return;
  const { url } = place;
  const logsIn = (role: string, password: string): Promise<boolean> => canLogIn(url, role, password);
  const { did, warnings } = await setUpRoles(db, { ...settings, logsIn });
  print(terminal, ...(did.length === 0 ? ['The roles are as they should be: nothing changed'] : did));
  notify(terminal, ...warnings);
}

async function makeMonths(
  { db, engine }: Ledger,
  months: readonly number[],
  text: string,
  terminal: Terminal,
): Promise<void> {
  const made = await makePeriods(db, months).catch((error: unknown) => {
    if (!isRightMissing(error)) throw error;
    throw new CommandError(`Cannot make months '${text}': only the owner of the tables may`);
  });
  if (made.length === 0) return;
  print(terminal, `Months made: ${made.map(showPeriod).join(', ')}`);
  await engine.catchUp();
}

/** So many at once: more are a mistake in the year. */
const MOST_MONTHS = 240;

function monthsOf(text: string): number[] {
  const [from, to, ...others] = text.split('..').map(parsePeriod);
  const last = to === undefined ? from : to;
  const isRange = others.length === 0 && from !== undefined && from !== null && last !== undefined && last !== null;
  const months = isRange ? monthsBetween(from, last) : [];
  if (months.length > 0 && months.length <= MOST_MONTHS && from! >= 200_001 && last! <= 206_012) return months;
  throw usageError(
    `Cannot use --months '${text}': it is no month such as '2026-11', nor a range such as '2026-01..2026-12' from ` +
      `2000-01 to 2060-12 of at most ${MOST_MONTHS} months`,
  );
}

function monthsBetween(from: number, to: number): number[] {
  const months: number[] = [];
  for (let month = from; month <= to; month = month % 100 === 12 ? month + 89 : month + 1) months.push(month);
  return months;
}
