import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readDefaultOffer } from '../../../bin/set-up-ledger.ts';
import type { FactChange } from '../../../engine/fact-change.ts';
import { loadCatalogue } from '../../../engine/load-catalogue.ts';
import { RatingEngine } from '../../../engine/rating-engine.ts';
import { markLinesStale, staleLines, verifyStrays } from '../../../ledger/index.ts';
import type { Line } from '../../../rater/index.ts';
import { listPeriods } from '../../../services/billing/list-periods.ts';
import { movePeriod, type PeriodRequest } from '../../../services/billing/move-period.ts';
import { deliveryOf, LedgerUnderTest, plan } from '../../support/ledger-under-test.ts';
import { JANUARY, MOBILE_DECK } from '../../support/mobile-deck.ts';
import { billedCharges } from '../../support/posted-ledger.ts';
import { type LedgerServer, openLedgerServer } from '../../support/ledger-server.ts';

const LATER = Date.UTC(2027, 2, 5);
const FACTS = { number: null, usageClass: 'business', mobility: 'off', equipment: 'managed' } as const;

function lineOf(id: string, offer: string | null): Line {
  return { id, account: id, spans: [{ from: JANUARY, to: Infinity, offer, ...FACTS }], devices: [], networks: [] };
}

function call(id: string, line: string, day: string, more: object = {}): string {
  const facts = { v: 1, switch: 'sbc', call: id, line, to: '+33612345678', durationMs: 60_000 };
  return JSON.stringify({ ...facts, answered: `${day}T10:00:00Z`, ...more });
}

let server: LedgerServer;
let ledger: LedgerUnderTest;
beforeAll(async () => {
  server = await openLedgerServer('postgres');
});
afterAll(() => server.close());
beforeEach(async () => {
  ledger = await LedgerUnderTest.open(server, [readDefaultOffer(plan)], MOBILE_DECK);
  // L1 pays for each call; L2 has the unlimited offer.
  await ledger.provision([lineOf('L1', null), lineOf('L2', 'full-illimite')]);
});

/** Moves a month, and says what it was and is, or the code of the refusal. */
async function move(period: string, to: PeriodRequest['to'], more: Partial<PeriodRequest> = {}): Promise<string> {
  const access = { db: ledger.db, plan, engine: ledger.engine };
  const outcome = await movePeriod(access, { period, to, by: 'anne', note: 'because', ...more }, LATER);
  return outcome.kind === 'refused' ? outcome.code : `${outcome.from} to ${outcome.to}`;
}

async function close(period: string): Promise<void> {
  expect([await move(period, 'closing'), await move(period, 'closed')]).toEqual([
    'open to closing',
    'closing to closed',
  ]);
}

function callId(identity: string): unknown {
  return JSON.parse(identity)[1];
}

/** Of each call that anything is charged for: its month, the month of the bill, micros. */
async function bills(): Promise<unknown[]> {
  const charges = await billedCharges(ledger.db);
  return charges
    .map(({ identity, period, billedPeriod, charge }) => [callId(identity), period, billedPeriod, Number(charge)])
    .toSorted((a, b) => (String(a) < String(b) ? -1 : 1));
}

