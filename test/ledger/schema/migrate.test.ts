import { afterEach, describe, expect, it } from 'vitest';
import { type Database, migrate, migrationOf, openDatabase, readMigrations } from '../../../ledger/index.ts';
import { createTestDatabase, DATABASE_KINDS, openEmptyTestDatabase } from '../../support/test-database.ts';

const ONE = migrationOf('0001-init.sql', 'create table one (no int);\ncreate table other (no int);');
const TWO = migrationOf('0002-more.sql', 'alter table one add name text;');

describe.each(DATABASE_KINDS)('migrate() on %s', (kind) => {
  let db: Database;
  afterEach(() => db.close());

  it('runs what is missing, in order, once', async () => {
    db = await openEmptyTestDatabase(kind);
    expect(await migrate(db, [ONE])).toEqual(['0001-init.sql']);
    expect(await migrate(db, [ONE, TWO])).toEqual(['0002-more.sql']);
    expect(await migrate(db, [ONE, TWO])).toEqual([]);
    await db.query('insert into one (no, name) values (1, $1)', ['x']);
  });

  it('runs all of the ledger, and nothing the second time', async () => {
    db = await openEmptyTestDatabase(kind);
    expect(await migrate(db)).toEqual((await readMigrations()).map(({ name }) => name));
    expect(await migrate(db)).toEqual([]);
    expect(await db.query('select count(*)::int as heads from head')).toEqual([{ heads: 64 }]);
  });

  it('leaves no trace of a migration that fails', async () => {
    db = await openEmptyTestDatabase(kind);
    const broken = migrationOf('0002-more.sql', 'create table half (no int); select nonsense;');
    await expect(migrate(db, [ONE, broken])).rejects.toMatchObject({ sqlState: '42703' });
    expect(await migrate(db, [ONE, TWO])).toEqual(['0002-more.sql']);
    expect(await db.query(`select to_regclass('half')::text as half`)).toEqual([{ half: null }]);
  });

  it('refuses a migration that changed after it was run', async () => {
    db = await openEmptyTestDatabase(kind);
    await migrate(db, [ONE]);
    const edited = migrationOf('0001-init.sql', `${ONE.sql}\n-- a word`);
    await expect(migrate(db, [edited, TWO])).rejects.toMatchObject({ code: 'migration-changed' });
  });

  it('lets older code use a newer database, unless a migration is breaking', async () => {
    db = await openEmptyTestDatabase(kind);
    await migrate(db, [ONE, TWO]);
    expect(await migrate(db, [ONE])).toEqual([]);
    const breaking = migrationOf('0003-break.sql', '-- breaking\ndrop table other;');
    await migrate(db, [ONE, TWO, breaking]);
    await expect(migrate(db, [ONE, TWO])).rejects.toMatchObject({ code: 'database-is-newer' });
    expect(await migrate(db, [ONE, TWO, breaking])).toEqual([]);
  });
});

describe('migrate() by many at once', () => {
  it('runs each migration once', async () => {
    const { url, drop } = await createTestDatabase('template1');
    const starters = await Promise.all([1, 2, 3, 4].map(() => openDatabase({ url })));
    const ran = await Promise.all(starters.map((starter) => migrate(starter, [ONE, TWO])));
    expect(ran.flat().toSorted()).toEqual(['0001-init.sql', '0002-more.sql']);
    for (const starter of starters) await starter.close();
    await drop();
  });
});

describe('migrationOf()', () => {
  it('refuses a name without a number', () => {
    expect(() => migrationOf('init.sql', '')).toThrow("Cannot number the migration 'init.sql'");
  });
});
