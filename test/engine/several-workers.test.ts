import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readDefaultOffer } from '../../bin/set-up-ledger.ts';
import type { Delivery } from '../../engine/delivery.ts';
import type { RatingEngine } from '../../engine/rating-engine.ts';
import { RatingState } from '../../engine/memory/rating-state.ts';
import type { Decision, Line } from '../../rater/index.ts';
import { compareWithOracle } from '../crash/compare.ts';
import { deliveryOf, LedgerUnderTest, plan } from '../support/ledger-under-test.ts';
import { collidingIds } from '../support/colliding-ids.ts';
import { deckCsvOf } from '../support/oracle/deck-csv.ts';
import { numbersFrom, packSomewhere } from '../support/pack-somewhere.ts';
import { histories } from '../support/oracle/histories.ts';
import { type History, oracleInputOf, receivedAtOf, stepsOf } from '../support/oracle/history.ts';
import { onPostgres } from '../support/postgres-ledger.ts';
import { judgeEverything } from '../support/oracle/oracle.ts';
import { classify } from '../support/oracle-view.ts';
import { billedCalls, feedGaps, quarantined } from '../support/posted-ledger.ts';
import { storeProvisioning } from '../support/store-provisioning.ts';
import { runsOf } from '../support/runs.ts';
import { type LedgerServer, openLedgerServer } from '../support/ledger-server.ts';

/** As in stream-equals-batch.test.ts. */
const RUNS = runsOf(5);
const SEED = { seed: Number(process.env['SEED'] ?? 20_261_121) };
const CASE = process.env['CASE'] === undefined ? {} : { path: process.env['CASE'] };
const WORKERS = 3;
const whichWorkers = fc.array(fc.nat({ max: WORKERS - 1 }), { minLength: 1, maxLength: 12 });

