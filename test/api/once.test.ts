import { hasZodFastifySchemaValidationErrors, validatorCompiler } from 'fastify-type-provider-zod';
import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorise } from '../../api/authorise.ts';
import { NotLetInError } from '../../api/not-let-in.ts';
import { demandOnce, once, onceInTransaction } from '../../api/once.ts';
import { httpProblem } from '../../api/problem.ts';
import { type Database, readApiKeys } from '../../ledger/index.ts';
import { createApiKey } from '../../services/index.ts';
import { DATABASE_KINDS, openTestDatabase } from '../support/test-database.ts';
import { ApiUnderTest, keyOf } from './api-under-test.ts';

const WRITE = { config: { scope: 'keys:write' } } as const;

describe.each(DATABASE_KINDS)('Idempotency-Key, on %s', (kind) => {
  let db: Database;
  let app: FastifyInstance;
  let key: string;
  let url: string;
  let done = 0;
  let fails = 0;

  beforeAll(async () => {
    db = await openTestDatabase(kind);
    key = await keyOf(db, ['keys:write']);
    app = fastify();
    app.setValidatorCompiler(validatorCompiler);
    app.setErrorHandler((error, _request, reply) => {
      const code = hasZodFastifySchemaValidationErrors(error) ? 'invalid-request' : 'internal-error';
      const problem = error instanceof NotLetInError ? error.problem : httpProblem(code, 'failed');
      return reply.code(problem.status).send(problem);
    });
    authorise(app, db, Date.now);
    demandOnce(app);
    app.post(
      '/tx',
      WRITE,
      onceInTransaction(db, async (request, reply, tx) => {
        const { name } = request.body as { name: string };
        await createApiKey(tx, { name, scopes: ['keys:write'], by: 'test' });
        if (name === 'refused') return reply.code(400).send({ no: true });
        if (fails-- > 0) throw new Error('broken');
        void reply.code(201).header('location', `/keys/${name}`);
        return { made: name, at: done++ };
      }),
    );
    app.post(
      '/around',
      WRITE,
      once(db, async (request, reply) => {
        const { name } = request.body as { name: string };
        if (fails-- > 0) throw new Error('broken');
        if (name === 'refused') return reply.code(409).send({ no: true });
        return { did: name, at: done++ };
      }),
    );
    await app.listen({ host: '127.0.0.1', port: 0 });
    url = app.listeningOrigin;
  });
  afterAll(async () => {
    await app.close();
    await db.close();
  });

  async function post(path: string, body: unknown, idempotencyKey?: string, as = key) {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${as}`,
        'content-type': 'application/json',
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
  const keysNamed = async (name: string): Promise<number> =>
    (await readApiKeys(db)).filter((one) => one.name === name).length;

  it.each(['/tx', '/around'])('gives the same answer again, and says so: %s', async (path) => {
    const first = await post(path, { name: 'a' }, `one ${path}`);
    const again = await post(path, { name: 'a' }, `one ${path}`);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again).toMatchObject({ status: first.status, text: first.text });
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(await keysNamed('a')).toBe(1);
  });

  it.each(['/tx', '/around'])('refuses another request under the same key: %s', async (path) => {
    await post(path, { name: 'b' }, `two ${path}`);
    const other = await post(path, { name: 'c' }, `two ${path}`);
    expect(other.status).toBe(409);
    expect(JSON.parse(other.text)).toMatchObject({ code: 'idempotency-key-reused' });
    expect(await keysNamed('c')).toBe(0);
  });

  it.each(['/tx', '/around'])('keeps nothing of what was refused or failed: it may be done yet: %s', async (path) => {
    expect((await post(path, { name: 'refused' }, `three ${path}`)).status).toBeGreaterThanOrEqual(400);
    expect(await keysNamed('refused')).toBe(0);
    fails = 1;
    expect((await post(path, { name: 'd' }, `three ${path}`)).status).toBe(500);
    expect((await post(path, { name: 'd' }, `three ${path}`)).status).toBeLessThan(300);
    fails = 0;
  });

  it('does a write once however many ask for it at a time', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => post('/tx', { name: 'e' }, 'four')));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await keysNamed('e')).toBe(1);
    const around = await Promise.all(Array.from({ length: 8 }, () => post('/around', { name: 'e' }, 'five')));
    expect(new Set(around.map(({ text }) => text)).size).toBe(1);
  });

  it('is of who asks: another has the same key for himself', async () => {
    const other = await keyOf(db, ['keys:write']);
    await post('/tx', { name: 'f' }, 'six');
    expect((await post('/tx', { name: 'g' }, 'six', other)).status).toBe(201);
  });

  it('is no must, and is refused where it is no printable text', async () => {
    expect((await post('/tx', { name: 'h' })).status).toBe(201);
    expect((await post('/tx', { name: 'h' })).status).toBe(201);
    expect(await keysNamed('h')).toBe(2);
    expect((await post('/tx', { name: 'h' }, 'é')).status).toBe(400);
  });

  it('is demanded of every write route', () => {
    const bare = fastify();
    demandOnce(bare);
    expect(() => bare.put('/x', () => 1)).toThrow("Cannot serve PUT /x: its handler does not heed 'Idempotency-Key'");
  });
});

describe('a route of the API', () => {
  it('documents the key, and heeds it', async () => {
    const api = await ApiUnderTest.open('pglite');
    try {
      const { json } = await api.get('/openapi.json');
      const parameters: unknown = expect.arrayContaining([expect.objectContaining({ name: 'idempotency-key' })]);
      expect(json).toMatchObject({ paths: { '/v1/cases/{line}/{period}/decisions': { post: { parameters } } } });
    } finally {
      await api.close();
    }
  });
});
