import { readDefaultOffer } from '../../bin/set-up-ledger.ts';
import type { Line } from '../../rater/index.ts';
import type { LedgerAccess } from '../../services/index.ts';
import type { LedgerServer } from '../support/ledger-server.ts';
import { LedgerUnderTest, plan } from '../support/ledger-under-test.ts';

const LONG_AGO = Date.UTC(2020, 0, 1);
const FACTS = { usageClass: 'business', mobility: 'off', equipment: 'managed' } as const;

/** Numbers of destinations that the decks of these tests price. */
export const BARBADOS = '+12465550100';
export const PARIS = '+33145000000';
export const MOBILE = '+33612345678';

const HEADER = 'destination,prefix,effective_from,price_per_minute';
const PRICES = { 'France Fixe': '0.02', 'France Mobile': '0.09', Andorre: '0.20', Barbade: '0.40' };

/** A deck of a few destinations; `more`: rows of destination, prefix, date and price. */
export function deckOf(
  name: string,
  prices: Readonly<Record<string, string>> = {},
  more: readonly string[] = [],
): string {
  const rows = Object.entries({ ...PRICES, ...prices }).map(([destination, price]) => `${destination},,,${price}`);
  return [`#name,${name}`, '#currency,EUR', '#time_zone,Europe/Paris', HEADER, ...rows, ...more, ''].join('\n');
}

export interface SmallLedger {
  readonly ledger: LedgerUnderTest;
  /** What services are given. */
  readonly access: LedgerAccess;
}

/** A ledger with lines `L1` and `L2` under the default offer, priced by `deckOf('first')`. */
export async function smallLedger(server: LedgerServer): Promise<SmallLedger> {
  const ledger = await LedgerUnderTest.open(server, [readDefaultOffer(plan)], deckOf('first'));
  await ledger.provision([lineOf('L1', 33_140_000_001), lineOf('L2', 33_140_000_002)]);
  return { ledger, access: { db: ledger.db, plan, engine: ledger.engine } };
}

export function lineOf(id: string, number: number | null = null): Line {
  const span = { from: LONG_AGO, to: Infinity, number, offer: 'full-illimite', ...FACTS };
  return { id, account: id, spans: [span], devices: [], networks: [] };
}

/** A record of a call of a minute, in canonical form. */
export function call(id: string, to: string, answered = '2026-11-03T10:00:00Z', line = 'L1'): string {
  return JSON.stringify({ v: 1, switch: 'sbc', call: id, line, to, answered, durationMs: 60_000 });
}
