import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lineOf } from '../services/small-ledger.ts';
import { PROJECT_ROOT } from '../support/source-files.ts';
import { type Answer, ApiUnderTest } from './api-under-test.ts';

/** A document of its own for each post, by the id of its leg. */
const json = (id: string): string =>
  readFileSync(`${PROJECT_ROOT}/test/fixtures/cdr/freeswitch-carrier-leg.json`, 'utf8')
    .trim()
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/g, `${id}$1`);
const xml = (id: string): string => {
  const all = readFileSync(`${PROJECT_ROOT}/test/formats/fixtures/freeswitch.xml`, 'utf8');
  return `${all.split('</cdr>')[0]}</cdr>`.replaceAll('a1e6c0de', id);
};
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const basic = (user: string, password: string): string => `Basic ${base64(`${user}:${password}`)}`;

/**
 * What mod_json_cdr and mod_xml_cdr send by their setting `encode`: type and body, as their sources have it
 * (signalwire/freeswitch, `process_cdr` and `my_on_reporting`).
 */
const POSTS: readonly (readonly [string, string, (id: string) => string])[] = [
  ['JSON, encode=true', 'application/x-www-form-urlencoded', (id) => `cdr=${encodeURIComponent(json(id))}`],
  ['JSON, encode=base64', 'application/x-www-form-base64-encoded', (id) => `cdr=${base64(json(id))}`],
  ['JSON, encode=false', 'application/json', json],
  ['JSON, encode=false, before 2017', 'application/x-www-form-plaintext', json],
  ['JSON, plain in its field', 'application/x-www-form-plaintext', (id) => `cdr=${json(id)}`],
  ['XML, encode=true', 'application/x-www-form-urlencoded', (id) => `cdr=${encodeURIComponent(xml(id))}`],
  ['XML, encode=base64', 'application/x-www-form-base64-encoded', (id) => `cdr=${base64(xml(id))}`],
  ['XML, encode=textxml', 'text/xml', xml],
  ['XML, encode=false', 'application/x-www-form-plaintext', (id) => `cdr=${xml(id)}`],
];

describe('what FreeSWITCH posts', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.open('pglite', {
      lines: [lineOf('L1', 33_140_000_001), lineOf('L2', 33_140_000_002), lineOf('L000201', 33_140_000_003)],
    });
  });
  afterAll(() => api.close());

  const post = (body: string, type: string, authorization: string, query = ''): Promise<Answer> =>
    api.ask('POST', `/v1/cdrs${query}`, { body, headers: { 'content-type': type, authorization } });

  it.each(POSTS.map((each, at) => [...each, at] as const))('%s: it is rated', async (_, type, body, at) => {
    const answer = await post(body(`${at}0000000`), type, basic('freeswitch', api.key));
    expect(answer.json).toMatchObject({ received: 1, counts: { rated: 1 } });
    const again = await post(body(`${at}0000000`), type, basic('freeswitch', api.key));
    expect(again.json).toMatchObject({ received: 1, counts: { duplicate: 1 } });
  });

  it('is let in by the key as the password of `cred`, and told so where it asks first', async () => {
    const body = json('aa000000');
    for (const wrong of [
      basic('freeswitch', 'ft_wrong'),
      basic(api.key, ''),
      basic('freeswitch', 'wrong'),
      'Basic %%',
    ]) {
      const refused = await post(body, 'application/json', wrong);
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toContain('Basic realm=');
    }
    const elsewhere = await api.ask('GET', '/v1/me', { headers: { authorization: basic('freeswitch', api.key) } });
    expect(elsewhere.status).toBe(401);
    expect(elsewhere.headers.get('www-authenticate')).not.toContain('Basic');
  });

  it('has its `?uuid=` read as a parameter, also where mod_json_cdr appends it to others', async () => {
    const key = basic('', api.key);
    const answer = await post(json('bb000000'), 'application/json', key, '?switch=fs-1?uuid=a_1');
    expect(answer.json).toMatchObject({ counts: { rated: 1 } });
    const asXml = await post(xml('bb000000'), 'text/xml', key, '?switch=fs-1&uuid=a_1');
    expect(asXml.json).toMatchObject({ counts: { rated: 1 } });
    const again = await post(json('bb000000'), 'application/json', key, '?switch=fs-1');
    expect(again.json).toMatchObject({ counts: { duplicate: 1 } });
  });
});
