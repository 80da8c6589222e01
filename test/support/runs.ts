import { DATABASE_KINDS, type DatabaseKind } from './test-database.ts';

/**
 * How often a property is tried: `few` times in `npm test`, `LONGER` times as often in `npm run test:long`, which tries
 * the same and more. HISTORIES says it outright: HISTORIES=5000 SEED=$RANDOM makes a run that nobody has seen.
 */
export function runsOf(few: number): number {
  const { HISTORIES, LONGER } = process.env;
  return HISTORIES === undefined ? few * Number(LONGER ?? 1) : Number(HISTORIES);
}

/**
 * Databases on which what the engine does with single records is tried: PostgreSQL in `npm test`, where an embedded
 * ledger for each of 70 tests takes half a second of computing; both in `npm run test:long`. Embedded, `npm test` tries
 * the engine by histories (`stream-equals-batch.test.ts`), by what it tells, and by way of the API.
 */
export const ENGINE_KINDS: readonly DatabaseKind[] =
  process.env['LONGER'] === undefined ? ['postgres'] : DATABASE_KINDS;
