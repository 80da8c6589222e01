import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deliverWebhooks, isPrivateAddress, type WebhookSettings } from '../../services/index.ts';
import { call } from '../services/small-ledger.ts';
import { type RunningApi, runningApi } from './running-api.ts';

const SETTINGS: WebhookSettings = { master: Buffer.alloc(32, 7), allowsPrivate: true, version: '0.0.0' };
const HOUR_MS = 3_600_000;

/** A receiver of webhooks that answers as it is told, and keeps what came. */
interface Receiver {
  readonly url: string;
  readonly came: { readonly headers: Record<string, string>; readonly body: string }[];
  answer: number;
}

/** JSON that came by HTTP. */
type Loose = ReturnType<typeof JSON.parse>;

let api: RunningApi;
let server: Server;
let receiver: Receiver;
let now = Date.now();
beforeAll(async () => {
  api = await runningApi({ webhooks: SETTINGS });
  server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      receiver.came.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(receiver.answer, { location: `${receiver.url}/elsewhere` }).end('thanks');
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => {
  receiver = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, came: [], answer: 204 };
  // Ahead of the database's clock, by which what was told is due.
  now = Date.now() + 60_000;
});
afterAll(async () => {
  await api.close();
  server.close();
});

async function ask(method: string, path: string, body?: object): Promise<{ status: number; body: Loose }> {
  const answer = await fetch(`${api.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${api.key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
}

async function secretOf(id: string): Promise<string> {
  return (await ask('GET', `/v1/webhooks/${id}/secret`)).body.secret;
}

/** Another endpoint alone: those of tests before are told nothing more. */
async function endpoint(scheme = 'hmac', events = ['case.opened', 'case.withdrawn']): Promise<Loose> {
  for (const { id } of (await ask('GET', '/v1/webhooks')).body.webhooks) {
    await ask('PATCH', `/v1/webhooks/${id}`, { disabled: true });
  }
  const made = await ask('POST', '/v1/webhooks', { url: receiver.url, events, scheme });
  expect(made.status).toBe(201);
  return { ...made.body, secret: await secretOf(made.body.id) };
}

function deliver(): Promise<number> {
  return deliverWebhooks(api.ledger.db, SETTINGS, () => now);
}

let months = 0;
/** Has a case opened: more numbers in a month than the offer includes. */
async function openCase(line = 'L1'): Promise<void> {
  const month = String(1 + (months % 10)).padStart(2, '0');
  const prefix = `m${months++}`;
  const numbers = Array.from({ length: 160 }, (_, index) => `+3361234${String(index).padStart(4, '0')}`);
  await api.ledger.deliver(
    numbers.map((number, index) => call(`${prefix}-${index}`, number, `2026-${month}-03T10:00:00Z`, line)),
  );
}

describe('a webhook', () => {
  it('is told of a case, signed by Standard Webhooks, once, and of nobody', async () => {
    const { secret, id } = await endpoint();
    await openCase();
    expect(await deliver()).toBe(1);
    expect(await deliver()).toBe(0);
    const [first] = receiver.came;
    expect(receiver.came).toHaveLength(1);
    const payload = new Webhook(secret).verify(first!.body, first!.headers) as Loose;
    expect(payload).toEqual({
      type: 'case.opened',
      timestamp: expect.any(String),
      data: { event: first!.headers['webhook-id'], href: `/v1/events/${first!.headers['webhook-id']}` },
    });
    const told = await ask('GET', payload.data.href);
    expect(told.body).toMatchObject({ type: 'case.opened', line: 'L1', account: 'L1', period: '2026-01' });
    const { deliveries } = (await ask('GET', `/v1/webhooks/${id}/deliveries`)).body;
    expect(deliveries).toMatchObject([{ state: 'delivered', attempts: 1, status: 204, nextAt: null }]);
  });

  it('is signed by ed25519 where that is wanted', async () => {
    const { secret } = await endpoint('ed25519');
    await openCase();
    await deliver();
    const [{ headers, body }] = receiver.came as [Receiver['came'][number]];
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(secret.replace('whpk_', ''), 'base64').toString('base64url') },
      format: 'jwk',
    });
    const [version, signature] = headers['webhook-signature']!.split(',') as [string, string];
    const content = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`);
    expect([version, verify(null, content, key, Buffer.from(signature, 'base64'))]).toEqual(['v1a', true]);
  });

  it('is signed by the secrets before for a day after a rotation, also after several, and then by the new one', async () => {
    const { secret: old, id } = await endpoint();
    await ask('POST', `/v1/webhooks/${id}/rotations`);
    const between = await secretOf(id);
    await ask('POST', `/v1/webhooks/${id}/rotations`);
    const fresh = await secretOf(id);
    expect(new Set([old, between, fresh]).size).toBe(3);
    await openCase();
    await deliver();
    const [first] = receiver.came;
    for (const secret of [old, between, fresh]) new Webhook(secret).verify(first!.body, first!.headers);
    await ask('POST', `/v1/webhooks/${id}/replays`, { from: isoOf(now - HOUR_MS), to: isoOf(now + HOUR_MS) });
    now += 25 * HOUR_MS;
    await deliver();
    expect(receiver.came.at(-1)!.headers['webhook-signature']!.split(' ')).toHaveLength(1);
  });

  it('is told again over three days, later and later, with the same id; then it is given up', async () => {
    const { id } = await endpoint();
    receiver.answer = 500;
    await openCase();
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 10; attempt++) {
      expect(await deliver()).toBe(1);
      const [delivery] = (await ask('GET', `/v1/webhooks/${id}/deliveries`)).body.deliveries;
      expect(delivery).toMatchObject({ attempts: attempt, status: 500, state: attempt < 10 ? 'failed' : 'given-up' });
      if (delivery.nextAt === null) break;
      waits.push(Date.parse(delivery.nextAt) - now);
      // Not a moment before.
      now = Date.parse(delivery.nextAt) - 1;
      expect(await deliver()).toBe(0);
      now += 2;
    }
    expect(waits).toHaveLength(9);
    expect(waits.every((wait, index) => index === 0 || wait > waits[index - 1]!)).toBe(true);
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(72 * HOUR_MS);
    expect(new Set(receiver.came.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('that answers 410 is told nothing more until it is enabled again; then what it missed', async () => {
    const { id } = await endpoint();
    receiver.answer = 410;
    await openCase();
    await deliver();
    const [after] = (await ask('GET', '/v1/webhooks')).body.webhooks.filter((each: Loose) => each.id === id);
    expect(after.disabledWhy).toContain('410');
    receiver.answer = 204;
    await openCase();
    expect(await deliver()).toBe(0);
    await ask('PATCH', `/v1/webhooks/${id}`, { disabled: false });
    expect(await deliver()).toBe(1);
  });

  it('follows no redirect', async () => {
    await endpoint();
    receiver.answer = 302;
    await openCase();
    await deliver();
    expect(receiver.came).toHaveLength(1);
  });

  it('whose process ended between telling and noting is told again, under the same id: nothing is lost', async () => {
    await endpoint();
    await openCase();
    const dying = { ...SETTINGS };
    const db = failingNotes(api.ledger.db);
    await expect(deliverWebhooks(db, dying, () => now)).rejects.toThrow('killed');
    expect(await deliver()).toBe(1);
    expect(receiver.came).toHaveLength(2);
    expect(receiver.came[0]!.headers['webhook-id']).toBe(receiver.came[1]!.headers['webhook-id']);
  });

  it('is held by one process at a time', async () => {
    await endpoint();
    await openCase();
    const told = await Promise.all([deliver(), deliver(), deliver()]);
    expect(told.reduce((sum, each) => sum + each, 0)).toBe(1);
    expect(receiver.came).toHaveLength(1);
  });

  it('of one account is told of that account alone', async () => {
    const key = await api.makeKey(['webhooks:write', 'webhooks:read'], { account: 'L2' });
    await endpoint();
    const made = await fetch(`${api.url}/v1/webhooks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ url: receiver.url, events: ['case.opened'] }),
    });
    const { id } = (await made.json()) as { id: string };
    await openCase('L1');
    await deliver();
    expect((await ask('GET', `/v1/webhooks/${id}/deliveries`)).body.deliveries).toEqual([]);
    await openCase('L2');
    await deliver();
    expect((await ask('GET', `/v1/webhooks/${id}/deliveries`)).body.deliveries).toHaveLength(1);
    // And its key sees no other's.
    const seen = await fetch(`${api.url}/v1/webhooks`, { headers: { authorization: `Bearer ${key}` } });
    expect(((await seen.json()) as Loose).webhooks.map((each: Loose) => each.id)).toEqual([id]);
  });
});

it('a webhook that does not answer holds up no other', async () => {
  const { id: silent } = await endpoint();
  const other = (await ask('POST', '/v1/webhooks', { url: receiver.url, events: ['case.opened'] })).body.id as string;
  const { promise: answered, resolve: answerSilent } = Promise.withResolvers<void>();
  const slow = createServer((request, response) => {
    request.resume();
    void answered.then(() => response.writeHead(204).end());
  });
  await new Promise<void>((resolve) => void slow.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/`;
    await api.ledger.db.query('update webhook_endpoint set url = $2 where id = $1', [silent, url]);
    await openCase('L2');
    const turn = deliver();
    await expect.poll(() => receiver.came.length, { timeout: 10_000 }).toBe(1);
    answerSilent();
    expect(await turn).toBe(2);
    for (const id of [silent, other]) {
      const { deliveries } = (await ask('GET', `/v1/webhooks/${id}/deliveries`)).body;
      expect(deliveries).toMatchObject([{ state: 'delivered' }]);
    }
  } finally {
    answerSilent();
    slow.close();
  }
});

it('an account has so many webhooks that are told, and no more', async () => {
  // Disables those of the tests before.
  await endpoint();
  const key = await api.makeKey(['webhooks:write'], { account: 'L2' });
  const add = async (): Promise<Loose> => {
    const answer = await fetch(`${api.url}/v1/webhooks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ url: receiver.url, events: ['case.opened'] }),
    });
    return answer.json();
  };
  const made: Loose[] = [];
  for (let index = 0; index < 20; index++) made.push(await add());
  expect(made.every(({ id }) => typeof id === 'string')).toBe(true);
  expect((await add()).code).toBe('webhooks-too-many');
  await ask('PATCH', `/v1/webhooks/${made[0].id}`, { disabled: true });
  expect((await add()).code).toBeUndefined();
});

describe('targets', () => {
  it('are kept as they are understood, however they are written', async () => {
    for (const written of ['HTTPS://example.com/hook', '\n https://EXAMPLE.com/hook ']) {
      const made = await ask('POST', '/v1/webhooks', { url: written, events: ['case.opened'] });
      expect(made).toMatchObject({ status: 201, body: { url: 'https://example.com/hook' } });
      await ask('PATCH', `/v1/webhooks/${made.body.id}`, { disabled: true });
    }
  });

  it('in private ranges are refused, by address and by name, unless they are allowed', async () => {
    const strict = await runningApi({ webhooks: { ...SETTINGS, allowsPrivate: false } });
    try {
      const post = async (url: string): Promise<Loose> => {
        const answer = await fetch(`${strict.url}/v1/webhooks`, {
          method: 'POST',
          headers: { authorization: `Bearer ${strict.key}`, 'content-type': 'application/json' },
          body: JSON.stringify({ url, events: ['case.opened'] }),
        });
        return [answer.status, ((await answer.json()) as Loose).code];
      };
      for (const url of [
        'http://example.com/',
        'https://127.0.0.1/',
        'https://[::1]/',
        'https://169.254.169.254/latest',
        'https://0x7f.1/',
        'https://2130706433/',
        'https://user:secret@example.com/',
        'ftp://example.com/',
        'nothing',
      ]) {
        expect([url, ...(await post(url))]).toEqual([url, 400, 'webhook-target-refused']);
      }
      // A name may stand for anything: it is looked at when it is told.
      expect((await post('https://localhost:1/'))[0]).toBe(201);
      const numbers = Array.from({ length: 160 }, (_, index) => `+3361234${String(index).padStart(4, '0')}`);
      await strict.ledger.deliver(numbers.map((number, index) => call(`p-${index}`, number)));
      await strict.ledger.db.query('update webhook_endpoint set url = $1', [' HTTPS://localhost:1/']);
      await deliverWebhooks(strict.ledger.db, { ...SETTINGS, allowsPrivate: false }, () => Date.now() + HOUR_MS);
      const rows = await strict.ledger.db.query<{ fault: string }>('select fault from webhook_delivery');
      expect(rows).toEqual([{ fault: 'target-refused' }]);
    } finally {
      await strict.close();
    }
  });

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    'ff02::1',
    'nonsense',
  ])('%s is private', (address) => expect(isPrivateAddress(address)).toBe(true));

  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700::1111'])('%s is not', (address) =>
    expect(isPrivateAddress(address)).toBe(false),
  );
});

it('without a key for webhooks none is made', async () => {
  const without = await runningApi();
  try {
    const answer = await fetch(`${without.url}/v1/webhooks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${without.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ url: 'https://example.com', events: ['case.opened'] }),
    });
    expect([answer.status, ((await answer.json()) as Loose).code]).toEqual([409, 'webhooks-off']);
  } finally {
    await without.close();
  }
});

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** The database, until what became of an attempt is to be noted: then the process is gone. */
function failingNotes(db: RunningApi['ledger']['db']): RunningApi['ledger']['db'] {
  return new Proxy(db, {
    get(target, name, receiverOf) {
      if (name !== 'query') {
        const value: unknown = Reflect.get(target, name, receiverOf);
        return typeof value === 'function' ? value.bind(target) : value;
      }
      return (sql: string, values: never[]) =>
        sql.includes('set state = $4') ? Promise.reject(new Error('killed')) : target.query(sql, values);
    },
  });
}
