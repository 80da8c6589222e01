import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fastify from 'fastify';
import { authorise } from '../../api/authorise.ts';
import { documentOf } from '../../api/openapi.ts';
import { cursorText, readCursorText } from '../../services/billing/feed-cursor.ts';
import { ROLES, ROLE_NAMES, SCOPES } from '../../services/index.ts';
import { BARBADOS, call } from '../services/small-ledger.ts';
import type { Json } from './narrowings.ts';
import { operationsOf } from './requests.ts';
import { type RunningApi, runningApi } from './running-api.ts';
import { openLedgerServer } from '../support/ledger-server.ts';

const OPEN = [
  'GET /docs/refusals',
  'GET /healthz',
  'GET /openapi.json',
  'GET /readyz',
  'GET /reference',
  'GET /reference.css',
  'GET /reference.js',
  'GET /v1/login',
  'POST /v1/login',
];

/** What is known of a call, as far as it matters here. */
interface Explained {
  readonly quarantine: readonly unknown[];
  readonly calls: readonly { readonly quarantine: readonly unknown[] }[];
}

/** The cursors that answers of the feed have. */
interface Cursors {
  readonly next: string;
  readonly until: string;
}

let api: RunningApi;
beforeAll(async () => {
  api = await runningApi();
});
afterAll(() => api.close());

describe('every route', () => {
  it('declares a scope that there is; nothing is open but health, the reference and signing in', () => {
    const routes = api.app.routeTable.filter(({ method }) => method !== 'HEAD');
    const open = routes
      .filter(({ config }) => config?.scope === 'open')
      .map(({ method, url }) => `${String(method)} ${url}`);
    expect(open.toSorted()).toEqual(OPEN);
    // Whoever has a key may ask what it allows.
    const anyKey = routes.filter(({ config }) => config?.scope === 'any-key').map(({ url }) => url);
    expect(anyKey).toEqual(['/v1/me']);
    const scopes = routes.map(({ config }) => String(config?.scope)).filter((s) => !['open', 'any-key'].includes(s));
    expect(scopes.filter((scope) => !(SCOPES as readonly unknown[]).includes(scope))).toEqual([]);
  });

  it('that declares none fails the start', async () => {
    const app = fastify();
    authorise(app, api.ledger.db, Date.now);
    expect(() => app.get('/v1/forgotten', () => 'x')).toThrow('Cannot serve GET /v1/forgotten: it declares no scope');
  });

  it('lets in the roles that have its scope, and no other; nobody without a key', async () => {
    const keys = new Map(
      await Promise.all(ROLE_NAMES.map(async (role) => [role, await api.makeKey(ROLES[role])] as const)),
    );
    const document = JSON.parse(JSON.stringify(documentOf(api.app))) as Json;
    for (const { method, path, isOpen } of operationsOf(document)) {
      const url = `${api.url}${path.replaceAll(/\{period\}/g, '2026-11').replaceAll(/\{\w+\}/g, 'L1')}`;
      const route = `${method} ${path}`;
      const scope = scopeOf(method, path);
      const without = await fetch(url, { method });
      expect([route, without.status === 401]).toEqual([route, !isOpen]);
      for (const [role, key] of keys) {
        const answer = await fetch(url, { method, headers: { authorization: `Bearer ${key}` } });
        await answer.body?.cancel();
        const may = isOpen || scope === 'any-key' || (ROLES[role] as readonly string[]).includes(scope);
        expect([route, role, answer.status !== 403]).toEqual([route, role, may]);
      }
    }
  });
});

/** The scope of a route by its path in the document. */
function scopeOf(method: string, path: string): string {
  const url = path.replaceAll(/\{(\w+)\}/g, ':$1');
  return String(api.app.routeTable.find((route) => route.method === method && route.url === url)?.config?.scope);
}

function ask(key: string, path = '/v1/usage', url = api.url): Promise<Response> {
  return fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } });
}

describe('a key', () => {
  it('opens nothing once it has expired, or with one letter changed', async () => {
    const expired = await api.makeKey(['usage:read'], { expiresAt: Date.now() - 1 });
    expect((await ask(expired)).status).toBe(401);
    const key = await api.makeKey(['usage:read'], { expiresAt: Date.now() + 60_000 });
    expect((await ask(key)).status).toBe(200);
    const changed = key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
    const answer = await ask(changed);
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="fairtally"']);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  it('of one account sees no other: neither its entries nor its cases', async () => {
    const key = await api.makeKey(['usage:read', 'cases:read'], { account: 'L1' });
    const answer = await ask(key, '/v1/cases/L2/2026-11');
    expect(answer.status).toBe(404);
  });

  it('is in no log, and neither is a number that somebody asked about', async () => {
    await ask(api.key, '/v1/usage?line=%2B33612345678');
    await ask('ft_wrongwrong12_0', '/v1/cases/%2B33612345678/2026-11');
    const log = api.log.join('\n');
    expect(log).not.toContain('33612345678');
    expect(log).not.toContain(api.key.slice(16));
    expect(log).not.toContain('ft_wrong');
  });
});

