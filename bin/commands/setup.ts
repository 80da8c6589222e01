import { canLogIn, lackingRights, setUpRoles } from '../../ledger/index.ts';
import { CommandError, usageError } from '../command-error.ts';
import { describePlace, type PlaceOptions, readPlace } from '../config.ts';
import { readRoles, type RoleSettings } from '../ledger-settings.ts';
import type { Ledger } from '../ledger.ts';
import { withLedger } from '../open-ledger.ts';
import { sharedNumberWarnings } from '../shared-numbers.ts';
import { type Terminal, notify, print } from '../terminal.ts';

export interface SetupOptions extends PlaceOptions {
  /** Make the roles that work with the ledger, and give each its rights. */
  readonly roles?: boolean;
}

/** `fairtally setup`: brings a ledger's schema up to date, and gives it and, with `--roles`, its roles what they need. */
export async function setUp({ roles, ...place }: SetupOptions, terminal: Terminal): Promise<void> {
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
