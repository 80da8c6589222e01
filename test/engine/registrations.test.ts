import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSourceCounts } from '../../ledger/index.ts';
import type { LedgerUnderTest } from '../support/ledger-under-test.ts';
import { deckCsvOf } from '../support/oracle/deck-csv.ts';
import { histories } from '../support/oracle/histories.ts';
import { type History, receivedAtOf, stepsOf } from '../support/oracle/history.ts';
import {
  type RegistrationFeed,
  comingAfter,
  feedOf,
  registrationDelivery,
  registrationText,
  tellingLittle,
} from '../support/registrations-under-test.ts';
import { onPostgres } from '../support/postgres-ledger.ts';
import { oracleLedger, wholeLedger } from '../support/whole-ledger.ts';
import { runsOf } from '../support/runs.ts';

/** HISTORIES and SEED make a long run that nobody has seen; CASE, one of it. */
const RUNS = runsOf(7);
const SEED = { seed: Number(process.env['SEED'] ?? 20_261_130) };
const CASE = process.env['CASE'] === undefined ? {} : { path: process.env['CASE'] };

describe('registrations', () => {
  it('tell of calls as the oracle says that sees all at once, whatever comes first, twice, or after a restart', async () => {
    const played = histories({ ownerMayChangeAccount: true, crossAccountConflicts: true })
      .map(tellingLittle)
      .chain((history) => feedOf(history).map((feed) => ({ history, feed })));
    await fc.assert(fc.asyncProperty(played, compareWithOracle), {
      numRuns: RUNS,
      endOnFailure: true,
      ...SEED,
      ...CASE,
    });
  }, 600_000);
});

async function compareWithOracle({ history, feed }: { history: History; feed: RegistrationFeed }): Promise<void> {
  await onPostgres(history.offers, deckCsvOf(history.deck), async (ledger) => {
    await play(history, feed, ledger);
    await ledger.sweep();
    await ledger.engine.catchUp();
    expect(await wholeLedger(ledger.db)).toEqual(oracleLedger(history, await ledger.decisions(), [], feed.said));
    const counts = (await readSourceCounts(ledger.db, 'registrations')).map(
      ({ outcome, reason, records }) => `${outcome} ${reason} ${records}`,
    );
    const distinct = new Set(feed.said.map((one) => registrationText(one))).size;
    expect(counts).toContain(`not-a-call registration ${distinct}`);
  });
}

async function play(history: History, feed: RegistrationFeed, ledger: LedgerUnderTest): Promise<void> {
  await ledger.provision(history.linesAtFirst);
  const known = new Set(history.linesAtFirst.map(({ id }) => id));
  const steps = stepsOf(history);
  let position = 0;
  let before: Promise<unknown> = Promise.resolve();
  for (let index = 0; index <= steps.length; index++) {
    const texts = comingAfter(feed, index, steps.length + 1).map(registrationText);
    if (texts.length > 0) {
      const delivery = registrationDelivery(texts, position);
      position = delivery.to;
      const running = ledger.engine.take(delivery);
      await before;
      before = running;
    }
    const step = steps[index];
    if (step === undefined) continue;
    if (step.kind === 'batch') {
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
    if (step.kind !== 'change') continue;
    if (step.change.lines.length > 0) await ledger.provision(step.change.lines);
    for (const { id } of step.change.lines) known.add(id);
    const decisions = step.change.decisions.filter(({ line }) => known.has(line));
    if (decisions.length > 0) await ledger.decide(decisions);
  }
  await before;
}
