import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Database,
  DEFAULT_SESSION,
  migrate,
  migrationOf,
  openDatabase,
  registerOffer,
  type SessionSettings,
} from '../../ledger/index.ts';
import { runOn } from '../support/postgres.ts';
import { createTestDatabase } from '../support/test-database.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
const opened: Database[] = [];

beforeEach(async () => {
  database = await createTestDatabase('template1');
});
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close();
  await database.drop();
});

async function open(session: Partial<SessionSettings> = {}, url = database.url): Promise<Database> {
  const db = await openDatabase({ url, session: { ...DEFAULT_SESSION, ...session } });
  opened.push(db);
  return db;
}

/** Sets what every session of the database begins with. */
function setForAll(setting: string): Promise<void> {
  return runOn(database.url, `alter database ${new URL(database.url).pathname.slice(1)} set ${setting}`);
}

async function schemaOf(db: Database): Promise<unknown> {
  const [row] = await db.query<{ schema: string }>(
    `select relnamespace::regnamespace::text as schema from pg_class where oid = 'entry'::regclass`,
  );
  return row?.schema;
}

describe('names on a connection to PostgreSQL', () => {
  it('lead to the ledger, whatever search_path the database sets', async () => {
    await migrate(await open());
    await runOn(database.url, `create schema other; create table other.head as select * from head limit 0`);
    await setForAll('search_path = other, public');
    const db = await open();
    expect(await db.query('select count(*)::int as heads from head')).toEqual([{ heads: 64 }]);
    expect(await db.query('show search_path')).toEqual([{ search_path: 'public, pg_temp' }]);
  });

  it('lead to the ledger, not to its image in a schema of somebody else', async () => {
    await migrate(await open());
    const tables = ['migration', 'head', 'entry', 'source_position', 'offer', 'account', 'line'];
    await runOn(
      database.url,
      `create schema image; ${tables.map((table) => `create table image.${table} (like ${table})`).join('; ')}`,
    );
    await setForAll('search_path = image, public');
    const db = await open();
    expect(await db.query('select count(*)::int as heads from head')).toEqual([{ heads: 64 }]);
  });

  it.each([
    'extra_float_digits = -15',
    `intervalstyle = 'sql_standard'`,
    `datestyle = 'SQL, DMY'`,
    `timezone = 'Asia/Kolkata'`,
    `bytea_output = 'escape'`,
    `client_encoding = 'LATIN1'`,
    'transform_null_equals = on',
    'array_nulls = off',
  ])('write and read values whole, whatever the database sets: %s', async (setting) => {
    await setForAll(setting);
    const db = await open();
    await migrate(db);
    const [row] = await db.query(
      `select 1767225600123.456::float8 as float, '2026-01-01 00:00:00.123456Z'::timestamptz as instant,
              '\\x00ff'::bytea as bytes, (null = null) is null as "isNull", array[null, 1]::int[]::text as list,
              $1::text as text, (interval '-1 day 2 hours')::text as span`,
      ['é€'],
    );
    expect(row).toEqual({
      float: 1767225600123.456,
      instant: Date.parse('2026-01-01T00:00:00.123Z'),
      bytes: Buffer.from([0, 255]),
      isNull: true,
      list: '{NULL,1}',
      text: 'é€',
      span: '-1 days +02:00:00',
    });
  });

  it('is refused by name where its encoding is another than UTF8', async () => {
    const name = `latin_${process.pid}_${Date.now()}`;
    await runOn(
      database.url,
      `create database ${name} encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0`,
    );
    const url = new URL(database.url);
    url.pathname = `/${name}`;
    const db = await openDatabase({ url: url.href });
    await expect(migrate(db)).rejects.toThrow(`Cannot use the database: its encoding is 'LATIN1', not UTF8`);
    await db.close();
    await runOn(database.url, `drop database ${name}`);
  });

  it('lead past temporary tables, and past operators and functions of others', async () => {
    const url = new URL(database.url);
    url.searchParams.set('options', '-c search_path=pg_temp,evil,pg_catalog,public');
    await runOn(
      database.url,
      `create schema evil;
       create function evil.set_config(text, text, boolean) returns text language sql as 'select pg_catalog.set_config($1, ''evil'', $3)';
       create function evil.count() returns bigint language sql as 'select 7::bigint';
       create function evil.never(name, text) returns boolean language sql as 'select true';
       create operator evil.= (function = evil.never, leftarg = name, rightarg = text)`,
    );
    await migrate(await open());
    const db = await open({}, url.href);
    expect(await schemaOf(db)).toBe('public');
    await db.transaction(async (tx) => {
      await tx.exec('create temporary table head (bucket smallint, position bigint, facts bigint)');
      expect(await tx.query('select count(*)::int as heads from head')).toEqual([{ heads: 64 }]);
    });
  });

  it('lead to a ledger in another schema, by whatever it was made there, and whoever comes', async () => {
    await runOn(database.url, 'create schema billing');
    await setForAll('search_path = billing');
    const first = await open();
    await migrate(first);
    expect(await schemaOf(first)).toBe('billing');
    await setForAll('search_path to default');
    const db = await open();
    expect(await migrate(db)).toEqual([]);
    expect(await schemaOf(db)).toBe('billing');
    await expect(db.exec('truncate head')).rejects.toMatchObject({ code: 'append-only' });
  });

  it('lead to the schema that is named, and to no other', async () => {
    await migrate(await open());
    await expect(open({ schema: 'billing' })).rejects.toThrow(`Cannot use schema 'billing'`);
    await runOn(database.url, 'create schema billing');
    const billing = await open({ schema: 'billing' });
    await migrate(billing);
    await registerOffer(billing, OFFER);
    expect(await schemaOf(billing)).toBe('billing');
    expect(await (await open()).query('select from offer')).toEqual([]);
    expect(await (await open({ schema: 'billing' })).query('select id from offer')).toEqual([{ id: 'o' }]);
  });

  it('are asked for where two schemas hold a ledger and neither is public', async () => {
    for (const schema of ['north', 'south']) {
      await runOn(database.url, `create schema ${schema}`);
      await migrate(await open({ schema }));
    }
    await expect(open()).rejects.toThrow(`Cannot choose between the ledgers in schemas 'north', 'south'`);
    expect(await schemaOf(await open({ schema: 'south' }))).toBe('south');
  });

  it('make no ledger where tables of others are in the way', async () => {
    await runOn(database.url, 'create schema shop; create table shop.entry (no int)');
    await setForAll('search_path = shop, public');
    const db = await open();
    await migrate(db);
    expect(await schemaOf(db)).toBe('public');
  });
});

