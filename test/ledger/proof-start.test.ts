import { describe, expect, it } from 'vitest';
import { migrate, readMigrations, verifyBucket } from '../../ledger/index.ts';
import { DATABASE_KINDS, openEmptyTestDatabase } from '../support/test-database.ts';

const FIRST = 10;

describe.each(DATABASE_KINDS)('where proofs begin, on %s', (kind) => {
  it('is written down for each bucket; a forged row does not stop the migration', async () => {
    const db = await openEmptyTestDatabase(kind);
    try {
      const migrations = await readMigrations();
      await migrate(db, migrations.slice(0, FIRST - 1));
      await db.exec(`select make_entry_month(202611);
        insert into entry (bucket, position, period, billed_period, account, line, identity, revision, kind, started_at,
          duration_ms, called, destination, coverage, reason, billed_seconds, charge, metered_price,
          rate_deck, flags, cdr)
        select b, p, 202611, 202611, 1, 1, p, 0, 'u', '2026-11-03', 1, 33612345678, 1, 'm', 'no-offer', 1, 5, 5,
          1, 0, '{}'
        from (values (5, 1), (5, 2), (6, 1), (6, 0), (7, 1), (7, 2)) as g (b, p);
        update head set position = 2 where bucket in (5, 7);
        update head set position = 1 where bucket = 6;
        insert into posting select 7, 1, 2, now(), 'test', 1, sha256('x'), sha256('x')`);
      await migrate(db, migrations);
      const starts = await db.query('select bucket, position::int from proof_start where position > 0 order by bucket');
      expect(starts).toEqual([
        { bucket: 5, position: 2 },
        { bucket: 6, position: 1 },
        { bucket: 7, position: 1 },
      ]);
      expect(await verifyBucket(db, 5, null)).toMatchObject({ proven: 0, unproven: 2, findings: [] });
      expect(await verifyBucket(db, 6, null)).toMatchObject({
        unproven: 1,
        findings: [{ fault: 'entries-added', after: -1, upTo: 0 }],
      });
      // Not one more may be taken for an old one, and none may go.
      await db.exec('update head set position = 3 where bucket = 5');
      expect((await verifyBucket(db, 5, null)).findings).toMatchObject([
        { fault: 'posting-missing', after: 2, upTo: 3 },
      ]);
      await db.exec(`alter table entry disable trigger entry_is_append_only;
        delete from entry where bucket = 5 and position = 1`);
      expect((await verifyBucket(db, 5, null)).findings).toMatchObject([
        { fault: 'posting-missing', after: 2, upTo: 3 },
        { fault: 'entries-missing', after: 0, upTo: 1 },
      ]);
    } finally {
      await db.close();
    }
  });
});
