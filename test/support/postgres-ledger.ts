import { inject } from 'vitest';
import { type Database, openDatabase } from '../../ledger/index.ts';
import type { Offer } from '../../rules/index.ts';
import { LedgerUnderTest } from './ledger-under-test.ts';
import { createTestDatabase } from './test-database.ts';

/**
 * Runs with a new ledger on the tests' PostgreSQL, which is gone after: two times faster than one on PGlite, so that
 * what plays many histories plays most of them here.
 *
 * @param run with the ledger, and one more connection of its own for each of `others`
 */
export async function onPostgres(
  offers: readonly Offer[],
  deckCsv: string,
  run: (ledger: LedgerUnderTest, others: readonly Database[]) => Promise<void>,
  others = 0,
): Promise<void> {
  const { url, drop } = await createTestDatabase(inject('postgres').template);
  const databases = await Promise.all(Array.from({ length: 1 + others }, () => openDatabase({ url })));
  try {
    await run(await LedgerUnderTest.on(databases[0]!, offers, deckCsv), databases.slice(1));
  } finally {
    await Promise.all(databases.map((each) => each.close()));
    await drop();
  }
}
