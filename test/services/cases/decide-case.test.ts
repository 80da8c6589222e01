import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { periodsWithEntries } from '../../../ledger/billing/period-queries.ts';
import { wholeMonthTotals } from '../../../ledger/billing/month-totals.ts';
import { type Database, monthTotals } from '../../../ledger/index.ts';
import type { Decision } from '../../../rater/index.ts';
import { type DecideOutcome, type PreviewName, decideCase } from '../../../services/cases/decide-case.ts';
import type { DecisionEffect } from '../../../services/cases/decision-effect.ts';
import { smallForfaitInReview } from '../../rules/offers-for-test.ts';
import { LedgerUnderTest, plan, requestOf } from '../../support/ledger-under-test.ts';
import { deckCsvOf } from '../../support/oracle/deck-csv.ts';
import { histories } from '../../support/oracle/histories.ts';
import type { History } from '../../support/oracle/history.ts';
import { onPostgres } from '../../support/postgres-ledger.ts';
import { playHistory } from './play-history.ts';
import { runsOf } from '../../support/runs.ts';
import { openLedgerServer } from '../../support/ledger-server.ts';

const SEED = { seed: Number(process.env['SEED'] ?? 20_261_129) };
const RUNS = runsOf(4);

describe('a dry run of a decision', () => {
  it('changes nothing, and says what the decision then does: the difference of two reports', async () => {
    const seen = { effects: 0, calls: 0 };
    const history = histories({ ownerMayChangeAccount: true });
    await fc.assert(
      fc.asyncProperty(history, (one) => playOnPostgres(one, seen)),
      { numRuns: RUNS, endOnFailure: true, ...SEED },
    );
    const small = histories({ ownerMayChangeAccount: true, firstOffer: smallForfaitInReview });
    await fc.assert(
      fc.asyncProperty(small, (one) => playOnPostgres(one, seen)),
      { numRuns: RUNS, endOnFailure: true, ...SEED },
    );
    expect(seen.effects).toBeGreaterThan(RUNS / 4);
  }, 600_000);

  it('does so embedded', async () => {
    const seen = { effects: 0, calls: 0 };
    const server = await openLedgerServer('pglite');
    const small = histories({ ownerMayChangeAccount: true, firstOffer: smallForfaitInReview });
    await fc.assert(
      fc.asyncProperty(small, async (one) => {
        await playAndCompare(one, await LedgerUnderTest.open(server, one.offers, deckCsvOf(one.deck)), seen);
      }),
      { numRuns: RUNS, endOnFailure: true, ...SEED },
    );
    await server.close();
    expect(seen.effects).toBeGreaterThan(0);
  }, 600_000);
});

function playOnPostgres(history: History, seen: { effects: number; calls: number }): Promise<void> {
  return onPostgres(history.offers, deckCsvOf(history.deck), (ledger) => playAndCompare(history, ledger, seen));
}

/** Plays a history, and holds every decision of it that can be taken against its dry run. */
async function playAndCompare(
  history: History,
  ledger: LedgerUnderTest,
  seen: { effects: number; calls: number },
): Promise<void> {
  const decisions: Decision[] = [];
  await playHistory(history, ledger, async (decision) => {
    decisions.push(decision);
    await compare(ledger, decision, seen);
  });
  // Once more on the whole of the months: by now more of what is decided on is broken.
  for (const decision of decisions) {
    await compare(ledger, { ...decision, kind: 'dismiss' }, seen);
    await compare(ledger, { ...decision, kind: 'confirm' }, seen);
    await compare(ledger, { ...decision, kind: 'reinstate' }, seen);
    await compare(ledger, { ...decision, kind: 'reopen' }, seen);
  }
}

