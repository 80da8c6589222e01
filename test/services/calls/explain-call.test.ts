import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkExplain, explainCall } from '../../../services/index.ts';
import { BARBADOS, call, MOBILE, smallLedger, type SmallLedger } from '../small-ledger.ts';
import { type LedgerServer, openLedgerServer } from '../../support/ledger-server.ts';

let server: LedgerServer;
let small: SmallLedger;
beforeAll(async () => {
  server = await openLedgerServer('postgres');
  small = await smallLedger(server);
  await small.ledger.deliver([
    call('abroad', BARBADOS),
    call('twice', MOBILE),
    call('twice', MOBILE, '2026-12-03T10:00:00Z', 'L2'),
    call('lost', MOBILE, '2026-11-04T10:00:00Z', 'nobody'),
    call('by-number', MOBILE, '2026-11-05T10:00:00Z', '+33140000002'),
  ]);
});
afterAll(() => server.close());

describe('explainCall()', () => {
  it('gives all of a call as data: record, number, price, coverage and entries', async () => {
    const explained = await explainCall(small.access, { call: 'abroad' });
    expect(explained).toMatchObject({
      kind: 'explained',
      timeZone: 'Europe/Paris',
      records: [],
      calls: [
        {
          account: 'L1',
          line: 'L1',
          period: 202611,
          owner: { why: 'named' },
          number: { dialled: BARBADOS, called: BARBADOS },
          destination: 'Barbade',
          price: { rate: { key: 'Barbade' }, steps: { billedSeconds: 60, charge: 400_000 } },
          coverage: 'metered',
          reason: 'not-in-offer',
          hold: null,
          charge: 400_000,
          currency: 'EUR',
          entries: [{ kind: 'usage', revision: 0, charge: 400_000, coverage: 'metered' }],
        },
      ],
    });
  });

  it('gives every call that bears the id, or those of an account and month', async () => {
    const all = await explainCall(small.access, { call: 'twice' });
    expect(all).toMatchObject({ calls: [{ line: 'L1' }, { line: 'L2', period: 202612 }] });
    for (const where of [{ account: 'L2' }, { period: '2026-12' }]) {
      const one = await explainCall(small.access, { call: 'twice', ...where });
      expect(one).toMatchObject({ calls: [{ line: 'L2', period: 202612 }] });
    }
  });

  it('says why a call is of a line that the switch does not name', async () => {
    expect(await explainCall(small.access, { call: 'by-number' })).toMatchObject({
      calls: [{ line: 'L2', owner: { why: 'had-the-number', number: '+33140000002' } }],
    });
  });

  it('gives the records in quarantine where no call was rated', async () => {
    expect(await explainCall(small.access, { call: 'lost' })).toMatchObject({
      calls: [],
      records: [{ state: 'waiting', reason: 'unknown-line' }],
    });
  });

  it('refuses, by code, what it does not have and a month that is none', async () => {
    const codes = [
      await explainCall(small.access, { call: 'no-such' }),
      await explainCall(small.access, { call: 'abroad', period: '2026-12' }),
      await explainCall(small.access, { call: 'abroad', account: 'A9' }),
      await explainCall(small.access, { call: 'abroad', period: 'november' }),
    ].map((answer) => (answer.kind === 'refused' ? [answer.code, answer.values] : answer));
    expect(codes).toEqual([
      ['call-unknown', { call: 'no-such' }],
      ['call-unknown', { call: 'abroad' }],
      ['account-unknown', { account: 'A9' }],
      ['period-unknown', { period: 'november' }],
    ]);
    expect(checkExplain({ call: 'x', period: '13' })).toMatchObject({ code: 'period-unknown' });
    expect([checkExplain({ call: 'x' }), checkExplain({ call: 'x', period: '2026-11' })]).toEqual([null, null]);
  });
});
