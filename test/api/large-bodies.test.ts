import { request, type ClientRequest } from 'node:http';
import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { limitLargeBodies } from '../../api/large-bodies.ts';

const MIB = 1 << 20;
const PATIENCE = { timeout: 10_000 };

let app: FastifyInstance;
let origin: string;
let arrived = 0;
beforeAll(async () => {
  app = fastify();
  app.addHook('onRequest', async () => void arrived++);
  limitLargeBodies(app, 10 * MIB);
  const config = { scope: 'decks:read' } as const;
  app.post('/large', { bodyLimit: 8 * MIB, config }, async () => 'taken');
  app.post('/small', { config }, async () => 'taken');
  app.setErrorHandler((_, _request, reply) => reply.code(503).send('busy'));
  origin = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => app.close());

async function post(path: string, bytes: number): Promise<number> {
  const headers = { 'content-type': 'text/plain' };
  return (await fetch(`${origin}${path}`, { method: 'POST', headers, body: 'a'.repeat(bytes) })).status;
}

/** A request whose head has come, and whose body never does. */
async function begun(headers: Readonly<Record<string, string>>): Promise<ClientRequest> {
  const before = arrived;
  const asked = request(`${origin}/large`, { method: 'POST', headers: { 'content-type': 'text/plain', ...headers } });
  asked.on('error', () => undefined);
  asked.flushHeaders();
  await expect.poll(() => arrived, PATIENCE).toBeGreaterThan(before);
  return asked;
}

it.each([{ 'content-length': String(6 * MIB) }, { 'transfer-encoding': 'chunked' }])(
  'large bodies have room together, until they end or are cut: %j',
  async (headers) => {
    const first = await begun(headers);
    expect(await post('/large', 6 * MIB)).toBe(503);
    expect([await post('/large', 1000), await post('/small', 1000)]).toEqual([200, 200]);
    first.destroy();
    await expect.poll(() => post('/large', 6 * MIB), PATIENCE).toBe(200);
    expect(await post('/large', 6 * MIB)).toBe(200);
  },
);
