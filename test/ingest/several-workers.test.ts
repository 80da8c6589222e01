import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Delivery } from '../../ingest/delivery.ts';
import type { RatingEngine } from '../../ingest/rating-engine.ts';
import { type Database, openDatabase } from '../../ledger/index.ts';
import type { Decision } from '../../rater/index.ts';
import { compareWithOracle } from '../crash/compare.ts';
import { deliveryOf, LedgerUnderTest } from '../support/ledger-under-test.ts';
import { deckCsvOf } from '../support/oracle/deck-csv.ts';
import { histories } from '../support/oracle/histories.ts';
import { type History, oracleInputOf, stepsOf } from '../support/oracle/history.ts';
import { judgeEverything } from '../support/oracle/oracle.ts';
import { classify } from '../support/oracle-view.ts';
import { feedGaps } from '../support/posted-ledger.ts';

/** As in stream-equals-batch.test.ts. */
const RUNS = Number(process.env['HISTORIES'] ?? 30);
const SEED = { seed: Number(process.env['SEED'] ?? 20_261_121) };
const CASE = process.env['CASE'] === undefined ? {} : { path: process.env['CASE'] };
const WORKERS = 3;

let server: Database;
beforeAll(async () => {
  server = await openDatabase({ memory: true });
});
afterAll(() => server.close());

describe('invariant 1, whatever worker takes a batch', () => {
  it('bills, judges and quarantines as the oracle, though records of one line come by way of several', async () => {
    const workers = fc.array(fc.nat({ max: WORKERS - 1 }), { minLength: 1, maxLength: 12 });
    const history = histories({ crossAccountConflicts: true, ownerMayChangeAccount: true });
    await fc.assert(fc.asyncProperty(history, workers, compareSeveral), {
      numRuns: RUNS,
      endOnFailure: true,
      ...SEED,
      ...CASE,
    });
  }, 600_000);
});

async function compareSeveral(history: History, order: readonly number[]): Promise<void> {
  const ledger = await LedgerUnderTest.open(server, history.offers, deckCsvOf(history.deck));
  await playBySeveral(history, ledger, order);
  expect(await feedGaps(ledger.db)).toEqual([]);
  const expected = judgeEverything(oracleInputOf(history, classify));
  expect(await compareWithOracle(ledger.db, expected)).toEqual([]);
}

/** Every worker has a source of its own and takes its batches in their order; which one comes next is all that is said. */
async function playBySeveral(history: History, ledger: LedgerUnderTest, order: readonly number[]): Promise<void> {
  const engines: RatingEngine[] = Array.from({ length: WORKERS }, () => ledger.otherEngine());
  const positions = engines.map(() => 0);
  const known = new Set(history.linesAtFirst.map(({ id }) => id));
  let undecided: readonly Decision[] = [];
  let running: Promise<unknown>[] = [];
  let batches = 0;
  await ledger.provision(history.linesAtFirst);
  for (const step of stepsOf(history)) {
    const worker = order[batches % order.length] ?? 0;
    if (step.kind === 'batch') {
      batches++;
      const texts = step.deliveries.map(({ text }) => text);
      const delivery = deliveryOf(texts, positions[worker] ?? 0, `worker-${worker}`);
      positions[worker] = delivery.to;
      running.push(taken(engines[worker] ?? ledger.otherEngine(), delivery));
      continue;
    }
    await Promise.all(running);
    running = [];
    if (step.kind === 'restart') engines[worker] = ledger.otherEngine();
    else {
      const { lines, decisions } = step.change;
      if (lines.length > 0) await ledger.provision(lines);
      for (const { id } of lines) known.add(id);
      const all = [...undecided, ...decisions];
      undecided = all.filter(({ line }) => !known.has(line));
      const possible = all.filter(({ line }) => known.has(line));
      if (possible.length > 0) await ledger.decide(possible);
    }
  }
  await Promise.all(running);
  for (const engine of engines) await engine.catchUp();
  // Calls of one identity under accounts of different buckets, which no worker had together.
  await ledger.otherEngine().sweep();
}

/** As a worker does, which does not give up: what fails is given again. */
async function taken(engine: RatingEngine, delivery: Delivery): Promise<void> {
  for (let failures = 0; ; failures++) {
    try {
      await engine.take(delivery);
      return;
    } catch (error) {
      if (failures === 3) throw error;
    }
  }
}
