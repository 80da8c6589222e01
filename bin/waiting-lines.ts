import { countStaleLines } from '../ledger/index.ts';
import type { Ledger } from './ledger.ts';
import { plural } from './show-values.ts';
import { type Terminal, notify } from './terminal.ts';

/**
 * Says how many lines wait to be judged again, before figures that may change by it: what was imported or decided on is
 * kept, and a process that was to follow it was ended.
 */
export async function warnOfWaitingLines({ db }: Pick<Ledger, 'db'>, terminal: Terminal): Promise<void> {
  const lines = await countStaleLines(db);
  if (lines === 0) return;
  const wait = lines === 1 ? 'waits' : 'wait';
  notify(
    terminal,
    `WARNING: ${plural(lines, 'line')} ${wait} to be judged again by what was entered: what their calls cost may ` +
      `change. A worker does it, and so does whatever imports or rates`,
  );
}