const OFFER = {
  id: 'o',
  name: 'o',
  timeZone: 'Europe/Paris',
  included: { classes: [], destinations: [] },
  conditions: [],
};

describe('limits on a connection to PostgreSQL', () => {
  it('have defaults, whatever the server sets', async () => {
    await setForAll('statement_timeout = 5000');
    await setForAll('lock_timeout = 1');
    const db = await open();
    const shown = `select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement,
      current_setting('idle_in_transaction_session_timeout') as idle`;
    expect(await db.query(shown)).toEqual([{ lock: '30s', statement: '2h', idle: '2min' }]);
    await db.transaction(async (tx) => {
      expect(await tx.query(shown)).toEqual([{ lock: '30s', statement: '10min', idle: '2min' }]);
    });
    expect(await db.query(shown)).toEqual([{ lock: '30s', statement: '2h', idle: '2min' }]);
  });

  it('end the wait for a row that another has locked, as a failure that passes', async () => {
    const holder = await open();
    await holder.exec('create table thing (no int); insert into thing values (1)');
    const waiter = await open({ lockTimeoutMs: 50 });
    await holder.transaction(async (tx) => {
      await tx.query('select from thing for update');
      const waiting = waiter.transaction((other) => other.query('select from thing for update'));
      await expect(waiting).rejects.toMatchObject({ code: 'lock-timeout', retryable: true });
    });
    await waiter.transaction((tx) => tx.query('select from thing for update'));
  });

  it('end a statement of a transaction that takes too long, and let a report take longer', async () => {
    const db = await open({ statementTimeoutMs: 100, readTimeoutMs: 30_000 });
    await expect(db.transaction((tx) => tx.query('select pg_sleep(20)'))).rejects.toMatchObject({ code: 'cancelled' });
    await db.query('select pg_sleep(0.3)');
  });

  it('end a transaction whose process is silent, which then finds its connection gone', async () => {
    const frozen = await open({ idleTimeoutMs: 100 });
    const other = await open();
    await other.exec('create table thing (no int); insert into thing values (1)');
    const lost = frozen.transaction(async (tx) => {
      await tx.query('select from thing for update');
      // Waits for the lock, which is given back when the server ends the other's session.
      await other.transaction((mine) => mine.query('select from thing for update'));
      await tx.query('update thing set no = 2');
    });
    await expect(lost).rejects.toMatchObject({ code: 'connection-lost', retryable: true });
    await frozen.transaction((tx) => tx.query('update thing set no = 3'));
    expect(await other.query('select no from thing')).toEqual([{ no: 3 }]);
  });

  it('leave a migration the time that it takes', async () => {
    const db = await open({ statementTimeoutMs: 100 });
    expect(await migrate(db, [migrationOf('0001-long.sql', 'select pg_sleep(0.3)')])).toEqual(['0001-long.sql']);
  });
});
