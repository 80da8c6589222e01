import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Line } from '../../rater/index.ts';
import type { Offer } from '../../rules/index.ts';
import { decideCase } from '../../services/cases/decide-case.ts';
import { fullIllimite } from '../rules/full-illimite-for-test.ts';
import { LedgerUnderTest, plan } from '../support/ledger-under-test.ts';
import { DECK_OF_CALLS } from '../support/legs-under-test.ts';
import { billedCalls } from '../support/posted-ledger.ts';
import { registrationDelivery } from '../support/registrations-under-test.ts';
import { lineOf, recordOf } from './ledger-of-lines.ts';
import { type LedgerServer, openLedgerServer } from '../support/ledger-server.ts';

const STARTED = Date.UTC(2026, 10, 3, 10);
const EVER = { from: 0, to: Infinity };

let server: LedgerServer;
beforeAll(async () => {
  server = await openLedgerServer('postgres');
});
afterAll(() => server.close());

/** A line with one managed phone and a network. */
function managed(id: string, account = id, facts: Partial<Line['spans'][number]> = {}): Line {
  const devices = [{ ...EVER, userAgent: 'Yealink*' }];
  return { ...lineOf(id, account, facts), devices, networks: [{ ...EVER, cidr: '192.0.2.0/24' }] };
}

async function opened(...lines: readonly Line[]): Promise<LedgerUnderTest> {
  return openedWith(fullIllimite(), ...lines);
}

async function openedWith(offer: Offer, ...lines: readonly Line[]): Promise<LedgerUnderTest> {
  const ledger = await LedgerUnderTest.open(server, [offer], DECK_OF_CALLS);
  await ledger.provision(lines);
  return ledger;
}

/** Has the ledger told that a party was registered from elsewhere when the calls of these tests began. */
async function register({ engine }: LedgerUnderTest, line: string, from = 0, at = STARTED - 60_000): Promise<number> {
  const registeredAt = new Date(at).toISOString();
  const text = JSON.stringify({ line, registeredAt, expires: 3600, ua: 'Zoiper 5', ip: '203.0.113.9' });
  const delivery = registrationDelivery([text], from);
  await engine.take(delivery);
  await engine.catchUp();
  return delivery.to;
}

/** Has a person let the line go on after these calls. */
async function reinstate({ db, engine }: LedgerUnderTest, line: string): Promise<void> {
  const what = { line, period: '2026-11', condition: 'sip-mobility', kind: 'reinstate' } as const;
  const outcome = await decideCase({ db, plan, engine }, { ...what, at: '2026-11-04T10:00:00Z', by: 'test', note: '' });
  expect(outcome).not.toMatchObject({ kind: 'refused' });
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
    await ledger.restart();
    await reinstate(ledger, 'L1');
    expect(await coverages(ledger)).toEqual(['metered']);
  });

  it('are judged again for a call that was another line of the account before', async () => {
    const ledger = await opened(managed('L1', 'A'), managed('L2', 'A'));
    await ledger.deliver([recordOf('moved')]);
    await ledger.deliver([recordOf('moved', { line: 'L2', revision: 1 })]);
    await register(ledger, 'L2');
    expect(await coverages(ledger)).toEqual(['metered']);
  });

  it('are judged again for calls that facts have made ones that registrations tell of', async () => {
    const ledger = await opened(managed('L1', 'A', { offer: null }));
    await ledger.deliver([recordOf('early', { answered: '2026-11-02T10:00:00.000Z' })]);
    const next = await register(ledger, 'L1', 0, Date.UTC(2026, 10, 1));
    await ledger.deliver([recordOf('late')]);
    await ledger.provision([managed('L1', 'A')]);
    expect(await coverages(ledger)).toEqual(['included', 'included']);
    await register(ledger, 'L1', next);
    expect(await coverages(ledger)).toEqual(['metered', 'metered']);
  });

  it.each(['0140000001', '+33140000001'])('are all judged that %s may be, by id and by number', async (party) => {
    const ledger = await opened(managed('0140000001', 'A'), managed('L2', 'B', { number: 33_140_000_001 }));
    await ledger.deliver([recordOf('one', { line: '0140000001' }), recordOf('two', { line: 'L2' })]);
    const next = await register(ledger, 'nobody', 0, Date.UTC(2026, 10, 1));
    await register(ledger, party, next);
    expect(await coverages(ledger)).toEqual(['metered', 'metered']);
  });
});

describe('a quote', () => {
  const QUOTED = { line: 'L1', number: '+33145678901', startedAt: STARTED + 60_000, durationMs: 60_000 };

  it('knows all lines after a decision that needed one alone', async () => {
    const ledger = await opened(managed('L1'), managed('L2'));
    await ledger.deliver([recordOf('one', { mobility: true })]);
    await ledger.restart();
    await reinstate(ledger, 'L1');
    expect(await ledger.engine.quote({ ...QUOTED, line: 'L2' })).toMatchObject({ quoted: { coverage: 'included' } });
  });

  it('asks where the line is registered', async () => {
    const ledger = await opened(managed('L1'));
    expect(await ledger.engine.quote(QUOTED)).toMatchObject({ quoted: { coverage: 'included' } });
    await register(ledger, 'L1');
    expect(await ledger.engine.quote(QUOTED)).toMatchObject({
      quoted: { coverage: 'metered', reason: 'sip-mobility' },
    });
    const laterOn = { ...QUOTED, startedAt: STARTED + 86_400_000 };
    expect(await ledger.engine.quote(laterOn)).toMatchObject({ quoted: { coverage: 'included' } });
  });

  it('asks it of the calls of the month, too, where the call itself would break a condition', async () => {
    const ledger = await openedWith(fewNumbers(), managed('L1'));
    await register(ledger, 'L1');
    await ledger.deliver([recordOf('one')]);
    expect(await coverages(ledger)).toEqual(['metered']);
    await ledger.restart();
    // The second number is one too many: that meters calls to mobiles, and where the first came from, all.
    const laterOn = { ...QUOTED, startedAt: STARTED + 86_400_000 };
    expect(await ledger.engine.quote(laterOn)).toMatchObject({
      quoted: { coverage: 'metered', reason: 'sip-mobility' },
    });
  });
});

/** The offer with one number a month; a second one meters calls to mobiles alone. */
function fewNumbers(): Offer {
  const offer = fullIllimite();
  const conditions = offer.conditions.map((condition) =>
    condition.id === 'distinct-numbers'
      ? {
          ...condition,
          settings: { maxNumbers: 1 },
          effect: {
            ...condition.effect,
            rerate: { scope: 'period', classes: ['national-mobile'] },
            suspension: 'none',
          },
        }
      : condition,
  );
  return { ...offer, conditions } as Offer;
}
