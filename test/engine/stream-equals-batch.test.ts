import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Decision } from '../../rater/index.ts';
import { smallForfait99, smallForfaitInReview } from '../rules/offers-for-test.ts';
import { collidingIds } from '../support/colliding-ids.ts';
import { histories } from '../support/oracle/histories.ts';
import { type History, type PlayedClose, receivedAtOf, stepsOf } from '../support/oracle/history.ts';
import { deckCsvOf } from '../support/oracle/deck-csv.ts';
import { LedgerUnderTest } from '../support/ledger-under-test.ts';
import { onPostgres } from '../support/postgres-ledger.ts';
import { stakeDifferences } from '../support/stake-differences.ts';
import { oracleLedger, wholeLedger } from '../support/whole-ledger.ts';
import { runsOf } from '../support/runs.ts';
import { type LedgerServer, openLedgerServer } from '../support/ledger-server.ts';

/**
 * How many histories, from which seed: HISTORIES=5000 SEED=$RANDOM makes a long run that nobody has seen; CASE, one
 * of them.
 */
const RUNS = runsOf(8);
const SEED = { seed: Number(process.env['SEED'] ?? 20_261_121) };
const CASE = process.env['CASE'] === undefined ? {} : { path: process.env['CASE'] };

let server: LedgerServer;
beforeAll(async () => {
  server = await openLedgerServer('pglite');
});
afterAll(() => server.close());

describe('invariant 1, stream equals batch', () => {
  it('bills, judges and quarantines as the oracle does that sees the whole month at once', async () => {
    const history = histories({ crossAccountConflicts: true, ownerMayChangeAccount: true });
    await fc.assert(fc.asyncProperty(history, compareWithOracle), {
      numRuns: RUNS,
      endOnFailure: true,
      ...SEED,
      ...CASE,
    });
  }, 600_000);

  it('does so embedded, under the example offer: few numbers, short calls and few minutes a month', async () => {
    const history = histories({ ownerMayChangeAccount: true, firstOffer: smallForfait99 });
    await fc.assert(fc.asyncProperty(history, compareEmbedded), {
      numRuns: Math.ceil(RUNS / 3),
      endOnFailure: true,
      ...SEED,
      ...CASE,
    });
  }, 600_000);

  it('does so where conditions wait for a person, and keeps the money at stake on each case', async () => {
    const history = histories({ ownerMayChangeAccount: true, firstOffer: smallForfaitInReview });
    await fc.assert(fc.asyncProperty(history, compareWithOracle), {
      numRuns: Math.ceil(RUNS / 3),
      endOnFailure: true,
      ...SEED,
      ...CASE,
    });
  }, 600_000);

  it('does so while decks are scheduled, also over calls that are rated, by the deck in force at the start', async () => {
    const history = histories({ ownerMayChangeAccount: true, laterDecks: true });
    await fc.assert(fc.asyncProperty(history, compareWithOracle), {
      numRuns: Math.ceil(RUNS / 3),
      endOnFailure: true,
      ...SEED,
      ...CASE,
    });
  }, 600_000);

  it('does so while months are closed: a bill that was closed stays, and what comes later is billed after it', async () => {
    const history = histories({ crossAccountConflicts: true, ownerMayChangeAccount: true, closes: true });
    await fc.assert(fc.asyncProperty(history, compareWithOracle), {
      numRuns: RUNS,
      endOnFailure: true,
      ...SEED,
      ...CASE,
    });
  }, 600_000);

  it('does so though all calls have one hash', async () => {
    const callIds = collidingIds(32, 'sbc-1');
    const history = histories({ crossAccountConflicts: true, ownerMayChangeAccount: true, callIds });
    await fc.assert(fc.asyncProperty(history, compareWithOracle), {
      numRuns: Math.ceil(RUNS / 3),
      endOnFailure: true,
      ...SEED,
      ...CASE,
    });
  }, 600_000);
});

async function compareWithOracle(history: History): Promise<void> {
  await onPostgres(history.offers, deckCsvOf(history.deck), async (ledger) => {
    const { found, expected } = await played(history, ledger);
    expect(found).toEqual(expected);
  });
}

async function compareEmbedded(history: History): Promise<void> {
  const ledger = await LedgerUnderTest.open(server, history.offers, deckCsvOf(history.deck));
  const { found, expected } = await played(history, ledger);
  expect(found).toEqual(expected);
}

/** What the ledger says once the history was played on it, and what the oracle says of the history. */
async function played(history: History, ledger: LedgerUnderTest): Promise<{ found: object; expected: object }> {
  const closes = await play(history, ledger);
  await ledger.sweep();
  const found = { ledger: await wholeLedger(ledger.db), stakes: await stakeDifferences(ledger.db) };
  return { found, expected: { ledger: oracleLedger(history, await ledger.decisions(), closes), stakes: [] } };
}

/** Returns the closes, each with how far the history was played then. */
async function play(history: History, ledger: LedgerUnderTest): Promise<PlayedClose[]> {
  const closes: PlayedClose[] = [];
  let batches = 0;
  let changes = 0;
  await ledger.provision(history.linesAtFirst);
  const known = new Set(history.linesAtFirst.map(({ id }) => id));
  // A decision on a line that is not known yet is taken when it is.
  let undecided: readonly Decision[] = [];
  let before: Promise<unknown> = Promise.resolve();
  for (const step of stepsOf(history)) {
    if (step.kind === 'batch') {
      batches++;
      // As a file or a topic is taken in: the next batch is rated while this one commits.
      const running = ledger.deliver(
        step.deliveries.map(({ text }) => text),
        step.deliveries.map((delivery) => receivedAtOf(history, delivery)),
      );
      await before;
      before = running;
      continue;
    }
    await before;
    if (step.kind === 'restart') await ledger.restart();
    else if (step.kind === 'close') {
      const period = await ledger.closeNext();
      if (period !== null) closes.push({ period, batches, changes, decisions: await ledger.decisions() });
    } else {
      changes++;
      if (step.change.lines.length > 0) await ledger.provision(step.change.lines);
      for (const { id } of step.change.lines) known.add(id);
      for (const { from, rows } of step.change.decks) await ledger.scheduleDeck(deckCsvOf(rows), from);
      const decisions = [...undecided, ...step.change.decisions];
      undecided = decisions.filter(({ line }) => !known.has(line));
      const possible = decisions.filter(({ line }) => known.has(line));
      if (possible.length > 0) await ledger.decide(possible);
    }
  }
  await before;
  return closes;
}
