import { beginLife, lockHeads, readHeads, settleHome } from '../../ledger/index.ts';
import { usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { type Terminal, print } from '../terminal.ts';

export interface RestoredOptions extends PlaceOptions {
  readonly by: string;
  readonly note: string;
  /** The database moved, and nothing that was committed is missing: after a failover to a replica in step. */
  readonly nothingLost?: boolean;
}

/**
 * `fairtally restored`: says that this copy is the ledger from now on. It begins another life, so that relays tell
 * their readers what they must drop; with `--nothing-lost` the life goes on, and only the place is another.
 */
export async function restored(options: RestoredOptions, terminal: Terminal): Promise<void> {
  const { by, note, nothingLost = false } = options;
  if (by.trim() === '') throw usageError("Cannot use --by '': it must say who decides");
  if (note.trim() === '') throw usageError("Cannot use --note '': it must say what was restored, and why");
  await withExistingLedger(options, terminal, async ({ db }) => {
    const life = await db.transaction(async (tx) => {
      const buckets = (await readHeads(tx)).map(({ bucket }) => bucket);
      await lockHeads(tx, buckets);
      await settleHome(tx, by, note);
      return nothingLost ? null : beginLife(tx, by, note);
    });
    if (life === null) print(terminal, 'The ledger is at home here; nothing is told anew');
    else
      print(
        terminal,
        `The ledger begins life ${life.no}, ${life.id}: relays tell their readers what to drop, then go on`,
      );
  });
}
