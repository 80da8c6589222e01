import { beginLife, isStrangeCopy, knownHome, lockHeads, readHeads, settleHome } from '../../ledger/index.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { type Terminal, print } from '../terminal.ts';

export interface RestoredOptions extends PlaceOptions {
  readonly by: string;
  readonly note: string;
  /** The database moved, and nothing that was committed is missing: after a failover to a replica in step. */
  readonly nothingLost?: boolean;
  /** The copy was restored into the very database that the ledger was in: nothing else shows it. */
  readonly inPlace?: boolean;
}

/**
 * `fairtally restored`: says that this copy is the ledger from now on. It begins another life, so that relays tell
 * their readers what they must drop; with `--nothing-lost` the life goes on, and only the place is another. Where the
 * ledger is at home already nothing was restored, as far as anyone can see: it is refused, unless told `--in-place`.
 */
export async function restored(options: RestoredOptions, terminal: Terminal): Promise<void> {
  const { by, note, nothingLost = false, inPlace = false } = options;
  if (by.trim() === '') throw usageError("Cannot use --by '': it must say who decides");
  if (inPlace && nothingLost) throw usageError("Cannot use '--in-place' with '--nothing-lost': nothing would change");
  if (note.trim() === '') throw usageError("Cannot use --note '': it must say what was restored, and why");
  await withExistingLedger(options, terminal, async ({ db }) => {
    const life = await db.transaction(async (tx) => {
      const buckets = (await readHeads(tx)).map(({ bucket }) => bucket);
      await lockHeads(tx, buckets);
      const isAtHome = (await knownHome(tx)) !== null && !(await isStrangeCopy(tx));
      if (isAtHome && !inPlace) {
        throw new CommandError(
          `Cannot take the ledger for a restored one: it is in the database where it was before; ` +
            `'--in-place' does it all the same, where a copy was restored into that very database`,
        );
      }
      const begun = nothingLost ? null : await beginLife(tx, by, note);
      await settleHome(tx, by, note);
      return begun;
    });
    if (life === null) print(terminal, 'The ledger is at home here; nothing is told anew');
    else
      print(
        terminal,
        `The ledger begins life ${life.no}, ${life.id}: relays tell their readers what to drop, then go on`,
      );
  });
}
