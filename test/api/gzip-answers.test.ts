import { once } from 'node:events';
import { type IncomingMessage, get } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takesGzip } from '../../api/accept.ts';
import { MOBILE, call } from '../services/small-ledger.ts';
import { ApiUnderTest } from './api-under-test.ts';

describe('an answer is compressed', () => {
  it.each([
    ['gzip', true],
    ['GZIP;q=0.5', true],
    ['deflate, gzip;q=1.0, *;q=0', true],
    ['br, *;q=0.1', true],
    ['x-gzip', true],
    ['gzip;q=0', false],
    ['gzip;q=0, *', false],
    ['br, deflate', false],
    ['identity', false],
    ['', false],
    ['gzip;q=much', false],
    [undefined, false],
  ])('where Accept-Encoding is %s: %s', (said, isTaken) => {
    expect(takesGzip(said)).toBe(isTaken);
  });
});

describe('the feed, by gzip', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.open('pglite');
    await api.ledger.deliver(Array.from({ length: 200 }, (_, nth) => call(`g${nth}`, MOBILE)));
  });
  afterAll(() => api.close());

  /** As it comes over the wire: `fetch` would unpack it. */
  async function answerOf(path: string, accept: string, encoding: string, key = api.key) {
    const headers = { authorization: `Bearer ${key}`, accept, 'accept-encoding': encoding };
    const [answer] = (await once(get(`${api.origin}${path}`, { headers }), 'response')) as [IncomingMessage];
    return { status: answer.statusCode, headers: answer.headers, bytes: await buffer(answer) };
  }

  it.each(['application/json', 'application/x-ndjson'])('is the same as without, as %s', async (accept) => {
    const plain = await answerOf('/v1/usage', accept, 'identity');
    const packed = await answerOf('/v1/usage', accept, 'gzip');
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept, accept-encoding' });
    expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 4);
    expect(withoutInstant(gunzipSync(packed.bytes))).toBe(withoutInstant(plain.bytes));
  });

  it('has its numbers masked for whoever may not see them', async () => {
    const key = await api.keyFor(['usage:read']);
    for (const accept of ['application/json', 'application/x-ndjson']) {
      const text = gunzipSync((await answerOf('/v1/usage', accept, 'gzip', key)).bytes).toString();
      expect(text).not.toContain(MOBILE);
      expect(text).toContain(`${MOBILE.slice(0, -4)}****`);
    }
  });

  it('is no longer compressed where it is short, or a problem', async () => {
    const short = await answerOf('/v1/usage?limit=1', 'application/json', 'gzip');
    expect([short.status, short.headers['content-encoding']]).toEqual([200, undefined]);
    const problem = await answerOf('/v1/usage?after=nonsense', 'application/json', 'gzip');
    expect([problem.status, problem.headers['content-encoding']]).toEqual([400, undefined]);
  });
});

function withoutInstant(bytes: Buffer): string {
  return bytes.toString().replace(/"asOf":"[^"]+"/, '"asOf":""');
}
