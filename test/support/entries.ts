import type { Entry } from '../../rater/index.ts';
import { type Database, ensurePeriod, ENTRY_COPY_STATEMENT, EntryCopyBuffer } from '../../ledger/index.ts';

const RECORD = Buffer.from('{"v":1,"switch":"s","call":"c1"}');

/** A metered usage entry with the given differences; a record is added to usages and taken off corrections. */
export function testEntry(given: Partial<Entry> = {}): Entry {
  const isUsage = (given.kind ?? 'usage') === 'usage';
  return {
    bucket: 7,
    position: 1,
    period: 202611,
    billedPeriod: 202611,
    account: 1,
    line: 1,
    identityHigh: 1,
    identityLow: 1,
    revision: 0,
    kind: 'usage',
    startedAt: Date.UTC(2026, 10, 3, 10, 15, 0, 123),
    durationMs: 61_000,
    called: 33_612_345_678,
    destination: 1,
    coverage: 'metered',
    coverageBefore: null,
    reason: 'no-offer',
    billedSeconds: 61,
    charge: 81_333,
    meteredPrice: 81_333,
    rateDeck: 1,
    offer: null,
    flags: 0,
    record: isUsage ? RECORD : null,
    recordStart: 0,
    recordEnd: isUsage ? (given.record ?? RECORD).length : 0,
    ...given,
  };
}

/** Writes entries in one transaction, as the engine does. */
export async function postEntries(db: Database, entries: readonly Entry[]): Promise<void> {
  for (const { period } of entries) await ensurePeriod(db, period);
  const buffer = new EntryCopyBuffer();
  for (const entry of entries) buffer.append(entry);
  await db.transaction((tx) => tx.copyIn(ENTRY_COPY_STATEMENT, buffer.take()));
}
