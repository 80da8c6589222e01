import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Database } from '../../../ledger/index.ts';
import { fullIllimite } from '../../rules/full-illimite-for-test.ts';
import type { LedgerUnderTest } from '../../support/ledger-under-test.ts';
import {
  DECK_OF_CALLS,
  LINES_OF_CALLS,
  type LegHistory,
  ledgerOfLegs,
  legHistories,
  oracleOfLegs,
  playLegs,
} from '../../support/legs-under-test.ts';
import { onPostgres } from '../../support/postgres-ledger.ts';
import { runsOf } from '../../support/runs.ts';

/** HISTORIES and SEED make a long run that nobody has seen; CASE, one of it. */
const RUNS = runsOf(20);
const SEED = { seed: Number(process.env['SEED'] ?? 20_261_129) };
const CASE = process.env['CASE'] === undefined ? {} : { path: process.env['CASE'] };

describe('whole calls', () => {
  it('come out as the oracle says that knows what happened, whatever the order, deliveries, duplicates, restarts', async () => {
    await fc.assert(fc.asyncProperty(legHistories(1), onOneEngine), {
      numRuns: RUNS,
      endOnFailure: true,
      ...SEED,
      ...CASE,
    });
  }, 300_000);

  it('do so where two workers on one PostgreSQL have their legs at once', async () => {
    await fc.assert(fc.asyncProperty(legHistories(2), onTwoEngines), {
      numRuns: Math.ceil(RUNS / 5),
      endOnFailure: true,
      ...SEED,
      ...CASE,
    });
  }, 300_000);
});

async function onOneEngine(history: LegHistory): Promise<void> {
  const offers = [fullIllimite()];
  await onPostgres(offers, DECK_OF_CALLS, async (ledger) => {
    await ledger.provision(LINES_OF_CALLS);
    await playLegs(
      history,
      () => ledger.engine,
      () => ledger.restart(),
    );
    expect(await ledgerOfLegs(ledger.db)).toEqual(oracleOfLegs(history.calls, offers));
  });
}

async function onTwoEngines(history: LegHistory): Promise<void> {
  const offers = [fullIllimite()];
  const run = async (ledger: LedgerUnderTest, own: readonly Database[]): Promise<void> => {
    await ledger.provision(LINES_OF_CALLS);
    const engines = own.map((each) => ledger.otherEngine(each));
    await playLegs(
      history,
      (source) => engines[source]!,
      (source) => void (engines[source] = ledger.otherEngine(own[source]!)),
    );
    // Nothing is swept: no correction may be lost.
    expect(await ledgerOfLegs(ledger.db)).toEqual(oracleOfLegs(history.calls, offers));
  };
  await onPostgres(offers, DECK_OF_CALLS, run, 2);
}
