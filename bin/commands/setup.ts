import type { PlaceOptions } from '../config.ts';
import { describePlace } from '../config.ts';
import { withLedger } from '../open-ledger.ts';
import { type Terminal, print } from '../terminal.ts';

/** `fairtally setup`: brings a ledger's schema up to date and gives it what it can't rate without. */
export function setUp(options: PlaceOptions, terminal: Terminal): Promise<void> {
  return withLedger(options, terminal, async ({ place }) =>
    print(terminal, `The ledger in ${describePlace(place)} is ready`),
  );
}
