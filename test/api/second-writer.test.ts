import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATABASE_KINDS } from '../support/test-database.ts';
import { type Answer, ApiUnderTest } from './api-under-test.ts';

const SPAN = { from: '2026-01-01', usageClass: 'business', mobility: 'off' };
const bodyOf = (usageClass: string) => ({ account: 'L1', spans: [{ ...SPAN, usageClass }] });
const CHANGE = { from: '2026-05-01', usageClass: 'prepaid-cards' };

describe.each(DATABASE_KINDS)('a second writer of a line, on %s', (kind) => {
  let api: ApiUnderTest;
  let seen: string;
  beforeAll(async () => {
    api = await ApiUnderTest.open(kind);
    await api.send('PUT', '/v1/lines/N1', bodyOf('business'));
    seen = await tagOf();
    await api.send('PUT', '/v1/lines/N1', bodyOf('residential'), { 'if-match': seen });
  });
  afterAll(() => api.close());

  const tagOf = async (): Promise<string> => (await api.get('/v1/lines/N1')).headers.get('etag') ?? '';
  const classes = async (): Promise<string[]> =>
    (await api.get('/v1/lines/N1')).json.spans.map((span: { readonly usageClass: string }) => span.usageClass);

  it.each([
    ['PUT', '/v1/lines/N1', bodyOf('carrier')],
    ['POST', '/v1/lines/N1/changes', CHANGE],
  ])('is told what is there now: %s %s', async (method, path, body) => {
    for (const tag of [seen, `W/${seen}`, '"none", "else"']) {
      const headers = { 'if-match': tag, 'idempotency-key': 'overtaken' };
      const { status, json, type, headers: told } = await api.send(method, path, body, headers);
      expect([status, json.code, type]).toEqual([412, 'precondition-failed', 'application/problem+json']);
      expect(json.current).toMatchObject({ id: 'N1', spans: [{ usageClass: 'residential' }] });
      expect(json.detail).toContain(`'test' changed it at`);
      expect(told.get('etag')).toBe(await tagOf());
    }
    expect(await classes()).toEqual(['residential']);
    const absent = await api.send(method, path.replace('N1', 'none'), body, { 'if-match': '*' });
    expect([absent.status, absent.json.current]).toEqual([412, undefined]);
  });

  it('does not see numbers that its key may not see, there either', async () => {
    await api.send('PUT', '/v1/lines/N2', { account: 'L1', spans: [{ ...SPAN, number: '+33140000078' }] });
    const key = await api.keyFor(['provisioning:read', 'provisioning:write']);
    const headers = { 'if-match': '"0"' };
    const { status, text } = await api.ask('PUT', '/v1/lines/N2', { key, body: bodyOf('carrier'), headers });
    expect([status, /33140000078|140000078/.test(text.replaceAll(' ', ''))]).toEqual([412, false]);
  });

  it.each(['0', 'x', '"a', '"a" "b"', '*, "a"', ''])('is told that If-Match is no version: %j', async (tag) => {
    const { status, json } = await api.send('PUT', '/v1/lines/N1', bodyOf('carrier'), { 'if-match': tag });
    expect([status, json.code]).toEqual([400, 'invalid-request']);
  });

  it('is the only one of many at once that is not overtaken', async () => {
    const tag = await tagOf();
    const kinds = ['carrier', 'phoning', 'call-centre', 'telemarketing'];
    const writes = kinds.map((one, at): Promise<Answer> =>
      at % 2 === 0
        ? api.send('PUT', '/v1/lines/N1', bodyOf(one), { 'if-match': `"other", ${tag}` })
        : api.send('POST', '/v1/lines/N1/changes', { ...CHANGE, usageClass: one }, { 'if-match': tag }),
    );
    const statuses = (await Promise.all(writes)).map(({ status }) => status).toSorted();
    expect(statuses).toEqual([200, 412, 412, 412]);
  });

  it.each([
    ['PUT', '/v1/accounts/A8', { name: 'Anne' }, 'if-match'],
    ['PUT', '/v1/lines/N8', bodyOf('business'), 'if-none-match'],
    ['POST', '/v1/lines', { lines: [{ id: 'N8', ...bodyOf('business') }] }, 'if-match'],
  ])('is told where a condition is not heeded: %s %s', async (method, path, body, header) => {
    const { status, json } = await api.send(method, path, body, { [header]: '*' });
    expect([status, json.errors?.[0].pointer]).toEqual([400, `/${header}`]);
    expect((await api.send(method, path, body)).status).toBe(200);
  });

  it('writes as ever without the header, and with any version', async () => {
    expect((await api.send('PUT', '/v1/lines/N1', bodyOf('voice-services'))).status).toBe(200);
    expect((await api.send('PUT', '/v1/lines/N1', bodyOf('business'), { 'if-match': '*' })).status).toBe(200);
    expect(await classes()).toEqual(['business']);
    const kept = { 'idempotency-key': 'again', 'if-match': await tagOf() };
    for (const replayed of [null, 'true']) {
      const { status, headers } = await api.send('PUT', '/v1/lines/N1', bodyOf('phoning'), kept);
      expect([status, headers.get('idempotency-replayed')]).toEqual([200, replayed]);
    }
  });
});
