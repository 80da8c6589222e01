import { expect, inject, it } from 'vitest';
import { type Database, openDatabase } from '../../ledger/index.ts';
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

it('a batch has the legs of one that commits while the ledger is asked for its own', async () => {
  const { url, drop } = await createTestDatabase(inject('postgres').template);
  const db = await openDatabase({ url });
  try {
    const ledger = await LedgerUnderTest.on(db, [fullIllimite()], DECK_OF_CALLS);
    await ledger.provision(LINES_OF_CALLS);
    const { late, release } = answeringLate(db);
    const engine = ledger.otherEngine(late);
    const first = engine.take(legDelivery([FORWARDED], 0, 'one'));
    const second = engine.take(legDelivery([CALLED], 0, 'two'));
    await first;
    release();
    await second;
    expect([...(await billedCalls(db)).values()]).toMatchObject([{ line: '300' }]);
  } finally {
    await db.close();
    await drop();
  }
});
