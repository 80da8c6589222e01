import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCOPES, createApiKey } from '../../services/index.ts';
import { MOBILE, PARIS, call } from '../services/small-ledger.ts';
import { DATABASE_KINDS } from '../support/test-database.ts';
import { type Answer, ApiUnderTest } from './api-under-test.ts';

const SWITCH_SCOPES = ['cdrs:write', 'quotes:read'];
const BATCH = 2_000;

describe.each(DATABASE_KINDS)('a key of one switch, on %s', (kind) => {
  let api: ApiUnderTest;
  let key: string;
  beforeAll(async () => {
    api = await ApiUnderTest.open(kind);
    const made = await make({ switchId: 'sbc' });
    key = made.kind === 'made' ? made.key : '';
  });
  afterAll(() => api.close());

  function make(asked: { readonly switchId: string; readonly account?: string }, scopes = SWITCH_SCOPES) {
    return createApiKey(api.db, { name: 'of a switch', scopes, by: 'test', ...asked });
  }

  function post(texts: readonly string[], headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const type = { 'content-type': 'application/x-ndjson' };
    return api.ask('POST', '/v1/cdrs', { key, body: texts.join('\n'), headers: { ...type, ...headers } });
  }

  it('posts its records, asks for quotes, and knows of itself', async () => {
    expect((await post([call('own-1', PARIS), call('own-2', MOBILE)])).json.counts.rated).toBe(2);
    const quote = await api.get(`/v1/quote?line=L1&number=${encodeURIComponent(PARIS)}`, { key });
    expect(quote.status).toBe(200);
    expect((await api.get('/v1/me', { key })).json).toMatchObject({ switch: 'sbc', account: null });
    expect((await api.get('/v1/me')).json.switch).toBeNull();
  });

  it('is refused the first record of another, and what comes after it, and told of what is committed', async () => {
    const own = Array.from({ length: BATCH }, (_, nth) => call(`batch-${nth}`, PARIS));
    const answer = await post([...own, call('after-1', PARIS), ofSwitch('forged', 'other'), call('after-2', PARIS)]);
    expect([answer.status, answer.json.code]).toEqual([403, 'forbidden']);
    expect(answer.json.detail).toContain(`Record ${BATCH + 1} is of switch 'other', and only those of 'sbc'`);
    expect(answer.json.committed).toMatchObject({ received: BATCH, counts: { rated: BATCH } });
    const known = await Promise.all(['after-1', 'forged', 'after-2'].map((id) => api.get(`/v1/calls/${id}`)));
    expect(known.map(({ status }) => status)).toEqual([404, 404, 404]);
  });

  it('is refused corrections and legs of another switch, too', async () => {
    const correction = { v: 1, switch: 'other', call: 'own-1', line: 'L1', to: PARIS, answered: null, durationMs: 0 };
    const answer = await post([JSON.stringify({ ...correction, revision: 1 })]);
    expect([answer.status, answer.json.committed.received]).toEqual([403, 0]);
    const leg = 'asterisk-csv&switch=other&trunk=SIP-*&zone=UTC';
    const asterisk = await api.ask('POST', `/v1/cdrs?format=${leg}`, {
      key,
      body: ASTERISK_ROW,
      headers: { 'content-type': 'text/csv' },
    });
    expect([asterisk.status, asterisk.json.code]).toEqual([403, 'forbidden']);
    expect(asterisk.json.detail).toContain(`is of switch 'other'`);
  });

  it('may post the rest again under the same Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'once' };
    expect((await post([ofSwitch('other-1', 'other')], headers)).status).toBe(403);
    expect((await post([call('own-3', PARIS)], headers)).json.counts.rated).toBe(1);
  });

  it('is made for what a switch does alone, and never of an account as well', async () => {
    expect(await make({ switchId: 'sbc' }, [...SCOPES])).toMatchObject({
      kind: 'refused',
      code: 'key-of-switch-too-wide',
    });
    for (const asked of [{ switchId: ' ' }, { switchId: 'sbc', account: 'L1' }]) {
      expect(await make(asked)).toMatchObject({ kind: 'refused', code: 'key-of-switch-unclear' });
    }
    // What the service refuses, the ledger does not keep either.
    await expect(api.db.query(`update api_key set scopes = '{usage:read}' where switch = 'sbc'`)).rejects.toThrow(
      'api_key_of_a_switch_does_what_a_switch_does',
    );
  });
});

/** A call that went out by a trunk, as Asterisk's CSV has it. */
const ASTERISK_ROW =
  '"","L1","+33145000000","from-internal","L1","SIP/L1-00000001","SIP-carrier/x-00000002","Dial","SIP/x",' +
  '"2026-11-03 10:00:00","2026-11-03 10:00:05","2026-11-03 10:01:05",65,60,"ANSWERED","DOCUMENTATION","1793700000.1",""\n';

function ofSwitch(id: string, switchId: string): string {
  return JSON.stringify({ ...(JSON.parse(call(id, PARIS)) as object), switch: switchId });
}