describe('movePeriod()', () => {
  it('moves a month from open to closing and back, and from closing to closed for good', async () => {
    await ledger.deliver([call('a', 'L1', '2026-11-03')]);
    expect(await move('2026-11', 'closed')).toBe('period-cannot-move');
    expect(await move('2026-11', 'open')).toBe('period-cannot-move');
    expect(await move('2026-11', 'closing')).toBe('open to closing');
    expect(await move('2026-11', 'closing')).toBe('period-cannot-move');
    expect(await move('2026-11', 'open')).toBe('closing to open');
    await close('2026-11');
    for (const to of ['open', 'closing', 'closed'] as const) expect(await move('2026-11', to)).toBe('period-closed');
    expect(await move('2026-10', 'closing')).toBe('period-closed');
  });

  it('refuses a month that is not over, no month, nobody and no reason', async () => {
    expect(await move('2027-03', 'closing')).toBe('period-not-over');
    expect(await move('March', 'closing')).toBe('period-unknown');
    expect(await move('2026-11', 'closing', { by: ' ' })).toBe('name-missing');
    expect(await move('2026-11', 'closing', { note: '' })).toBe('reason-missing');
  });

  it('closes one month after the other, also one without calls', async () => {
    await ledger.deliver([call('a', 'L1', '2026-10-03'), call('b', 'L1', '2026-12-03')]);
    await move('2026-11', 'closing');
    await move('2026-12', 'closing');
    expect(await move('2026-11', 'closed')).toBe('earlier-period-open');
    await close('2026-10');
    expect(await move('2026-12', 'closed')).toBe('earlier-period-open');
    expect(await move('2026-11', 'closed')).toBe('closing to closed');
    expect(await move('2026-12', 'closed')).toBe('closing to closed');
  });

  it('bills what comes later in the first month that is not closed, and names the month of the call', async () => {
    await ledger.deliver([call('a', 'L1', '2026-10-03')]);
    await close('2026-10');
    await move('2026-11', 'closing');
    await ledger.deliver([call('late', 'L1', '2026-10-04'), call('b', 'L1', '2026-11-03')]);
    await move('2026-11', 'closed');
    await ledger.deliver([
      call('later', 'L1', '2026-10-05'),
      call('c', 'L1', '2026-11-04'),
      call('d', 'L1', '2026-12-01'),
    ]);
    // Before the first month that was ever closed.
    await ledger.deliver([call('old', 'L1', '2026-08-05')]);
    expect(await bills()).toEqual([
      ['a', 202610, 202610, 90_000],
      ['b', 202611, 202611, 90_000],
      ['c', 202611, 202612, 90_000],
      ['d', 202612, 202612, 90_000],
      ['late', 202610, 202611, 90_000],
      ['later', 202610, 202612, 90_000],
      ['old', 202608, 202612, 90_000],
    ]);
  });

  it('gives back in an open month what a closed one charged: a correction, a line that moves, a restart in between', async () => {
    await ledger.deliver([call('a', 'L1', '2026-11-03'), call('b', 'L1', '2026-11-03')]);
    await close('2026-11');
    await ledger.restart();
    await ledger.deliver([call('a', 'L1', '2026-11-03', { durationMs: 600_000, revision: 1 })]);
    await ledger.provision([lineOf('L1', 'full-illimite')]);
    expect(await bills()).toEqual([
      ['a', 202611, 202611, 90_000],
      ['a', 202611, 202612, -90_000],
      ['b', 202611, 202611, 90_000],
      ['b', 202611, 202612, -90_000],
    ]);
  });

  it('refuses to close while records of the month wait in quarantine, unless that is known', async () => {
    await ledger.deliver([call('a', 'L1', '2026-11-03'), call('b', 'L9', '2026-11-04'), call('c', 'L9', '2026-12-04')]);
    await ledger.deliver(['{"v":1,']);
    await move('2026-11', 'closing');
    expect(await move('2026-11', 'closed')).toBe('quarantine-waits');
    expect(await move('2026-11', 'closed', { despiteQuarantine: true })).toBe('closing to closed');
    await ledger.provision([lineOf('L9', null)]);
    expect(await bills()).toEqual([
      ['a', 202611, 202611, 90_000],
      ['b', 202611, 202612, 90_000],
      ['c', 202612, 202612, 90_000],
    ]);
  });

  it('judges what waits before it closes, and refuses where somebody enters more meanwhile', async () => {
    await ledger.deliver([call('a', 'L1', '2026-11-03')]);
    await move('2026-11', 'closing');
    const { db } = ledger;
    const [line] = await db.query<{ bucket: number; no: number }>(`select bucket, no from line where id = 'L1'`);
    const mark = (): Promise<void> => db.transaction((tx) => markLinesStale(tx, [line!]));
    class BusyEngine extends RatingEngine {
      override async change<Outcome>(change: FactChange<Outcome>): Promise<Outcome> {
        await mark();
        return super.change(change);
      }
    }
    await mark();
    const engine = new BusyEngine(db, () => loadCatalogue(db, plan));
    const request = { period: '2026-11', to: 'closed', by: 'anne', note: 'because' } as const;
    expect(await movePeriod({ db, plan, engine }, request, LATER)).toMatchObject({
      code: 'period-not-judged',
      values: { lines: '1', records: '0' },
    });
    expect(await move('2026-11', 'closed')).toBe('closing to closed');
    expect(await staleLines(db, 1)).toEqual([]);
  });

  it('keeps every move, and which entries each close had seen', async () => {
    await ledger.deliver([call('a', 'L1', '2026-11-03')]);
    await close('2026-11');
    await ledger.deliver([call('late', 'L1', '2026-11-04'), call('b', 'L1', '2027-01-03')]);
    const { periods } = await listPeriods(ledger);
    expect(periods.map(({ period, state, hasEntries }) => [period, state, hasEntries])).toEqual([
      [202611, 'closed', true],
      [202612, 'open', false],
      [202701, 'open', true],
    ]);
    expect(periods[0]?.moves).toMatchObject([
      { state: 'closing', by: 'anne', note: 'because', at: LATER },
      { state: 'closed', by: 'anne', note: 'because', at: LATER },
    ]);
    expect([...(periods[0]?.seenUpTo.values() ?? [])].reduce((sum, position) => sum + position, 0)).toBe(1);
  });

  it('is what verify holds the entries to', async () => {
    await ledger.deliver([call('a', 'L1', '2026-11-03')]);
    await close('2026-11');
    await ledger.deliver([call('late', 'L1', '2026-11-04')]);
    expect(await verifyStrays(ledger.db)).toEqual([]);
    await ledger.db.exec('alter table entry disable trigger all; update entry set billed_period = 202611');
    expect(await verifyStrays(ledger.db)).toMatchObject([{ fault: 'billed-after-close', after: 1, upTo: 2 }]);
  });

  it('is refused by the database, too, where the month is closed', async () => {
    await ledger.deliver([call('a', 'L1', '2026-11-03')]);
    await close('2026-11');
    for (const period of [202610, 202611]) {
      const insert = `insert into period_move (period, state, moved_by, note, moved_at) values (${period}, 'open', 'x', '', now())`;
      await expect(ledger.db.query(insert)).rejects.toMatchObject({ code: 'check-violation' });
    }
  });
});

