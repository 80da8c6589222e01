import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalText } from '../../rater/call/canonical-text.ts';
import { at, cdr, line, span } from '../rater/rating-for-test.ts';
import { forfait99 } from '../rules/offers-for-test.ts';
import { LedgerUnderTest } from '../support/ledger-under-test.ts';
import { billedCalls, standingFindings } from '../support/posted-ledger.ts';
import { type LedgerServer, openLedgerServer } from '../support/ledger-server.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const DECK = 'prefix,price_per_minute\n33,0.02\n';
const LINE = line('L1', { spans: [span({ offer: 'forfait-99' })] });

let server: LedgerServer;
beforeAll(async () => {
  server = await openLedgerServer('postgres');
});
afterAll(() => server.close());

/** A record of a call that began at 10:00 on a day of November 2026. */
function call(callId: string, day: number, durationMs: number, dialled = '+33140000000'): string {
  const startedAt = at(`2026-11-${String(day).padStart(2, '0')} 10:00`);
  return canonicalText(cdr({ callId, startedAt, durationMs, dialled }));
}

/** 20 calls of an hour, one a day from the 1st on: exactly the included minutes. */
const TWENTY_HOURS = Array.from({ length: 20 }, (_, index) => call(`hour-${index + 1}`, index + 1, HOUR));

async function ledgerWith(...texts: readonly string[]): Promise<LedgerUnderTest> {
  const ledger = await LedgerUnderTest.open(server, [forfait99()], DECK);
  await ledger.provision([LINE]);
  await ledger.deliver(texts);
  return ledger;
}

/** The calls that are metered, as `call charge reason`. */
async function metered({ db }: LedgerUnderTest): Promise<string[]> {
  const calls = [...(await billedCalls(db))].filter(([, { coverage }]) => coverage === 'metered');
  return calls.map(([identity, { charge, reason }]) => `${JSON.parse(identity)[1]} ${charge} ${reason}`).toSorted();
}

describe('the example offer forfait-99', () => {
  it('includes 20 hours of calls of an hour, and meters the call that crosses them and those after', async () => {
    const ledger = await ledgerWith(...TWENTY_HOURS);
    expect(await metered(ledger)).toEqual([]);
    await ledger.deliver([call('beyond', 21, 1), call('after', 22, 2 * MINUTE)]);
    expect(await metered(ledger)).toEqual(['after 0.040000 monthly-minutes', 'beyond 0.020000 monthly-minutes']);
    expect(await standingFindings(ledger.db)).toMatchObject([
      { line: 'L1', period: 202611, finding: { maxMinutes: 1200, seconds: 72_001, crossing: { callId: 'beyond' } } },
    ]);
  });

  it('moves the crossing to an earlier call when one comes late, also after a restart', async () => {
    const ledger = await ledgerWith(...TWENTY_HOURS, call('beyond', 21, 1));
    await ledger.restart();
    await ledger.deliver([call('late', 1, MINUTE, '+33140000001')]);
    expect(await metered(ledger)).toEqual(['beyond 0.020000 monthly-minutes', 'hour-20 1.200000 monthly-minutes']);
  });

  it('takes the crossing back when a correction makes a call shorter', async () => {
    const ledger = await ledgerWith(...TWENTY_HOURS, call('beyond', 21, MINUTE));
    expect(await metered(ledger)).toEqual(['beyond 0.020000 monthly-minutes']);
    const shorter = { callId: 'hour-3', startedAt: at('2026-11-03 10:00'), dialled: '+33140000000', revision: 1 };
    await ledger.deliver([canonicalText(cdr({ ...shorter, durationMs: HOUR - MINUTE }))]);
    expect(await metered(ledger)).toEqual([]);
    expect(await standingFindings(ledger.db)).toEqual([]);
  });

  it('meters a call of more than an hour, it alone, and takes no minutes for it', async () => {
    const ledger = await ledgerWith(...TWENTY_HOURS, call('long', 2, HOUR + 1, '+33140000001'));
    expect(await metered(ledger)).toEqual(['long 1.220000 call-length']);
    expect(await standingFindings(ledger.db)).toEqual([]);
  });

  it('meters from the call to the 100th number on', async () => {
    const calls = Array.from({ length: 101 }, (_, index) => {
      const startedAt = at('2026-11-05 10:00') + index * MINUTE;
      const dialled = `+33${140_000_000 + index * 1_111}`;
      return canonicalText(cdr({ callId: `n${index + 1}`, startedAt, dialled, durationMs: 1_000 }));
    });
    const ledger = await ledgerWith(...calls.toReversed());
    expect(await metered(ledger)).toEqual(['n100 0.020000 distinct-numbers', 'n101 0.020000 distinct-numbers']);
  });

  it('includes the rest of the month again where a person dismisses it', async () => {
    const ledger = await ledgerWith(...TWENTY_HOURS, call('beyond', 21, MINUTE));
    const dismissal = { line: 'L1', period: 202611, condition: 'monthly-minutes', kind: 'dismiss' } as const;
    await ledger.decide([{ ...dismissal, sequence: 1, effectiveAt: at('2026-11-21'), breachFrom: null }]);
    await ledger.deliver([call('after', 22, MINUTE)]);
    expect(await metered(ledger)).toEqual([]);
  });
});
