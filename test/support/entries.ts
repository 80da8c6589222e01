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

/** Another value than `testEntry()` has, of each field: what must not be left of the entry before. */
export const OTHER_ENTRY: { readonly [Field in keyof Entry]: Entry[Field] } = {
  bucket: 9,
  position: 2 ** 40,
  period: 202612,
  billedPeriod: 202701,
  account: 70_000,
  line: -70_000,
  identityHigh: -2,
  identityLow: -3,
  revision: 4,
  kind: 'rerate',
  startedAt: Date.UTC(2026, 10, 30, 23, 59, 59, 999),
  durationMs: 1,
  called: 112,
  destination: 17,
  coverage: 'free',
  coverageBefore: 'included',
  reason: 'distinct-numbers',
  billedSeconds: 120,
  charge: -81_333,
  meteredPrice: 2 ** 41,
  rateDeck: 5,
  offer: 12,
  flags: -32_768,
  record: Buffer.from('another record, of some length, in the same place'),
  recordStart: 8,
  recordEnd: 11,
};

/** Writes entries in one transaction, as the engine does. */
export async function postEntries(db: Database, entries: readonly Entry[]): Promise<void> {
  for (const { period } of entries) await ensurePeriod(db, period);
  const buffer = new EntryCopyBuffer();
  for (const entry of entries) buffer.append(entry);
  await db.transaction((tx) => tx.copyIn(ENTRY_COPY_STATEMENT, buffer.take()));
}
