import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../ledger/index.ts';
import type { Line } from '../../rater/index.ts';
import { decideCase } from '../../services/cases/decide-case.ts';
import { fullIllimite } from '../rules/full-illimite-for-test.ts';
import { LedgerUnderTest, plan } from '../support/ledger-under-test.ts';
import { MOBILE_DECK } from '../support/mobile-deck.ts';
import { billedCalls } from '../support/posted-ledger.ts';
import { registrationDelivery } from '../support/registrations-under-test.ts';
import { lineOf, recordOf } from './ledger-of-lines.ts';

const STARTED = Date.UTC(2026, 10, 3, 10);
const EVER = { from: 0, to: Infinity };

let server: Database;
beforeAll(async () => {
  server = await openDatabase({ memory: true });
});
afterAll(() => server.close());

/** A line with one managed phone and a network. */
function managed(id: string, account = id, facts: Partial<Line['spans'][number]> = {}): Line {
  const devices = [{ ...EVER, userAgent: 'Yealink*' }];
  return { ...lineOf(id, account, facts), devices, networks: [{ ...EVER, cidr: '192.0.2.0/24' }] };
}

async function opened(...lines: readonly Line[]): Promise<LedgerUnderTest> {
  const ledger = await LedgerUnderTest.open(server, [fullIllimite()], MOBILE_DECK);
  await ledger.provision(lines);
  return ledger;
}

/** Has the ledger told that a party was registered from elsewhere when the calls of these tests began. */
async function register({ engine }: LedgerUnderTest, party: string, from = 0): Promise<number> {
  const at = new Date(STARTED - 60_000).toISOString();
  const text = JSON.stringify({ line: party, registeredAt: at, expires: 3600, ua: 'Zoiper 5', ip: '203.0.113.9' });
  const delivery = registrationDelivery([text], from);
  await engine.take(delivery);
  await engine.catchUp();
  return delivery.to;
}

/** What each call is billed as, by line. */
async function coverages({ db }: LedgerUnderTest): Promise<unknown[]> {
  return [...(await billedCalls(db)).values()].map(({ coverage }) => coverage).toSorted();
}

describe('lines that registrations tell of', () => {
  it('are judged with them by a decision, too, that a fresh process takes in', async () => {
    const ledger = await opened(managed('L1'));
    await ledger.deliver([recordOf('one')]);
    await register(ledger, 'L1');
    expect(await coverages(ledger)).toEqual(['metered']);
    ledger.restart();
    const { db, engine } = ledger;
    const outcome = await decideCase(
      { db, plan, engine },
      {
        line: 'L1',
        period: '2026-11',
        condition: 'sip-mobility',
        kind: 'reinstate',
        at: '2026-11-04T10:00:00Z',
        by: 'test',
        note: '',
      },
    );
    expect(outcome).not.toMatchObject({ kind: 'refused' });
    expect(await coverages(ledger)).toEqual(['metered']);
  });

  it('are judged again for a call that was another line of the account before', async () => {
    const ledger = await opened(managed('L1', 'A'), managed('L2', 'A'));
    await ledger.deliver([recordOf('moved')]);
    await ledger.deliver([recordOf('moved', { line: 'L2', revision: 1 })]);
    await register(ledger, 'L2');
    expect(await coverages(ledger)).toEqual(['metered']);
  });
});
