import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { buildServer } from '../../api/index.ts';
import { readDefaultOffer } from '../../bin/set-up-ledger.ts';
import { type Database, openDatabase } from '../../ledger/index.ts';
import { SCOPES } from '../../services/index.ts';
import { PARIS, call, deckOf, lineOf } from '../services/small-ledger.ts';
import { LedgerUnderTest, plan } from '../support/ledger-under-test.ts';
import { runOn } from '../support/postgres.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { keyOf } from './api-under-test.ts';

/** What keeps everybody out of a database, and what lets them in again. */
const OUTAGES = {
  'takes no connections': [
    'alter database $db with allow_connections false',
    'alter database $db with allow_connections true',
  ],
  'has no connection left': ['alter role $role connection limit 0', 'alter role $role connection limit -1'],
  'knows another password': [`alter role $role password 'another'`, `alter role $role password 'right'`],
  'lets the role in no more': ['alter role $role nologin', 'alter role $role login'],
} as const;

describe('a ledger that lets nobody in', () => {
  const role = `away_${process.pid}`;
  let made: Awaited<ReturnType<typeof createTestDatabase>>;
  let db: Database;
  let app: FastifyInstance;
  let origin: string;
  let key: string;
  const admin = (sql: string): Promise<void> => {
    const name = new URL(made.url).pathname.slice(1);
    return runOn(inject('postgres').url, sql.replace('$db', name).replace('$role', role));
  };
  beforeAll(async () => {
    const server = new URL(inject('postgres').url);
    made = await createTestDatabase(inject('postgres').template);
    await admin(`create role $role login password 'right'`);
    // It may what the owner of the tables may, and is bound by all that keeps others out.
    await admin(`grant "${decodeURIComponent(server.username)}" to $role`);
    const url = new URL(made.url);
    url.username = role;
    url.password = 'right';
    db = await openDatabase({ url: url.href });
    const ledger = await LedgerUnderTest.on(db, [readDefaultOffer(plan)], deckOf('first'));
    await ledger.provision([lineOf('L1', 33_140_000_001)]);
    key = await keyOf(db, SCOPES);
    const access = { db, plan, engine: ledger.engine };
    app = await buildServer({ ledger: access, log: pino({ level: 'silent' }), version: 'test' });
    origin = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    await app.close();
    await db.close();
    await made.drop();
    await admin('drop role $role');
  });

  const ask = (path: string, body?: string): Promise<Response> =>
    fetch(`${origin}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    });

  it.each(Object.entries(OUTAGES))(
    'because it %s: asks for patience, with 503 and Retry-After',
    async (_, [shut, open]) => {
      expect((await ask('/readyz')).status).toBe(200);
      await admin(shut);
      await admin(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}'`);
      try {
        for (const [path, body] of [
          ['/readyz'],
          ['/v1/cases'],
          ['/v1/usage'],
          ['/v1/me'],
          ['/metrics'],
          ['/v1/cdrs', call('away', PARIS)],
          ['/v1/cases/bulk', '{"filter":"","count":0,"act":{"kind":"note","note":"x"}}'],
        ] as const) {
          // A moment ago it answered: the first that asks may find its connection gone.
          await expect.poll(async () => (await ask(path, body)).status, { timeout: 10_000, message: path }).toBe(503);
          const answer = await ask(path, body);
          expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
          expect(answer.headers.get('content-type')).toBe('application/problem+json');
          expect(await answer.json()).toMatchObject({ status: 503, code: 'unavailable' });
        }
        expect((await ask('/healthz')).status).toBe(200);
      } finally {
        await admin(open);
      }
      await expect.poll(async () => (await ask('/readyz')).status, { timeout: 10_000 }).toBe(200);
    },
  );
});