let server: LedgerServer;
beforeAll(async () => {
  server = await openLedgerServer('postgres');
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => server.close());

describe('invariant 1, whatever worker takes a batch', () => {
  it('bills, judges and quarantines as the oracle, though records of one line come by way of several', async () => {
    const history = histories({ crossAccountConflicts: true, ownerMayChangeAccount: true });
    await fc.assert(fc.asyncProperty(history, whichWorkers, compareSeveral), {
      numRuns: RUNS,
      endOnFailure: true,
      ...SEED,
      ...CASE,
    });
  }, 600_000);

  it('does so though all calls have one hash', async () => {
    const callIds = collidingIds(32, 'sbc-1');
    const history = histories({ crossAccountConflicts: true, ownerMayChangeAccount: true, callIds });
    await fc.assert(fc.asyncProperty(history, whichWorkers, compareSeveral), {
      numRuns: Math.ceil(RUNS / 3),
      endOnFailure: true,
      ...SEED,
      ...CASE,
    });
  }, 600_000);
});

describe('two workers that meet the same record', () => {
  const offers = [readDefaultOffer(plan)];

  it('post it once, though the second had it in memory as new', async () => {
    const ledger = await LedgerUnderTest.open(server, offers, DECK);
    await ledger.provision([lineOf('L1')]);
    const [first, second] = [ledger.otherEngine(), ledger.otherEngine()];
    await second.take(deliveryOf([recordOf('before', 'L1')], 0, 'second'));
    const from = deliveryOf([recordOf('before', 'L1')], 0).to;
    await first.take(deliveryOf([recordOf('seen', 'L1')], 0, 'first'));
    const counts = await second.take(deliveryOf([recordOf('seen', 'L1'), recordOf('own', 'L1')], from, 'second'));
    expect([counts.get('rated\t'), counts.get('duplicate\t')]).toEqual([1, 1]);
    expect((await billedCalls(ledger.db)).size).toBe(3);
  });

  it('bill no other record of it, when a worker that remembers nothing meets it once more by a name that is nobody’s', async () => {
    const ledger = await LedgerUnderTest.open(server, offers, DECK);
    await ledger.provision([lineOf('L1')]);
    const inDecember = recordOf('seen', 'L1').replace('2026-11-03', '2026-12-03').replace('60000', '61000');
    await ledger.otherEngine().take(deliveryOf([recordOf('seen', 'L1'), inDecember], 0, 'first'));
    await ledger.otherEngine().take(deliveryOf([recordOf('seen', 'X9')], 0, 'second'));
    expect([...(await billedCalls(ledger.db)).values()].map(({ period }) => period)).toEqual([202611]);
    expect((await quarantined(ledger.db)).map(({ reason }) => reason).toSorted()).toEqual(['conflict', 'unknown-line']);
  });

  it('bill it once after a sweep, when it starts in months so far apart that neither worker could know', async () => {
    const ledger = await LedgerUnderTest.open(server, offers, DECK);
    await ledger.provision([lineOf('L1')]);
    const inMarch = recordOf('seen', 'L1').replace('2026-11-03', '2027-03-03').replace('60000', '61000');
    await ledger.otherEngine().take(deliveryOf([recordOf('seen', 'L1')], 0, 'first'));
    await ledger.otherEngine().take(deliveryOf([inMarch], 0, 'second'));
    expect(await ledger.otherEngine().sweep()).toBe(1);
    expect([...(await billedCalls(ledger.db)).values()].map(({ period }) => period)).toEqual([202611]);
    expect((await quarantined(ledger.db)).map(({ reason }) => reason)).toEqual(['conflict']);
    expect(await ledger.otherEngine().sweep()).toBe(0);
  });

  it.each([
    ['a higher revision', { revision: 1 }],
    ['a shorter one', { durationMs: 1000 }],
  ])(
    'bill a record that %s under another account replaced no more, though a process settles it that saw neither',
    async (_how, given) => {
      const ledger = await LedgerUnderTest.open(server, offers, DECK);
      await ledger.provision([lineOf('L1'), { ...lineOf('L2'), account: 'A2' }]);
      const elsewhere = JSON.stringify({ ...JSON.parse(recordOf('seen', 'L2')), ...given });
      await ledger.otherEngine().take(deliveryOf([recordOf('seen', 'L1'), elsewhere], 0, 'first'));
      await ledger.otherEngine().replay(null);
      expect([...(await billedCalls(ledger.db)).values()].map(({ account }) => account)).toEqual(['A2']);
      await ledger.db.query('update quarantine set is_stale = true');
      await ledger.otherEngine().catchUp();
      expect([...(await billedCalls(ledger.db)).values()].map(({ account }) => account)).toEqual(['A2']);
      expect(await ledger.otherEngine().sweep()).toBe(0);
    },
  );

  it('leave it in quarantine no longer, when one set it aside before its line was known and the other billed it', async () => {
    const ledger = await LedgerUnderTest.open(server, offers, DECK);
    await ledger.provision([lineOf('L1')]);
    const [first, second] = [ledger.otherEngine(), ledger.otherEngine()];
    await second.take(deliveryOf([recordOf('before', 'L1')], 0, 'second'));
    await first.take(deliveryOf([recordOf('late', 'L2')], 0, 'first'));
    expect((await quarantined(ledger.db)).map(({ reason }) => reason)).toEqual(['unknown-line']);
    await storeProvisioning(ledger.db, { accounts: [{ id: 'A1', name: 'A1' }], lines: [lineOf('L2')] });
    let from = deliveryOf([recordOf('before', 'L1')], 0).to;
    for (const call of ['early', 'late']) {
      const delivery = deliveryOf([recordOf(call, 'L2')], from, 'second');
      await second.take(delivery);
      from = delivery.to;
    }
    await first.catchUp();
    expect(await quarantined(ledger.db)).toEqual([]);
    expect((await billedCalls(ledger.db)).size).toBe(3);
  });
});

describe('invariant 1: a line that used mobility stays suspended until reinstated', () => {
  const offers = [readDefaultOffer(plan)];
  const used = recordOf('used', 'L1').replace('}', ',"mobility":true}');
  const inDecember = recordOf('late', 'L1').replace('2026-11-03', '2026-12-03');
  const shorter = inDecember.replace('60000', '59000');
  const bothHeld = [
    [202611, 'metered', 'sip-mobility'],
    [202612, 'metered', 'sip-mobility'],
  ];

  it('though another process goes on, which knows nothing but the ledger', async () => {
    const ledger = await LedgerUnderTest.open(server, offers, DECK);
    await ledger.provision([lineOf('L1')]);
    await ledger.deliver([used, inDecember]);
    await ledger.restart();
    await ledger.deliver([shorter]);
    expect(await coverages(ledger)).toEqual(bothHeld);
  });

  it('though memory is loaded anew, since it has grown too large, when a batch was rated ahead that is not new', async () => {
    vi.spyOn(RatingState.prototype, 'isBloated', 'get').mockReturnValue(true);
    const ledger = await LedgerUnderTest.open(server, offers, DECK);
    await ledger.provision([lineOf('L1')]);
    await ledger.deliver([used, inDecember]);
    const before = ledger.deliver([recordOf('unknown', 'L9')]);
    // Its turn has come by then: what is given now is rated ahead.
    await setImmediate();
    await Promise.all([before, ledger.deliver([shorter])]);
    expect(await coverages(ledger)).toEqual(bothHeld);
  });
});

const DECK = deckCsvOf([
  {
    of: { destination: 'France Mobile' },
    pricePerMinute: '0.09',
    connection: '0',
    initialIncrementS: 60,
    nextIncrementS: 60,
    effectiveFrom: Date.UTC(2026, 0, 1),
    effectiveTo: null,
  },
]);

function lineOf(id: string): Line {
  const facts = {
    number: null,
    offer: 'full-illimite',
    usageClass: 'business',
    mobility: 'off',
    equipment: 'managed',
  } as const;
  return {
    id,
    account: 'A1',
    spans: [{ from: Date.UTC(2026, 0, 1), to: Infinity, ...facts }],
    devices: [],
    networks: [],
  };
}

/** A call of a minute, in canonical form. */
function recordOf(call: string, line: string): string {
  const answered = '2026-11-03T10:00:00Z';
  return JSON.stringify({ v: 1, switch: 'sbc', call, line, to: '+33612345678', answered, durationMs: 60_000 });
}

/** Of each call that is billed, its period, its coverage and why. */
async function coverages({ db }: LedgerUnderTest): Promise<unknown[]> {
  const calls = [...(await billedCalls(db)).values()].toSorted((a, b) => a.period - b.period);
  return calls.map(({ period, coverage, reason }) => [period, coverage, reason]);
}

async function compareSeveral(history: History, order: readonly number[]): Promise<void> {
  await onPostgres(history.offers, deckCsvOf(history.deck), async (ledger) => {
    await playBySeveral(history, ledger, order);
    expect(await feedGaps(ledger.db)).toEqual([]);
    const expected = judgeEverything(oracleInputOf(history, classify, await ledger.decisions()));
    expect(await compareWithOracle(ledger.db, expected)).toEqual([]);
  });
}

/**
 * Every worker has a source of its own and takes its batches in their order; which one comes next is all that is
 * said.
 */
async function playBySeveral(history: History, ledger: LedgerUnderTest, order: readonly number[]): Promise<void> {
  const engines: RatingEngine[] = Array.from({ length: WORKERS }, () => ledger.otherEngine());
  const positions = engines.map(() => 0);
  const known = new Set(history.linesAtFirst.map(({ id }) => id));
  let undecided: readonly Decision[] = [];
  let running: Promise<unknown>[] = [];
  let batches = 0;
  const random = numbersFrom(history.cdrs.length);
  await ledger.provision(history.linesAtFirst);
  for (const step of stepsOf(history)) {
    const worker = order[batches % order.length] ?? 0;
    if (step.kind === 'batch') {
      batches++;
      const texts = step.deliveries.map(({ text }) => text);
      const receivedAt = step.deliveries.map((one) => receivedAtOf(history, one));
      const delivery = deliveryOf(texts, positions[worker] ?? 0, `worker-${worker}`, receivedAt);
      positions[worker] = delivery.to;
      running.push(taken(engines[worker] ?? ledger.otherEngine(), delivery));
      continue;
    }
    await Promise.all(running);
    running = [];
    if (step.kind === 'restart') {
      engines[worker] = ledger.otherEngine();
      await packSomewhere(ledger.db, random);
    } else if (step.kind === 'change') {
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
