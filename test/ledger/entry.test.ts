import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Database, ensurePeriod, openDatabase, partitionOf } from '../../ledger/index.ts';
import { postEntries, testEntry } from '../support/entries.ts';
import { createTestDatabase, DATABASE_KINDS, openTestDatabase } from '../support/test-database.ts';

describe.each(DATABASE_KINDS)('entry on %s', (kind) => {
  let db: Database;
  beforeAll(async () => {
    db = await openTestDatabase(kind);
    await postEntries(db, [testEntry()]);
  });
  afterAll(() => db.close());

  it.each([
    ['updated', 'update entry set charge = 0'],
    ['updated in its partition', 'update entry_202611 set charge = 0'],
    ['deleted', 'delete from entry'],
    ['deleted from its partition', 'delete from entry_202611'],
    ['truncated', 'truncate entry'],
    ['truncated in its partition', 'truncate entry_202611'],
  ])('is never %s', async (_done, statement) => {
    await expect(db.exec(statement)).rejects.toMatchObject({ code: 'append-only' });
    expect(await db.query('select charge from entry where position = 1')).toEqual([{ charge: 81_333n }]);
  });

  it('is one a call and revision, whatever else differs', async () => {
    const again = testEntry({ position: 2, startedAt: Date.UTC(2026, 10, 4), durationMs: 5, line: 9 });
    await expect(postEntries(db, [again])).rejects.toMatchObject({
      code: 'unique-violation',
      constraint: 'entry_202611_call',
    });
  });

  it('is one a feed position', async () => {
    const other = testEntry({ identityLow: 2 });
    await expect(postEntries(db, [other])).rejects.toMatchObject({
      code: 'unique-violation',
      constraint: 'entry_202611_feed',
    });
  });

  it('needs a partition for its period', async () => {
    const statement = `insert into entry select position + 9, identity, started_at, called, charge, metered_price, 202501
      from entry`;
    await expect(db.exec(statement)).rejects.toMatchObject({ code: 'check-violation' });
  });

  it.each([
    ['entry_usage_holds_the_call', testEntry({ record: null, recordEnd: 0 })],
    ['entry_usage_corrects_nothing', testEntry({ coverageBefore: 'included' })],
    ['entry_correction_has_a_number', testEntry({ kind: 'rerate', coverageBefore: 'included' })],
    ['entry_reversal_has_no_coverage', testEntry({ kind: 'reversal', revision: 1, coverageBefore: 'included' })],
    ['entry_only_metered_is_charged', testEntry({ coverage: 'included' })],
  ])('holds the rule %s', async (constraint, entry) => {
    const fresh = { ...entry, identityLow: 77, position: 77 };
    await expect(postEntries(db, [fresh])).rejects.toMatchObject({ code: 'check-violation', constraint });
  });

  it('shows itself to people by names and decimals', async () => {
    await db.exec(`insert into account (bucket, id, name) values (7, 'A1', 'Un client');
      insert into line (account, bucket, id) values (1, 7, 'L1');
      insert into destination (name) values ('France mobile');
      insert into rate_deck (name, version, currency, time_zone, document)
      values ('retail', 'v1', 'EUR', 'Europe/Paris', '')`);
    const rows = await db.query(`select account, line, kind, called, destination, coverage, coverage_before, charge,
      metered_price, currency, rate_deck, offer from ledger_entry where position = 1`);
    expect(rows).toEqual([
      {
        account: 'A1',
        line: 'L1',
        kind: 'usage',
        called: '+33612345678',
        destination: 'France mobile',
        coverage: 'metered',
        coverage_before: null,
        charge: '0.081333',
        metered_price: '0.081333',
        currency: 'EUR',
        rate_deck: 'retail@v1',
        offer: null,
      },
    ]);
  });
});

describe('ensurePeriod()', () => {
  it.each(DATABASE_KINDS)('makes a partition once on %s', async (kind) => {
    const db = await openTestDatabase(kind);
    await ensurePeriod(db, 202612);
    await ensurePeriod(db, 202612);
    const rows = await db.query(`select inhrelid::regclass::text as name from pg_inherits
      where inhparent = 'entry'::regclass order by 1`);
    expect(rows).toEqual([{ name: 'entry_202612' }]);
    await db.close();
  });

  it('makes it once when many want it at once', async () => {
    const { url, drop } = await createTestDatabase(inject('postgres').template);
    const all = await Promise.all([1, 2, 3, 4].map(() => openDatabase({ url })));
    await Promise.all(
      all.flatMap((db) => [ensurePeriod(db, 202611), ensurePeriod(db, 202612), ensurePeriod(db, 202611)]),
    );
    expect(
      await all[0]?.query(`select count(*)::int as partitions from pg_inherits where inhparent = 'entry'::regclass`),
    ).toEqual([{ partitions: 2 }]);
    for (const db of all) await db.close();
    await drop();
  });

  it('does not wait for a batch that is writing another period', async () => {
    const { url, drop } = await createTestDatabase(inject('postgres').template);
    const db = await openDatabase({ url });
    await postEntries(db, [testEntry()]);
    await db.transaction(async (tx) => {
      await tx.query(`insert into entry select * from entry where false`);
      await ensurePeriod(db, 202612);
    });
    expect(await db.query(`select to_regclass('entry_202612')::text as name`)).toEqual([{ name: 'entry_202612' }]);
    await db.close();
    await drop();
  });
});

describe('partitionOf()', () => {
  it.each([202600, 202613, 1, 20261, 2026.5, Number.NaN, -202611])('refuses %s as a month', (period) => {
    expect(() => partitionOf(period)).toThrow(RangeError);
  });

  it('names the month', () => {
    expect(partitionOf(202601)).toBe('entry_202601');
    expect(partitionOf(202612)).toBe('entry_202612');
  });
});
