import { checkTakeOver, takeOver, type TakeOverRequest } from '../../services/index.ts';
import type { PlaceOptions } from '../config.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { refusalError } from '../refusal-error.ts';
import { type Terminal, print } from '../terminal.ts';

export interface RestoredOptions extends PlaceOptions, TakeOverRequest {}

/** `fairtally restored`: says that this copy is the ledger from now on. */
export async function restored(options: RestoredOptions, terminal: Terminal): Promise<void> {
  const { by, note, nothingLost, inPlace } = options;
  const request: TakeOverRequest = { by, note, nothingLost, inPlace };
  const fault = checkTakeOver(request);
  if (fault !== null) throw refusalError(fault);
  await withExistingLedger(options, terminal, async (ledger) => {
    const taken = await takeOver(ledger, request);
    if (taken.kind === 'refused') throw refusalError(taken);
    const { life } = taken;
    if (life === null) print(terminal, 'The ledger is at home here; nothing is told anew');
    else
      print(
        terminal,
        `The ledger begins life ${life.no}, ${life.id}: relays tell their readers what to drop, then go on`,
      );
  });
}
