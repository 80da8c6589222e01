import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Database,
  busiestPeriod,
  callsPricedAlike,
  changesSince,
  ledgerCharge,
  readHeads,
  registerDestinations,
} from '../../../ledger/index.ts';
import { postEntries, testEntry } from '../../support/entries.ts';
import { DATABASE_KINDS, openTestDatabase } from '../../support/test-database.ts';

const NOON = Date.UTC(2026, 10, 3, 12);
const PRICE = 80_000;

describe.each(DATABASE_KINDS)('what changed on %s', (kind) => {
  let db: Database;
  beforeAll(async () => {
    db = await openTestDatabase(kind);
    const destinations = await registerDestinations(db, ['mobile']);
    const call = { destination: destinations.get('mobile') ?? 0, meteredPrice: PRICE };
    const correction = { ...call, revision: 1, coverageBefore: 'included' } as const;
    await postEntries(db, [
      testEntry({ ...call, position: 1, identityLow: 1, coverage: 'included', charge: 0, startedAt: NOON - 1 }),
      testEntry({ ...call, position: 2, identityLow: 2, coverage: 'included', charge: 0, startedAt: NOON }),
      testEntry({ ...call, position: 3, identityLow: 3, coverage: 'free', charge: 0, startedAt: NOON }),
      testEntry({ ...call, position: 4, identityLow: 4, coverage: 'included', charge: 0, startedAt: NOON }),
      testEntry({ ...correction, position: 5, identityLow: 1, kind: 'rerate', coverage: 'metered', charge: PRICE }),
      testEntry({ ...correction, position: 6, identityLow: 4, kind: 'reversal', coverage: null, charge: 0 }),
      testEntry({ ...call, position: 7, identityLow: 5, charge: 500, startedAt: NOON + 1, period: 202612 }),
    ]);
  });
  afterAll(() => db.close());

  it('counts calls by what became of them since the heads stood where they did', async () => {
    const heads = (await readHeads(db)).map((head) => (head.bucket === 7 ? { ...head, position: 4 } : head));
    expect(await changesSince(db, heads)).toEqual({
      corrected: 1,
      newlyRated: 1,
      reversed: 1,
      otherCoverage: 1,
      otherCharge: 1,
      charge: PRICE + 500,
    });
    const none = heads.map((head) => ({ ...head, position: 7 }));
    expect(await changesSince(db, none)).toMatchObject({ corrected: 0, newlyRated: 0, reversed: 0, charge: 0 });
    expect(await ledgerCharge(db)).toBe(PRICE + 500);
  });

  it('puts billed calls together that a deck prices alike, cut at the instants to the ms', async () => {
    const spans = (await callsPricedAlike(db, [NOON])).map(({ startedAt, calls }) => [startedAt - NOON, calls]);
    expect(spans).toEqual(expect.arrayContaining([[0, 2]]));
    expect(spans.reduce((sum, [, calls]) => sum + (calls ?? 0), 0)).toBe(3);
    expect(await callsPricedAlike(db, [])).toMatchObject([{ called: 33_612_345_678, destination: 'mobile', calls: 3 }]);
  });

  it('knows the period with most entries', async () => {
    expect(await busiestPeriod(db)).toBe(202611);
  });
});
