import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATABASE_KINDS } from '../support/test-database.ts';
import { ApiUnderTest, type Loose } from './api-under-test.ts';

describe.each(DATABASE_KINDS)('saved views, on %s', (kind) => {
  let api: ApiUnderTest;
  let zoe: string;
  let viewer: string;

  beforeAll(async () => {
    api = await ApiUnderTest.open(kind);
    zoe = await api.keyFor(['cases:read', 'cases:decide'], undefined, 'Zoé');
    viewer = await api.keyFor(['cases:read'], undefined, 'Vic');
  });
  afterAll(() => api.close());

  const keep = (key: string, body: object) => api.ask('POST', '/v1/views', { key, body });
  const forget = (key: string, no: number) => api.ask('DELETE', `/v1/views/${no}`, { key });
  const seenBy = async (key: string): Promise<string[]> =>
    (await api.get('/v1/views', { key })).json.views.map(
      ({ name, filter, owner, isOwn, isShared }: Loose) =>
        `${name}|${filter}|${owner}|${isOwn ? 'own' : ''}|${isShared ? 'shared' : ''}`,
    );

  it('are their owner’s, by her name, until she shares them; whoever may decide shares and forgets', async () => {
    const mine = await keep(viewer, { name: ' Gros ', filter: ' state:open  money:>50 ' });
    expect(mine.json).toMatchObject({ name: 'Gros', filter: 'state:open  money:>50', isShared: false, isOwn: true });
    const shared = await keep(zoe, { name: 'À moi', filter: 'assignee:me', isShared: true });
    expect(await seenBy(viewer)).toEqual(['Gros|state:open  money:>50|Vic|own|', 'À moi|assignee:me|Zoé||shared']);
    expect(await seenBy(zoe)).toEqual(['À moi|assignee:me|Zoé|own|shared']);
    // Another key under the same name is the same person's.
    const again = await api.keyFor(['cases:read'], undefined, 'Vic');
    expect(await seenBy(again)).toHaveLength(2);

    expect((await keep(viewer, { name: 'x', filter: 'state:open', isShared: true })).status).toBe(403);
    expect((await forget(viewer, shared.json.no)).json).toMatchObject({ status: 409, code: 'view-of-another' });
    expect((await forget(zoe, mine.json.no)).json).toMatchObject({ status: 404, code: 'view-unknown' });

    const changed = await keep(zoe, { name: 'À moi', filter: 'assignee:me state:open', isShared: true });
    expect((await forget(api.key, shared.json.no)).status).toBe(404);
    expect((await forget(api.key, changed.json.no)).json).toEqual({ v: 1, no: changed.json.no });
    expect(await seenBy(zoe)).toEqual([]);
    expect((await forget(viewer, mine.json.no)).status).toBe(200);
    expect(await seenBy(viewer)).toEqual([]);
  });

  it('take what the queue takes, and say what is wrong with the rest', async () => {
    for (const [body, code] of [
      [{ name: '  ', filter: 'state:open' }, 'view-name-unusable'],
      [{ name: 'a\nb', filter: 'state:open' }, 'view-name-unusable'],
      [{ name: 'x'.repeat(61), filter: 'state:open' }, 'view-name-unusable'],
      [{ name: 'x', filter: ' ' }, 'view-filter-empty'],
      [{ name: 'x', filter: 'colour:red' }, 'filter-word-unknown'],
      [{ name: 'x', filter: 'money:much' }, 'filter-value-unusable'],
    ] as const) {
      expect((await keep(zoe, body)).json).toMatchObject({ status: 400, code });
    }
    expect((await keep(zoe, { name: '"\u202Ex', filter: 'Ben "Ali & fils"' })).status).toBe(200);
    // What looks for digits is for those who may see them.
    expect((await keep(zoe, { name: 'x', filter: '0612345678' })).status).toBe(403);
    expect(await seenBy(zoe)).toEqual(['"\u202Ex|Ben "Ali & fils"|Zoé|own|']);
  });

  it('are kept once, are on record, and are no more than can be counted', async () => {
    const headers = { 'idempotency-key': 'one' };
    const body = { name: 'once', filter: 'state:decided' };
    const first = await api.ask('POST', '/v1/views', { key: viewer, body, headers });
    const second = await api.ask('POST', '/v1/views', { key: viewer, body, headers });
    expect([first.status, second.json]).toEqual([200, first.json]);
    expect((await keep(viewer, body)).json).toEqual(first.json);
    expect(await api.db.query(`select from saved_view where name = 'once'`)).toHaveLength(1);
    const { records } = (await api.get('/v1/audit?limit=1000')).json;
    const said = records.find(({ route, name }: Loose) => route === 'POST /v1/views' && name === 'Vic');
    expect(said).toMatchObject({ action: 'change' });

    for (let no = 1; no < 30; no++) expect((await keep(viewer, { name: `v${no}`, filter: 'x' })).status).toBe(200);
    expect((await keep(viewer, { name: 'v30', filter: 'x' })).json).toMatchObject({ code: 'views-too-many' });
    expect((await keep(viewer, { name: 'v29', filter: 'y' })).status).toBe(200);
  });

  it('are not for keys of one account', async () => {
    await api.ledger.provision([]);
    const ofOne = await api.keyFor(['cases:read', 'cases:decide'], 'L1', 'one');
    expect((await api.get('/v1/views', { key: ofOne })).status).toBe(404);
    expect((await keep(ofOne, { name: 'x', filter: 'x' })).status).toBe(404);
    expect((await forget(ofOne, 1)).status).toBe(404);
  });
});
