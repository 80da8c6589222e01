import type { PlaceOptions } from '../config.ts';
import { describePlace } from '../config.ts';
import { withLedger } from '../open-ledger.ts';
import { sharedNumberWarnings } from '../shared-numbers.ts';
import { type Terminal, notify, print } from '../terminal.ts';

/** `fairtally setup`: brings a ledger's schema up to date and gives it what it can't rate without. */
export function setUp(options: PlaceOptions, terminal: Terminal): Promise<void> {
  return withLedger(options, terminal, async ({ place, db }) => {
    for (const warning of await sharedNumberWarnings(db)) notify(terminal, warning);
    print(terminal, `The ledger in ${describePlace(place)} is ready`);
  });
}
