import { pino } from 'pino';
import { expect, inject, it } from 'vitest';
import { takeAround } from '../../../ingest/kafka/take-around.ts';
import { openDatabase } from '../../../ledger/index.ts';
import { fullIllimite } from '../../rules/full-illimite-for-test.ts';
import { asteriskRow } from '../../support/asterisk-rows.ts';
import { LedgerUnderTest } from '../../support/ledger-under-test.ts';
import { DECK_OF_CALLS, LINES_OF_CALLS, legDelivery } from '../../support/legs-under-test.ts';
import { billedCalls } from '../../support/posted-ledger.ts';
import { createTestDatabase } from '../../support/test-database.ts';

const LOG = pino({ level: 'silent' });
/** It lasts beyond the row after it: else that one would make it longer, and could not be taken without it. */
const OUT = asteriskRow({ account: '200', dst: '0899123456', to: 'PJSIP/op-00000002', seconds: 300 });
/** The same call, transferred by 200: by itself it is nobody's. */
const SENT_ON = asteriskRow({
  src: '0899123456',
  dst: '0145678901',
  from: 'PJSIP/op-00000002',
  to: 'PJSIP/op-00000003',
  minute: 2,
});

it.each([
  ['before', [OUT, SENT_ON]],
  ['after', [SENT_ON, OUT]],
])('a leg that can not be rated, and comes %s others of its call, tells of them all the same', async (_, rows) => {
  const { url, drop } = await createTestDatabase(inject('postgres').template);
  const db = await openDatabase({ url });
  try {
    const ledger = await LedgerUnderTest.on(db, [fullIllimite()], DECK_OF_CALLS);
    await ledger.provision(LINES_OF_CALLS);
    await db.exec('alter table entry add constraint refused_by_test check (called <> 33899123456)');
    let position = 0;
    for (const row of rows) {
      const delivery = legDelivery([row], position, 'topic:one');
      position = delivery.to;
      await takeAround(ledger.engine, delivery, LOG);
    }
    expect([...(await billedCalls(db)).values()]).toMatchObject([{ line: '200' }]);
    const waiting = await db.query(`select reason from quarantine where state = 'waiting'`);
    expect(waiting).toEqual([{ reason: 'rating-failed' }]);
  } finally {
    await db.close();
    await drop();
  }
});
