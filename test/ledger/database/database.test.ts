import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, DatabaseError, openDatabase, sqlInstant } from '../../../ledger/index.ts';
import { DATABASE_KINDS, openEmptyTestDatabase } from '../../support/test-database.ts';

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (cause: unknown) => cause,
  );

describe.each(DATABASE_KINDS)('database on %s', (kind) => {
  let db: Database;
  beforeAll(async () => {
    db = await openEmptyTestDatabase(kind);
    await db.exec('create table thing (no int primary key, constraint thing_is_small check (no < 100)); select 1;');
  });
  afterAll(() => db.close());

  it('gives back each type in one way', async () => {
    const rows = await db.query(`select 9223372036854775807::bigint as big, 7::smallint as small, 8 as whole,
      1.50::numeric as decimal, 0.25::float8 as float, true as yes, 'i'::"char" as letter, 'é"' as text, null as nothing,
      '2026-11-03 11:15:00.123+01'::timestamptz as instant, 'infinity'::timestamptz as never,
      '{"a": [1]}'::jsonb as document, '\\x00ff'::bytea as bytes, count(*) as count`);
    expect(rows).toEqual([
      {
        big: 9_223_372_036_854_775_807n,
        small: 7,
        whole: 8,
        decimal: '1.50',
        float: 0.25,
        yes: true,
        letter: 'i',
        text: 'é"',
        nothing: null,
        instant: Date.UTC(2026, 10, 3, 10, 15, 0, 123),
        never: Infinity,
        document: { a: [1] },
        bytes: Buffer.from([0, 255]),
        count: 1n,
      },
    ]);
  });

  it('cuts instants to whole milliseconds', async () => {
    const rows = await db.query(`select '2026-03-29 00:59:59.999999+00'::timestamptz as at`);
    expect(rows).toEqual([{ at: Date.UTC(2026, 2, 29, 0, 59, 59, 999) }]);
  });

  it('takes each type of parameter in one way', async () => {
    const at = Date.UTC(2026, 0, 31, 23, 59, 59, 1);
    const rows = await db.query(
      `select $1::bigint as big, $2::boolean as yes, $3::timestamptz as at, $4::jsonb as document, $5::bytea as bytes,
              $6::text as nothing, $7::float8 as float, $8::timestamptz as always,
              to_jsonb($9::text[]) as texts, to_jsonb($10::int[]) as numbers`,
      [
        -(2n ** 63n),
        false,
        sqlInstant(at),
        JSON.stringify({ a: 'é' }),
        new Uint8Array([0, 92, 255]),
        null,
        0.1,
        sqlInstant(-Infinity),
        ['plain', 'with "quotes", commas', 'back\\slash', '', 'NULL', null, 'é\n'],
        [1, null, -3],
      ],
    );
    expect(rows).toEqual([
      {
        big: -(2n ** 63n),
        yes: false,
        at,
        document: { a: 'é' },
        bytes: Buffer.from([0, 92, 255]),
        nothing: null,
        float: 0.1,
        always: -Infinity,
        texts: ['plain', 'with "quotes", commas', 'back\\slash', '', 'NULL', null, 'é\n'],
        numbers: [1, null, -3],
      },
    ]);
  });

  it('commits what a transaction did, and nothing of one that threw', async () => {
    await db.transaction((tx) => tx.query('insert into thing values (1)'));
    const thrown = new Error('enough');
    const failed = db.transaction(async (tx) => {
      await tx.query('insert into thing values (2)');
      throw thrown;
    });
    expect(await errorOf(failed)).toBe(thrown);
    expect(await db.query('select no from thing')).toEqual([{ no: 1 }]);
  });

  it('refuses to commit after a statement failed unnoticed', async () => {
    const failed = db.transaction(async (tx) => {
      await tx.query('insert into thing values (3)');
      await errorOf(tx.query('select 1 / 0'));
    });
    expect(await errorOf(failed)).toMatchObject({ code: 'rolled-back', retryable: false });
    expect(await db.query('select no from thing where no = 3')).toEqual([]);
  });

  it('names failures by stable codes', async () => {
    await db.exec('insert into thing values (50)');
    const twice = await errorOf(db.query('insert into thing values (50)'));
    expect(twice).toBeInstanceOf(DatabaseError);
    expect(twice).toMatchObject({
      code: 'unique-violation',
      sqlState: '23505',
      constraint: 'thing_pkey',
      retryable: false,
    });
    expect(await errorOf(db.query('insert into thing values (100)'))).toMatchObject({
      code: 'check-violation',
      sqlState: '23514',
      constraint: 'thing_is_small',
    });
    expect(await errorOf(db.query('insert into thing values (null)'))).toMatchObject({ code: 'not-null-violation' });
    expect(await errorOf(db.query('select nonsense'))).toMatchObject({ code: 'other', sqlState: '42703' });
    await expect(db.query('select nonsense')).rejects.toThrow(/^Cannot run 'select nonsense': /);
  });

  it('copies bytes in and out', async () => {
    await db.exec('create table copied (no int)');
    const header = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
    const row = Buffer.from([0, 1, 0, 0, 0, 4, 0, 0, 1, 2]);
    const bytes = Buffer.concat([header, row, row, Buffer.from([255, 255])]);
    await db.transaction((tx) => tx.copyIn('copy copied (no) from stdin (format binary)', bytes));
    expect(await db.query('select no from copied')).toEqual([{ no: 258 }, { no: 258 }]);
    const chunks: Uint8Array[] = [];
    for await (const chunk of db.copyOut('copy copied (no) to stdout (format binary)')) chunks.push(chunk);
    expect(Buffer.concat(chunks)).toEqual(bytes);
  });

  it('goes on after a COPY that fails before its first byte, or is not read to its end', async () => {
    const begin = async (sql: string): Promise<void> => {
      for await (const _ of db.copyOut(sql)) break;
    };
    expect(await errorOf(begin('copy nothing to stdout'))).toMatchObject({ sqlState: '42P01' });
    await begin('copy (select generate_series(1, 300000)) to stdout (format binary)');
    await db.transaction(async (tx) => {
      for await (const _ of tx.copyOut('copy (select generate_series(1, 300000)) to stdout (format binary)')) break;
      expect(await tx.query('select 1 as one')).toEqual([{ one: 1 }]);
    });
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('rolls back a transaction whose COPY fails, however many bytes it had, and goes on', async () => {
    const copyOf = (table: string, bytes: Uint8Array): Promise<void> =>
      db.transaction((tx) => tx.copyIn(`copy ${table} from stdin (format binary)`, bytes));
    expect(await errorOf(copyOf('thing', Buffer.from('nonsense')))).toMatchObject({ code: 'other', sqlState: '22P04' });
    expect(await errorOf(copyOf('nothing', Buffer.alloc(9_000_000)))).toMatchObject({ sqlState: '42P01' });
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('an embedded database in a folder', () => {
  it('leaves the bytes of a COPY readable to its caller, who may have them within a larger buffer', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'fairtally-copy-'));
    const db = await openDatabase({ directory });
    try {
      await db.exec('create table copied (no int)');
      const larger = Buffer.concat([
        Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1'),
        Buffer.alloc(64, 255),
      ]);
      const bytes = larger.subarray(0, 21);
      await db.transaction(async (tx) => {
        const copied = tx.copyIn('copy copied (no) from stdin (format binary)', bytes);
        expect([bytes.length, larger.at(-1)]).toEqual([21, 255]);
        await copied;
        expect([bytes.length, larger.at(-1)]).toEqual([21, 255]);
      });
    } finally {
      await db.close();
      rmSync(directory, { recursive: true });
    }
  });
});

describe('openDatabase()', () => {
  it('says that a server can not be reached', async () => {
    const failed = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/nothing' });
    expect(await errorOf(failed)).toMatchObject({ code: 'unreachable', retryable: true });
  });

  it('does not wait for ever for a server that says nothing', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    try {
      const failed = openDatabase({ url: `postgres://nobody@127.0.0.1:${port}/nothing` });
      expect(await errorOf(failed)).toMatchObject({
        code: 'unreachable',
        retryable: true,
        message: `Cannot run 'connect': timeout expired`,
      });
    } finally {
      silent.close();
    }
  }, 20_000);
});

describe('database on postgres', () => {
  it('has statements wait for a connection for as long as all are in use', async () => {
    const db = await openEmptyTestDatabase('postgres');
    const sleeps = Array.from({ length: 4 }, () => db.query('select pg_sleep(11)'));
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
    await Promise.all(sleeps);
    await db.close();
  }, 30_000);

  it('outlives a connection that is cut while it is read from', async () => {
    const db = await openEmptyTestDatabase('postgres');
    const read = async (): Promise<void> => {
      for await (const _ of db.copyOut('copy (select generate_series(1, 3000000)) to stdout (format binary)')) {
        await db.query(`select pg_terminate_backend(pid) from pg_stat_activity where query like 'copy (select gen%'`);
      }
    };
    expect(await errorOf(read())).toBeInstanceOf(DatabaseError);
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
    await db.close();
  });
});
