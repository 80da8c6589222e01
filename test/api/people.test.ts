import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type People, peopleBy } from '../../api/people.ts';
import { AUDIENCE, type RunningProvider, runningProvider } from '../support/identity-provider.ts';
import { type RunningApi, runningApi } from './running-api.ts';

let provider: RunningProvider;
let people: People;
let api: RunningApi;
beforeAll(async () => {
  provider = await runningProvider();
  const roles = new Map([
    ['telco-analysts', ['analyst'] as const],
    ['telco-billing', ['billing'] as const],
  ]);
  people = peopleBy({ issuer: provider.issuer, audience: AUDIENCE, claim: 'groups', roles });
  api = await runningApi({ people });
});
afterAll(async () => {
  await api.close();
  provider.close();
});

async function statusOf(token: string, path = '/v1/cases'): Promise<number> {
  return (await fetch(`${api.url}${path}`, { headers: { authorization: `Bearer ${token}` } })).status;
}

describe('people', () => {
  it('may what their groups are mapped to', async () => {
    const analyst = await provider.token(['telco-analysts', 'football']);
    expect([await statusOf(analyst), await statusOf(analyst, '/v1/usage')]).toEqual([200, 200]);
    const billing = await provider.token('telco-billing');
    expect([await statusOf(billing), await statusOf(billing, '/v1/usage')]).toEqual([403, 200]);
  });

  it('of no group that is mapped are not let in, whatever the group is called', async () => {
    for (const groups of [[], ['admin'], null, [{ admin: true }]]) {
      expect(await statusOf(await provider.token(groups))).toBe(401);
    }
  });

  it('are known by name, and beside them keys work as ever', async () => {
    expect(await people.holder(await provider.token(['telco-analysts']))).toMatchObject({
      name: 'ana@example.com (program)',
    });
    expect(await statusOf(api.key)).toBe(200);
  });

  it('with a token for another API, changed, without signature, or of another provider are not let in', async () => {
    const token = await provider.token(['telco-analysts']);
    const [head = '', body = '', signature = ''] = token.split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
    const admin = Buffer.from(JSON.stringify({ ...claims, groups: ['telco-billing'] })).toString('base64url');
    const another = await runningProvider();
    try {
      const tokens = [
        await provider.token(['telco-analysts'], 'urn:another:api'),
        `${head}.${admin}.${signature}`,
        `${none}.${body}.`,
        `${head}.${body}.`,
        await another.token(['telco-analysts']),
        'ey.ey.ey',
        'x'.repeat(10_000),
      ];
      for (const each of tokens) expect(await statusOf(each)).toBe(401);
      expect(await statusOf(token)).toBe(200);
    } finally {
      another.close();
    }
  });

  it('are told so when their provider went away: it is not their token that is wrong', async () => {
    const away = await runningProvider();
    const there = peopleBy({ issuer: away.issuer, audience: AUDIENCE, claim: 'groups', roles: new Map() });
    const other = await runningApi({ people: there });
    try {
      const token = await away.token(['viewer']);
      away.close();
      const answer = await fetch(`${other.url}/v1/cases`, { headers: { authorization: `Bearer ${token}` } });
      expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'unavailable' }]);
    } finally {
      await other.close();
    }
  });

  it('are not let in by a provider that is not there, or calls itself otherwise', async () => {
    const settings = { audience: AUDIENCE, claim: 'groups', roles: new Map() };
    const asked = (issuer: string): Promise<void> => peopleBy({ ...settings, issuer }).ready();
    await expect(asked('http://127.0.0.1:1')).rejects.toThrow(/does not answer/);
    await expect(asked(`${provider.issuer}/`)).rejects.toThrow(/it calls itself/);
  });

  it('are told that their provider is away while it starts, or has no keys to show; then they are let in', async () => {
    let answers: 'nothing' | 'no keys' | 'all' = 'nothing';
    const server = createServer((request, response) => {
      const isKeys = request.url === '/jwks';
      if (answers === 'nothing' || (isKeys && answers === 'no keys')) return response.writeHead(503).end('later');
      return void fetch(`${provider.issuer}${request.url}`).then(async (answer) => {
        const text = (await answer.text()).replaceAll(provider.issuer, own);
        response.writeHead(200, { 'content-type': 'application/json' }).end(text);
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const late = peopleBy({ issuer: own, audience: AUDIENCE, claim: 'groups', roles: new Map() });
    const token = await provider.token(['viewer']);
    const outcome = (): Promise<unknown> => late.holder(token).catch((error: Error) => error.name);
    try {
      expect(await outcome()).toBe('PeopleAwayError');
      expect(await late.holder('nothing')).toBeNull();
      answers = 'no keys';
      await expect.poll(() => late.ready().then(() => 'ready', String), { timeout: 5_000 }).toBe('ready');
      expect(await outcome()).toBe('PeopleAwayError');
      answers = 'all';
      // Signed by its keys; of another issuer all the same.
      await expect.poll(outcome, { timeout: 5_000 }).toBeNull();
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
