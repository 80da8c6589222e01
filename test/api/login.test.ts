import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peopleBy } from '../../api/people.ts';
import { readApiSettings } from '../../bin/api-settings.ts';
import { AUDIENCE, type RunningProvider, runningProvider } from '../support/identity-provider.ts';
import { type RunningApi, runningApi } from './running-api.ts';

/** Where a ledger is is nothing to them. */
const SESSION = { schema: null, lockTimeoutMs: 1, statementTimeoutMs: 1, readTimeoutMs: 1, idleTimeoutMs: 1 };
const PLACE = { kind: 'server', url: 'postgres://127.0.0.1', session: SESSION } as const;
const REDIRECT = 'http://127.0.0.1:8080/login';
let provider: RunningProvider;
let api: RunningApi;
let withKeys: RunningApi;
beforeAll(async () => {
  provider = await runningProvider({ redirect: REDIRECT });
  const env = {
    FAIRTALLY_OIDC_ISSUER: provider.issuer,
    FAIRTALLY_OIDC_AUDIENCE: AUDIENCE,
    FAIRTALLY_OIDC_CLAIM: 'groups',
    FAIRTALLY_OIDC_CLIENT: 'console',
    FAIRTALLY_OIDC_CLIENT_SECRET: 'a secret: with, signs & all',
  };
  const { people } = readApiSettings({ env }, PLACE);
  api = await runningApi({ people: await peopleBy(people!) });
  withKeys = await runningApi();
});
afterAll(async () => {
  await api.close();
  await withKeys.close();
  provider.close();
});

interface Ways {
  readonly signIn: { authorization: string; client: string; parameters: Record<string, string> } | null;
}

async function waysOf({ url }: RunningApi): Promise<Ways> {
  return (await (await fetch(`${url}/v1/login`)).json()) as Ways;
}

async function send(body: object, { url } = api): Promise<{ status: number; said: Record<string, unknown> }> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/v1/login`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: answer.status, said: (await answer.json()) as Record<string, unknown> };
}

/** What a browser does at the provider: it goes there, signs in by its forms, and is sent back with a code. */
async function codeFor(groups: unknown): Promise<{ code: string; verifier: string; redirect: string }> {
  provider.setGroups(groups);
  const { signIn } = await waysOf(api);
  const verifier = randomBytes(32).toString('base64url');
  const query = {
    ...signIn!.parameters,
    response_type: 'code',
    client_id: signIn!.client,
    redirect_uri: REDIRECT,
    state: 'here',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
  const cookies = new Map<string, string>();
  let at = `${signIn!.authorization}?${new URLSearchParams(query).toString()}`;
  let body: URLSearchParams | undefined;
  for (let step = 0; step < 12; step += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer: Response = await fetch(at, {
      headers: { cookie },
      redirect: 'manual',
      ...(body === undefined ? {} : { method: 'POST', body }),
    });
    for (const set of answer.headers.getSetCookie()) {
      const [pair = ''] = set.split(';');
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const next = answer.headers.get('location');
    body = undefined;
    if (next === null) {
      const page = await answer.text();
      const [, prompt = ''] = /name="prompt" value="(\w+)"/.exec(page) ?? [];
      const [, action = ''] = /action="([^"]+)"/.exec(page) ?? [];
      at = new URL(action, at).href;
      body = new URLSearchParams({ prompt, login: 'ana', password: 'any' });
    } else {
      at = new URL(next, at).href;
      if (at.startsWith(REDIRECT)) break;
    }
  }
  const back = new URL(at).searchParams;
  expect(back.get('state')).toBe('here');
  return { code: back.get('code')!, verifier, redirect: REDIRECT };
}

async function statusWith(token: unknown): Promise<number> {
  const headers = { authorization: `Bearer ${String(token)}` };
  return (await fetch(`${api.url}/v1/cases`, { headers })).status;
}

describe('POST /v1/login', () => {
  it('gives the token of the person who signed in, and renews it', async () => {
    const { status, said } = await send(await codeFor(['analyst']));
    expect([status, said]).toMatchObject([200, { v: 1, expiresIn: 600, refresh: expect.any(String) }]);
    expect(await statusWith(said['token'])).toBe(200);
    const renewed = await send({ refresh: said['refresh'] });
    expect([renewed.status, await statusWith(renewed.said['token'])]).toEqual([200, 200]);
    expect(renewed.said['token']).not.toBe(said['token']);
  });

  it('gives none for a code that was used, of another browser, or made up', async () => {
    const used = await codeFor(['analyst']);
    expect((await send(used)).status).toBe(200);
    const another = { ...(await codeFor(['analyst'])), verifier: randomBytes(32).toString('base64url') };
    const made = { code: 'made-up', verifier: 'x', redirect: REDIRECT };
    for (const body of [used, another, made, { refresh: 'made-up' }]) {
      expect(await send(body)).toMatchObject({ status: 401, said: { code: 'unauthorised' } });
    }
  });

  it('gives none to people without a role, who are told so', async () => {
    expect(await send(await codeFor(['football']))).toMatchObject({ status: 403, said: { code: 'forbidden' } });
  });

  it('says what it takes', async () => {
    expect(await send({ code: 'alone' })).toMatchObject({ status: 400, said: { code: 'invalid-request' } });
  });

  it('is not there where people are let in by key alone', async () => {
    expect(await waysOf(withKeys)).toEqual({ v: 1, signIn: null });
    expect(await send({ refresh: 'x' }, withKeys)).toMatchObject({ status: 404 });
  });

  it('leaves neither codes nor tokens in the log', async () => {
    const body = await codeFor(['analyst']);
    const { said } = await send(body);
    const log = api.log.join('\n');
    for (const secret of [body.code, body.verifier, said['token'], said['refresh']]) {
      expect(log.includes(String(secret))).toBe(false);
    }
  });
});

describe('the settings of signing in', () => {
  const people = { FAIRTALLY_OIDC_ISSUER: 'https://login.example.com', FAIRTALLY_OIDC_AUDIENCE: AUDIENCE };

  it('ask for the audience by RFC 8707 where nothing else is said', () => {
    const { people: read } = readApiSettings({ env: { ...people, FAIRTALLY_OIDC_CLIENT: 'console' } }, PLACE);
    expect([read?.signIn?.secret, String(read?.signIn?.parameters)]).toEqual([
      null,
      'scope=openid&resource=urn%3Afairtally%3Aapi',
    ]);
  });

  it('are refused where they do not fit together', () => {
    const env = { ...people, FAIRTALLY_OIDC_ASK: 'scope=openid' };
    expect(() => readApiSettings({ env }, PLACE)).toThrow(/FAIRTALLY_OIDC_CLIENT is not set/);
    const without = { ...people, FAIRTALLY_OIDC_CLIENT: 'console', FAIRTALLY_OIDC_ASK: 'audience=api' };
    expect(() => readApiSettings({ env: without }, PLACE)).toThrow(/it must have a scope/);
  });
});
