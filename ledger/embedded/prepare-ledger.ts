import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../schema/migrate.ts';
import { openDatabase } from '../database/open-database.ts';
import { dropPreparedLedger, hasPreparedLedger, keepPreparedLedger } from './prepared-ledger.ts';

/**
 * Makes the database that new embedded ledgers begin as, where there is none for this version yet, and opens one made
 * from it. Returns whether it made one. Throws where it is not as this version's migrations have it.
 */
export async function prepareLedger(): Promise<boolean> {
  if (await hasPreparedLedger()) return false;
  const folder = await mkdtemp(join(tmpdir(), 'fairtally-prepared-'));
  try {
    const made = join(folder, 'made');
    const db = await openDatabase({ directory: made });
    await migrate(db).finally(() => db.close());
    await keepPreparedLedger(made);
    await check(join(folder, 'copy'));
    return true;
  } catch (cause) {
    await dropPreparedLedger();
    throw cause;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function check(directory: string): Promise<void> {
  const db = await openDatabase({ directory, isPrepared: true });
  try {
    const missing = await migrate(db);
    if (missing.length > 0) throw new Error(`Cannot use the prepared ledger: it has no '${missing.join("', '")}'`);
  } finally {
    await db.close();
  }
}