/** What the calls of the line under the offer are now. */
async function coverage(): Promise<unknown[]> {
  const rows = await ledger.db.query<{ coverage: string }>(
    `select distinct on (identity) coverage from ledger_entry where line = 'L2' order by identity, revision desc`,
  );
  return rows.map((row) => row.coverage).toSorted();
}

async function caseState(): Promise<unknown> {
  const [row] = await ledger.db.query<{ state: string }>('select state from case_file where period = 202611');
  return row?.state ?? null;
}

describe('a breach that is first found after the close of its month', () => {
  const mobile = { mobility: true };

  it('opens a case and meters nothing until it is confirmed; then the open month is charged', async () => {
    await ledger.deliver([call('a', 'L2', '2026-11-03')]);
    await close('2026-11');
    await ledger.deliver([call('late', 'L2', '2026-11-04', mobile), call('c', 'L2', '2026-12-04')]);
    expect([await coverage(), await caseState()]).toEqual([['included', 'included', 'included'], 'open']);
    const stake = await ledger.db.query('select at_stake_calls, at_stake from case_file');
    expect(stake).toEqual([{ at_stake_calls: 2, at_stake: 180_000n }]);
    await ledger.decide([
      {
        sequence: 0,
        line: 'L2',
        period: 202611,
        condition: 'sip-mobility',
        kind: 'confirm',
        effectiveAt: Date.UTC(2026, 10, 4),
        breachFrom: null,
      },
    ]);
    expect([await coverage(), await caseState()]).toEqual([['metered', 'metered', 'metered'], 'decided']);
    expect(await bills()).toEqual([
      ['a', 202611, 202612, 90_000],
      ['c', 202612, 202612, 90_000],
      ['late', 202611, 202612, 90_000],
    ]);
  });

  it('goes by the offer where it stood at the close, also once it was found no more in between', async () => {
    await ledger.deliver([call('a', 'L2', '2026-11-03'), call('seen', 'L2', '2026-11-04', mobile)]);
    await close('2026-11');
    await ledger.restart();
    await ledger.deliver([call('seen', 'L2', '2026-11-04', { mobility: false, revision: 1 })]);
    expect(await coverage()).toEqual(['included', 'included']);
    await ledger.deliver([call('late', 'L2', '2026-11-05', mobile)]);
    expect(await coverage()).toEqual(['metered', 'metered', 'metered']);
    expect(await bills()).toEqual([
      ['a', 202611, 202611, 90_000],
      ['late', 202611, 202612, 90_000],
      ['seen', 202611, 202611, 90_000],
    ]);
  });

  it('is taken up by a process that was not told of the close', async () => {
    await ledger.deliver([call('a', 'L2', '2026-11-03')]);
    const other = ledger.otherEngine();
    await other.catchUp();
    await close('2026-11');
    await other.take(deliveryOf([call('late', 'L2', '2026-11-04', mobile)], 0, 'other'));
    expect([await coverage(), await caseState()]).toEqual([['included', 'included'], 'open']);
  });
});