describe('a key of one account', () => {
  it('is told of what is not there and of what is not its own in the same words', async () => {
    await api.ledger.deliver([call('mine', BARBADOS, '2026-10-03T10:00:00Z', 'L1')]);
    await api.ledger.deliver([call('mine', 'nonsense', '2026-10-03T10:00:00Z', 'L2')]);
    const key = await api.makeKey(SCOPES, { account: 'L1' });
    for (const [absent, other] of [
      ['/v1/lines/L9', '/v1/lines/L2'],
      ['/v1/lines/L9/history', '/v1/lines/L2/history'],
      ['/v1/accounts/L9', '/v1/accounts/L2'],
      ['/v1/accounts/L9/history', '/v1/accounts/L2/history'],
      ['/v1/cases/L9/2026-10', '/v1/cases/L2/2026-10'],
      ['/v1/lines/L9/months/2026-10', '/v1/lines/L2/months/2026-10'],
      ['/v1/calls/nothing', '/v1/calls/mine?account=L2'],
      ['/v1/usage?account=L9', '/v1/usage?account=L2'],
      ['/v1/usage?line=L9', '/v1/usage?line=L2'],
      ['/v1/usage?account=L1&line=L9', '/v1/usage?account=L1&line=L2'],
      ['/v1/usage/totals?account=L9', '/v1/usage/totals?account=L2'],
      ['/v1/usage/totals?line=L9&groupBy=line', '/v1/usage/totals?line=L2&groupBy=line'],
      ['/v1/lines?account=L9', '/v1/lines?account=L2'],
      ['/v1/cases?filter=account:L9', '/v1/cases?filter=account:L2'],
      ['/v1/cases?filter=-account:L9', '/v1/cases?filter=-account:L2'],
      ['/v1/cases?filter=account:L1,L9', '/v1/cases?filter=account:L1,L2'],
      ['/v1/cases?filter=line:L9', '/v1/cases?filter=line:L2'],
      ['/v1/cases/count?filter=-line:L1,L9', '/v1/cases/count?filter=-line:L1,L2'],
      ['/metrics', '/metrics'],
    ] as const) {
      const [first, second] = [await ask(key, absent), await ask(key, other)];
      expect([absent, first.status, second.status]).toEqual([absent, 404, 404]);
      expect(await first.json()).toEqual(await second.json());
    }
    for (const [absent, other] of [
      ['/v1/lines?line=L9', '/v1/lines?line=L2'],
      ['/v1/lines?number=%2B33140000009', '/v1/lines?number=%2B33140000002'],
      ['/v1/cases?filter=L9', '/v1/cases?filter=L2'],
    ] as const) {
      const [first, second] = [await ask(key, absent), await ask(key, other)];
      expect([absent, first.status, await first.json()]).toEqual([absent, second.status, await second.json()]);
    }
    const whole = (await (await ask(api.key, '/v1/calls/mine')).json()) as Explained;
    expect(whole.calls.map(({ quarantine }) => quarantine.length)).toEqual([1]);
    const own = (await (await ask(key, '/v1/calls/mine')).json()) as Explained;
    expect([own.quarantine, own.calls.map(({ quarantine }) => quarantine)]).toEqual([[], [[]]]);
  });
});

describe('a cursor of a key of one account', () => {
  it('says nothing of how far others are, and is held against nothing of theirs', async () => {
    await api.ledger.deliver([call('c1', BARBADOS, '2026-10-03T10:00:00Z', 'L1')]);
    await api.ledger.deliver([call('c2', BARBADOS, '2026-10-03T10:00:00Z', 'L2')]);
    const key = await api.makeKey(SCOPES, { account: 'L1' });
    const json = async (path: string): Promise<Cursors> => (await (await ask(key, path)).json()) as Cursors;
    const { next } = await json('/v1/usage');
    const { until } = await json('/v1/usage/totals');
    expect(until).toBe(next);
    const read = readCursorText(until)!;
    const held = read.positions.filter((position) => position > 0);
    expect(held).toHaveLength(1);
    const ahead = cursorText({ ...read, positions: read.positions.map((position) => position || 1_000_000) });
    expect((await ask(key, `/v1/usage?after=${ahead}`)).status).toBe(200);
    expect((await ask(key, `/v1/usage/totals?until=${ahead}`)).status).toBe(200);
    const ownAhead = cursorText({ ...read, positions: read.positions.map((position) => position * 1000) });
    expect(await json(`/v1/usage?after=${ownAhead}`)).toMatchObject({ code: 'cursor-ahead' });
    expect((await ask(api.key, `/v1/usage?after=${ahead}`)).status).toBe(400);
  });
});

