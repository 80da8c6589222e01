import { afterAll, beforeAll, expect, it } from 'vitest';
import { reportPeriod } from '../../../services/index.ts';
import { BARBADOS, call, PARIS, smallLedger } from '../small-ledger.ts';
import { type LedgerServer, openLedgerServer } from '../../support/ledger-server.ts';

let server: LedgerServer;
beforeAll(async () => {
  server = await openLedgerServer('postgres');
});
afterAll(() => server.close());

it('reportPeriod() reads a month, the one with most calls where none is named, and names the others', async () => {
  const { ledger, access } = await smallLedger(server);
  expect(await reportPeriod(access)).toMatchObject({ code: 'no-calls' });
  await ledger.deliver([call('one', PARIS), call('two', BARBADOS), call('three', PARIS, '2026-12-03T10:00:00Z')]);
  expect(await reportPeriod(access)).toMatchObject({
    kind: 'report',
    report: { period: 202611, postedCharge: 400_000, currency: 'EUR' },
    otherPeriods: [202612],
  });
  expect(await reportPeriod(access, '2026-12')).toMatchObject({ report: { period: 202612 }, otherPeriods: [202611] });
  expect(await reportPeriod(access, '2026-13')).toMatchObject({
    code: 'period-unknown',
    values: { period: '2026-13' },
  });
});
