import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDefaultOffer } from '../../bin/set-up-ledger.ts';
import {
  CommitInDoubtError,
  type Database,
  DatabaseError,
  loadDecisions,
  loadLines,
  staleLines,
} from '../../ledger/index.ts';
import type { Decision, Line } from '../../rater/index.ts';
import { decideCase } from '../../services/cases/decide-case.ts';
import { storeLines } from '../../services/provisioning/store-lines.ts';
import { deliveryOf, LedgerUnderTest, plan, requestOf } from '../support/ledger-under-test.ts';
import { JANUARY, MOBILE_DECK } from '../support/mobile-deck.ts';
import { billedCalls } from '../support/posted-ledger.ts';
import { type LedgerServer, openLedgerServer } from '../support/ledger-server.ts';

const FACTS = { number: null, usageClass: 'business', mobility: 'off', equipment: 'managed' } as const;
const ENTERED = { file: 'lines.csv', takenBy: 'test', note: 'why' };
const DISMISS: Decision = {
  sequence: 0,
  line: 'L1',
  period: 202611,
  condition: 'sip-mobility',
  kind: 'dismiss',
  effectiveAt: Date.UTC(2026, 10, 4),
  breachFrom: null,
};

function lineOf(id: string, offer: string | null = 'full-illimite'): Line {
  return { id, account: id, spans: [{ from: JANUARY, to: Infinity, offer, ...FACTS }], devices: [], networks: [] };
}

function call(id: string, line: string, mobility = true): string {
  const facts = { v: 1, switch: 'sbc', call: id, line, to: '+33612345678', mobility };
  return JSON.stringify({ ...facts, answered: '2026-11-03T10:00:00Z', durationMs: 60_000 });
}

let server: LedgerServer;
beforeAll(async () => {
  server = await openLedgerServer('postgres');
});
afterAll(() => server.close());

/** A ledger with two lines of different buckets, each with a call that breaks `sip-mobility`. */
async function opened(): Promise<LedgerUnderTest> {
  const ledger = await LedgerUnderTest.open(server, [readDefaultOffer(plan)], MOBILE_DECK);
  await ledger.provision([lineOf('L1'), lineOf('L2')]);
  await ledger.deliver([call('one', 'L1'), call('two', 'L2')]);
  return ledger;
}

async function coverages({ db }: LedgerUnderTest): Promise<unknown[]> {
  return [...(await billedCalls(db)).values()].map(({ coverage }) => coverage).toSorted();
}

/** A database of which the commit of one transaction is lost, before or after it was carried out. */
function losing(db: Database, wasCommitted: boolean): Database {
  let isLost = false;
  return {
    ...db,
    async transaction(run) {
      if (isLost || wasCommitted) {
        const outcome = await db.transaction(run);
        if (isLost) return outcome;
        isLost = true;
        throw new CommitInDoubtError(new Error('the test cut it'));
      }
      isLost = true;
      return db.transaction(async (tx) => {
        await run(tx);
        throw new DatabaseError('The test cut it', { code: 'connection-lost' });
      });
    },
  };
}

describe('a decision', () => {
  it('is posted with its entries in one transaction, and leaves memory as it is', async () => {
    const ledger = await opened();
    const { engine, db } = ledger;
    const { memory } = engine;
    expect(await coverages(ledger)).toEqual(['metered', 'metered']);
    expect(await decideCase({ db, plan, engine }, requestOf(DISMISS))).toMatchObject({ kind: 'decided', isKept: true });
    expect(engine.memory).toEqual(memory);
    expect(await coverages(ledger)).toEqual(['included', 'metered']);
    expect(await staleLines(db, 10)).toEqual([]);
    const postings = await db.query<{ cause: string }>('select cause from posting order by posted_at, bucket');
    expect(postings.map(({ cause }) => cause)).toContain('decision');
    // What memory makes of calls to come goes by it.
    await ledger.deliver([call('three', 'L1')]);
    expect(await coverages(ledger)).toEqual(['included', 'included', 'metered']);
  });

  it('that changes nothing is kept all the same: late evidence may meet it', async () => {
    const ledger = await opened();
    const access = { db: ledger.db, plan, engine: ledger.engine };
    await decideCase(access, requestOf(DISMISS));
    const outcome = await decideCase(access, requestOf({ ...DISMISS, kind: 'reinstate' }));
    expect([outcome.kind, (await ledger.decisions()).length]).toEqual(['unchanged', 2]);
  });

  it.each([true, false])('is kept once though its commit is lost (carried out: %s)', async (wasCommitted) => {
    const ledger = await opened();
    const db = losing(ledger.db, wasCommitted);
    const engine = ledger.otherEngine(db);
    const outcome = await decideCase({ db: ledger.db, plan, engine }, requestOf(DISMISS));
    expect(outcome).toMatchObject({ kind: 'decided', isKept: true });
    expect(await loadDecisions(ledger.db)).toHaveLength(1);
    expect(await coverages(ledger)).toEqual(['included', 'metered']);
    await engine.take(deliveryOf([call('three', 'L1')], 0, 'other'));
    expect(await coverages(ledger)).toEqual(['included', 'included', 'metered']);
  });
});

describe('lines that are stored', () => {
  it('are known to memory, which forgets nothing else', async () => {
    const ledger = await opened();
    const { engine, db } = ledger;
    const { memory } = engine;
    const provisioning = { accounts: [{ id: 'L3', name: 'L3' }], lines: [lineOf('L3'), lineOf('L2', null)] };
    const stored = await storeLines({ db, plan, engine }, provisioning, ENTERED);
    expect(stored).toMatchObject({ kind: 'stored', change: { changedLines: ['L3', 'L2'], reach: { calls: 1 } } });
    expect(engine.memory).toEqual({ ...memory, lines: memory.lines + 1 });
    await ledger.deliver([call('three', 'L3', false)]);
    await engine.catchUp();
    expect(await coverages(ledger)).toEqual(['included', 'metered', 'metered']);
  });

  it('that the ledger refuses leave it, and memory, as they were', async () => {
    const ledger = await opened();
    const { engine, db } = ledger;
    const { memory } = engine;
    const moved = { ...lineOf('L1'), account: 'L2' };
    const provisioning = { accounts: [{ id: 'L4', name: 'L4' }], lines: [moved] };
    const refused = await storeLines({ db, plan, engine }, provisioning, ENTERED);
    expect(refused).toMatchObject({ kind: 'faults', faults: [{ code: 'account-of-line-is-permanent' }] });
    expect(engine.memory).toEqual(memory);
    expect(await db.query(`select from account where id = 'L4'`)).toEqual([]);
  });

  it('and whose transaction fails, are in memory no more than in the ledger', async () => {
    const ledger = await opened();
    const failing: Database = {
      ...ledger.db,
      transaction: (run) =>
        ledger.db.transaction(async (tx) => {
          const outcome = await run(tx);
          if ((await loadLines(tx, { ids: ['L5'] })).length > 0) throw new DatabaseError('The test', { code: 'other' });
          return outcome;
        }),
    };
    const engine = ledger.otherEngine(failing);
    await engine.take(deliveryOf([call('before', 'L1')], 0, 'other'));
    const provisioning = { accounts: [{ id: 'L5', name: 'L5' }], lines: [lineOf('L5')] };
    await expect(storeLines({ db: failing, plan, engine }, provisioning, ENTERED)).rejects.toThrow('The test');
    const counts = await engine.take(
      deliveryOf([call('after', 'L5')], deliveryOf([call('before', 'L1')], 0).to, 'other'),
    );
    expect([...counts.keys()]).toContain('quarantined\tunknown-line');
  });
});