describe('how much may be asked', () => {
  it('is said with every answer, and 429 says when to come again', async () => {
    let now = 1_000_000;
    const small = await runningApi({ rate: { requests: 3, seconds: 30 }, now: () => now });
    try {
      const answers = [
        await ask(small.key, '/v1/usage', small.url),
        await ask(small.key, '/v1/usage', small.url),
        await ask(small.key, '/v1/usage', small.url),
        await ask(small.key, '/v1/usage', small.url),
      ];
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
      expect(answers[0]!.headers.get('ratelimit-policy')).toBe('"default";q=3;w=30');
      expect(answers.map(({ headers }) => headers.get('ratelimit'))).toEqual([
        '"default";r=2;t=10',
        '"default";r=1;t=20',
        '"default";r=0;t=30',
        '"default";r=0;t=30',
      ]);
      expect(answers[3]!.headers.get('retry-after')).toBe('10');
      expect(await answers[3]!.json()).toMatchObject({ code: 'too-many-requests' });
      // Another key has its own; whether the process lives is told to anyone at any time.
      expect((await ask(await small.makeKey(['usage:read']), '/v1/usage', small.url)).status).toBe(200);
      expect((await fetch(`${small.url}/healthz`)).status).toBe(200);
      now += 10_000;
      expect((await ask(small.key, '/v1/usage', small.url)).status).toBe(200);
      expect((await ask(small.key, '/v1/usage', small.url)).status).toBe(429);
    } finally {
      await small.close();
    }
  });

  it('is bounded for who is not let in, by address', async () => {
    // By a clock that stands: allowances grow back while a busy machine answers.
    const other = await runningApi({ now: () => 1_000_000 });
    try {
      const statuses: number[] = [];
      for (let asked = 0; asked < 62; asked++) statuses.push((await fetch(`${other.url}/v1/usage`)).status);
      expect(statuses.slice(0, 60).every((status) => status === 401)).toBe(true);
      expect(statuses.slice(60)).toEqual([429, 429]);
      // Who has a key comes in all the same, from the same address.
      const answer = await fetch(`${other.url}/v1/usage`, { headers: { authorization: `Bearer ${other.key}` } });
      expect(answer.status).toBe(200);
    } finally {
      await other.close();
    }
  });

  it('costs few look-ups for an address that was refused too often, and holds up no key that was let in', async () => {
    let lookUps = 0;
    const own = await openLedgerServer('postgres');
    const counting = new Proxy(await own.newLedger(), {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...given: readonly unknown[]): unknown => {
          if (String(given[0]).includes('from api_key')) lookUps++;
          return value.apply(target, given);
        };
      },
    });
    const other = await runningApi({ now: () => 1_000_000 }, { ...own, newLedger: async () => counting });
    try {
      const key = await other.makeKey(['usage:read']);
      expect((await ask(key, '/v1/usage', other.url)).status).toBe(200);
      for (let asked = 0; asked < 60; asked++) await ask('', '/v1/usage', other.url);
      lookUps = 0;
      const wrong = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`;
      for (let asked = 0; asked < 30; asked++) expect((await ask(wrong, '/v1/usage', other.url)).status).toBe(429);
      expect(lookUps).toBeGreaterThan(0);
      expect(lookUps).toBeLessThanOrEqual(5);
      expect((await ask(key, '/v1/usage', other.url)).status).toBe(200);
    } finally {
      await other.close();
      await own.close();
    }
  });

  it('is 1 MiB of body, counted before anything reads it', async () => {
    const answer = await fetch(`${api.url}/v1/cases/L1/2026-11/decisions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${api.key}`, 'content-type': 'application/json' },
      body: `"${'a'.repeat(1 << 20)}"`,
    });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([413, 'too-large']);
  });
});

describe('answers', () => {
  it('have what browsers are told for safety, and a request id', async () => {
    const { headers } = await fetch(`${api.url}/v1/usage`, { headers: { authorization: `Bearer ${api.key}` } });
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain(`default-src 'self'`);
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('of the reference page name no other host', async () => {
    for (const path of ['/reference', '/reference.js', '/reference.css']) {
      const answer = await fetch(`${api.url}${path}`);
      expect(answer.status).toBe(200);
      const text = await answer.text();
      expect(text).not.toMatch(/(?:https?:)?\/\/[\w-]+\.[\w.-]+|@import|url\((?!data:)/);
    }
  });
});