async function compare(
  { db, engine }: LedgerUnderTest,
  decision: Decision,
  seen: { effects: number; calls: number },
): Promise<void> {
  const access = { db, plan, engine };
  await engine.catchUp();
  const request = requestOf(decision);
  const before = await totals(db);
  const state = await stateOf(db);
  const { preview, ...dry } = previewed(await decideCase(access, { ...request, dryRun: true }));
  expect(await stateOf(db)).toEqual(state);
  // Nothing came since: a decision that names the preview is taken.
  const outcome = await decideCase(access, { ...request, preview: preview?.id });
  const after = await totals(db);
  if (dry.kind !== 'decided' || outcome.kind !== 'decided') {
    expect({ ...outcome, isKept: false }).toEqual({ ...dry, isKept: false });
    expect(after).toEqual(before);
    if (dry.kind === 'refused') expect(await stateOf(db)).toEqual(state);
    return;
  }
  expect(outcome.effect).toEqual(dry.effect);
  expect(difference(before, after)).toEqual(reportedDifference(dry.effect));
  expect(chargeOf(after) - chargeOf(before)).toBe(dry.effect.charge);
  if (dry.effect.calls > 0) seen.effects++;
  seen.calls += dry.effect.calls;
}

/** The outcome of a dry run, and what a decision may name of it; one that is refused has none. */
function previewed(outcome: DecideOutcome): DecideOutcome & { readonly preview?: PreviewName | undefined } {
  return outcome;
}

type Totals = ReadonlyMap<string, readonly [calls: number, seconds: number, meteredPrice: number, charge: number]>;

/** Every figure of the report of every month, by month, destination and coverage. */
async function totals(db: Database): Promise<Totals> {
  const all = new Map<string, readonly [number, number, number, number]>();
  for (const period of await periodsWithEntries(db)) {
    const told = await monthTotals(db, period);
    // What was posted since the last look was added to what was kept then.
    expect(told).toEqual(await wholeMonthTotals(db, period));
    for (const { destination, coverage, ...sum } of told.destinations) {
      const key = `${period} ${destination} ${coverage}`;
      all.set(key, [sum.calls, sum.billedSeconds, sum.meteredPrice, sum.charge]);
    }
  }
  return all;
}

function chargeOf(all: Totals): number {
  return [...all.values()].reduce((sum, [, , , charge]) => sum + charge, 0);
}

const NONE = [0, 0, 0, 0] as const;

function difference(before: Totals, after: Totals): Record<string, readonly number[]> {
  const keys = new Set([...before.keys(), ...after.keys()]);
  const all = [...keys].map((key): [string, number[]] => {
    const was = before.get(key) ?? NONE;
    return [key, (after.get(key) ?? NONE).map((figure, index) => figure - was[index]!)];
  });
  return Object.fromEntries(all.filter(([, figures]) => figures.some((figure) => figure !== 0)));
}

function reportedDifference({ changes }: DecisionEffect): Record<string, readonly number[]> {
  const sums = new Map<string, number[]>();
  const add = (key: string, sign: number, figures: readonly number[]): void => {
    const sum = sums.get(key) ?? [0, 0, 0, 0];
    sums.set(
      key,
      sum.map((figure, index) => figure + sign * figures[index]!),
    );
  };
  for (const { period, destination, before, after, calls, billedSeconds, meteredPrice } of changes) {
    const figures = (coverage: string): number[] => [
      calls,
      billedSeconds,
      meteredPrice,
      coverage === 'metered' ? meteredPrice : 0,
    ];
    add(`${period} ${destination} ${before}`, -1, figures(before));
    add(`${period} ${destination} ${after}`, 1, figures(after));
  }
  return Object.fromEntries([...sums].filter(([, figures]) => figures.some((figure) => figure !== 0)));
}

/** What any writer would move. */
async function stateOf(db: Database): Promise<unknown> {
  return db.query(
    `select (select sum(position + facts) from head) as heads, (select count(*)::int from entry) as entries,
            (select count(*)::int from decision) as decisions, (select count(*)::int from case_event) as events,
            (select count(*)::int from outbox) as outbox, (select count(*)::int from stale_line) as stale`,
  );
}
