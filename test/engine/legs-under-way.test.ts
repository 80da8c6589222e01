import { describe, expect, inject, it } from 'vitest';
import type { DeliveredRecord } from '../../engine/delivery.ts';
import { LegBatch } from '../../engine/legs/leg-batch.ts';
import { type Database, DatabaseError, openDatabase } from '../../ledger/index.ts';
import { fullIllimite } from '../rules/full-illimite-for-test.ts';
import { asteriskRow } from '../support/asterisk-rows.ts';
import { LedgerUnderTest } from '../support/ledger-under-test.ts';
import { DECK_OF_CALLS, LINES_OF_CALLS, legDelivery } from '../support/legs-under-test.ts';
import { billedCalls } from '../support/posted-ledger.ts';
import { createTestDatabase } from '../support/test-database.ts';

/** 200 called 300, who forwarded: the leg towards the trunk alone does not say who. */
const FORWARDED = asteriskRow({ account: '200', from: 'Local/FMPR-300@in-00000001;2', to: 'PJSIP/op-00000002' });
const CALLED = asteriskRow({
  account: '200',
  dst: '300',
  to: 'Local/FMPR-300@in-00000001;1',
  data: 'Local/FMPR-300@in,20',
});

/**
 * A database whose second answer about legs outside transactions comes late: no transaction begins before the ledger
 * has given it, and it arrives once `release` is called.
 */
function answeringLate(db: Database): { readonly late: Database; release(): void } {
  const given = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let asked = 0;
  const late: Database = {
    ...db,
    async query<Row>(sql: string, params?: Parameters<Database['query']>[1]) {
      const rows = await db.query<Row>(sql, params);
      if (!sql.includes('call_leg') || ++asked !== 2) return rows;
      given.resolve();
      await released.promise;
      return rows;
    },
    async transaction(run) {
      await given.promise;
      return db.transaction(run);
    },
  };
  return { late, release: () => released.resolve() };
}

/** A database whose first question about legs outside transactions finds the connection cut. */
function cutOnce(db: Database): Database {
  let isCut = false;
  return {
    ...db,
    async query<Row>(sql: string, params?: Parameters<Database['query']>[1]) {
      if (isCut || !sql.includes('call_leg')) return db.query<Row>(sql, params);
      isCut = true;
      throw new DatabaseError('The test cut it', { code: 'connection-lost' });
    },
  };
}

/** Keeps legs as a re-keyer does before it tells others of them; which of them waited already, and what is told. */
function kept(
  db: Database,
  records: readonly DeliveredRecord[],
): Promise<{ readonly repeats: ReadonlyMap<string, number>; readonly told: readonly DeliveredRecord[] }> {
  return db.transaction(async (tx) => {
    const legs = LegBatch.of(records, true);
    await legs.lock(tx, false, { own: new Map() });
    const repeats = await legs.setUndecidedAside(tx, ({ position, buffer, start, end }) => ({
      source: 'one',
      partition: 0,
      position,
      item: 0,
      format: 'asterisk-csv',
      record: buffer.subarray(start, end),
      receipt: null,
    }));
    await legs.store(tx);
    return { repeats, told: legs.records };
  });
}

async function onLedger(run: (ledger: LedgerUnderTest, db: Database) => Promise<void>): Promise<void> {
  const { url, drop } = await createTestDatabase(inject('postgres').template);
  const db = await openDatabase({ url });
  try {
    const ledger = await LedgerUnderTest.on(db, [fullIllimite()], DECK_OF_CALLS);
    await ledger.provision(LINES_OF_CALLS);
    await run(ledger, db);
  } finally {
    await db.close();
    await drop();
  }
}

describe('a batch of legs', () => {
  it('has the legs of one that commits while the ledger is asked for its own', () =>
    onLedger(async (ledger, db) => {
      const { late, release } = answeringLate(db);
      const engine = ledger.otherEngine(late);
      const first = engine.take(legDelivery([FORWARDED], 0, 'one'));
      const second = engine.take(legDelivery([CALLED], 0, 'two'));
      await first;
      release();
      await second;
      expect([...(await billedCalls(db)).values()]).toMatchObject([{ line: '300' }]);
    }));

  it('has its legs though it failed before, and comes again as the very same records', () =>
    onLedger(async (ledger, db) => {
      const refusing: Database = {
        ...db,
        transaction: () => Promise.reject(new DatabaseError('The test refuses it', { code: 'check-violation' })),
      };
      // The row of a call that stands alone until the other half of its `Local/` channel comes.
      const inbound = asteriskRow({
        src: '0140000001',
        account: '201',
        from: 'PJSIP/op-00000001',
        to: 'PJSIP/op-00000003',
      });
      const delivery = legDelivery([inbound], 0, 'one');
      await expect(ledger.otherEngine(refusing).take(delivery)).rejects.toThrow('The test refuses it');
      await ledger.engine.take(delivery);
      expect(await db.query('select leg from call_leg')).toHaveLength(1);
      expect((await billedCalls(db)).size).toBe(1);
    }));

  it('is read again where the connection is cut meanwhile', () =>
    onLedger(async (ledger, db) => {
      await ledger.otherEngine(cutOnce(db)).take(legDelivery([FORWARDED, CALLED], 0, 'one'));
      expect([...(await billedCalls(db)).values()]).toMatchObject([{ line: '300' }]);
    }));

  it('counts what waits as waiting where it is kept again by who did not live to tell', () =>
    onLedger(async (_ledger, db) => {
      const keep = async (record: DeliveredRecord) => (await kept(db, [record])).repeats;
      const [record, again] = legDelivery([FORWARDED, FORWARDED], 0, 'one').records;
      expect(await keep(record!)).toEqual(new Map());
      expect(await keep(record!)).toEqual(new Map());
      // The same record elsewhere says nothing new.
      expect(await keep(again!)).toEqual(new Map([['incomplete-call', 1]]));
    }));

  it('tells all that a call was read as, since nobody knows which of it was told', () =>
    onLedger(async (_ledger, db) => {
      const inbound = { src: '0140000001', from: 'PJSIP/op-00000001' };
      const rows = [
        { ...inbound, account: '201', to: 'PJSIP/op-00000003', minute: 5 },
        { ...inbound, dst: '300', to: 'PJSIP/300-00000002', data: 'PJSIP/300', disposition: 'NO ANSWER' },
        { ...inbound, dst: '301', to: 'PJSIP/301-00000004', data: 'PJSIP/301', minute: 1 },
      ].map((row) => asteriskRow(row));
      const [out, rung, talked] = legDelivery(rows, 0, 'one').records;
      await kept(db, [out!]);
      await kept(db, [rung!]);
      // Its teller died, and the next has one record more.
      const { told } = await kept(db, [rung!, talked!]);
      const corrections = told.flatMap(({ correction }) => correction ?? []);
      expect(corrections.map(({ former }) => former?.diversions)).toEqual([['300', '201'], []]);
      expect(corrections.map(({ now }) => now.transferredBy)).toEqual(['301', '301']);
    }));
});
