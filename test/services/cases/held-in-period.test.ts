import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holdsInPeriod, holdsOfLineInPeriod } from '../../../services/cases/held-in-period.ts';
import { monthRecords } from '../../../rater/month/month-records.ts';
import { fullIllimite } from '../../rules/full-illimite-for-test.ts';
import { LedgerUnderTest, plan } from '../../support/ledger-under-test.ts';
import { type LedgerServer, openLedgerServer } from '../../support/ledger-server.ts';

const SPAN = {
  from: 0,
  to: Infinity,
  number: null,
  offer: 'full-illimite',
  usageClass: 'business',
  mobility: 'used',
  equipment: 'customer-pbx',
} as const;

describe('what is held in a period', () => {
  let server: LedgerServer;
  let ledger: LedgerUnderTest;
  beforeAll(async () => {
    server = await openLedgerServer('postgres');
    ledger = await LedgerUnderTest.open(server, [fullIllimite()], 'prefix,price_per_minute\n33,0.02\n');
    const ids = Array.from({ length: 20 }, (_, index) => `L${index}`);
    await ledger.provision(ids.map((id) => ({ id, account: 'A1', spans: [SPAN], devices: [], networks: [] })));
    await ledger.deliver(
      ids.map((line) =>
        JSON.stringify({
          v: 1,
          switch: 's',
          call: line,
          line,
          to: '+33140000000',
          answered: '2026-11-03T10:00:00Z',
          durationMs: 61_000,
        }),
      ),
    );
  });
  afterAll(() => server.close());

  it('is read without a month of calls in memory, however often', async () => {
    const { db } = ledger;
    const before = monthRecords.length;
    for (let time = 0; time < 20; time++) {
      const { undecided } = await holdsInPeriod({ db, plan }, 202611);
      expect(undecided).toHaveLength(20);
      expect((await holdsInPeriod({ db, plan }, 202612)).held).toHaveLength(20);
    }
    expect(monthRecords.length).toBe(before);
  });

  it('is read of one line alone', async () => {
    const { db } = ledger;
    const { undecided, held } = await holdsOfLineInPeriod({ db, plan }, 202611, 'L7');
    expect([undecided.length, held.length]).toEqual([1, 0]);
  });
});
