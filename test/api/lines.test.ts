import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MOBILE, PARIS, call } from '../services/small-ledger.ts';
import { billedCalls } from '../support/posted-ledger.ts';
import { DATABASE_KINDS } from '../support/test-database.ts';
import { type Answer, ApiUnderTest, keyOf } from './api-under-test.ts';

const SPAN = { from: '2026-01-01', usageClass: 'business', mobility: 'off', equipment: 'managed' };

/** Pointers of all faults that an answer names. */
function pointersOf({ json }: Answer): (string | undefined)[] {
  return (json as { errors: { pointer?: string }[] }).errors.map(({ pointer }) => pointer).toSorted();
}

describe.each(DATABASE_KINDS)('accounts and lines over HTTP, on %s', (kind) => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.open(kind);
  });
  afterAll(() => api.close());

  const put = (id: string, spans: readonly object[], more: object = {}): Promise<Answer> =>
    api.send('PUT', `/v1/lines/${id}`, { account: 'L1', spans, ...more });
  const reasonOf = async (id: string): Promise<string | undefined> =>
    (await billedCalls(api.ledger.db)).get(JSON.stringify(['sbc', id, '']))?.reason;

  it('enters accounts and names them otherwise', async () => {
    const made = await api.send('PUT', '/v1/accounts/A1', { name: 'Anne' });
    expect(made).toMatchObject({ status: 200, json: { accounts: { new: ['A1'], renamed: [] } } });
    const named = await api.send('PUT', '/v1/accounts/A1', { name: 'Anne, née "B"' });
    expect(named.json).toMatchObject({ accounts: { new: [], renamed: ['A1'] } });
    expect((await api.send('GET', '/v1/accounts/A1')).json).toEqual({ id: 'A1', name: 'Anne, née "B"', lines: 0 });
    expect(await api.send('GET', '/v1/accounts/A9')).toMatchObject({ status: 404, json: { code: 'account-unknown' } });
    const page = await api.send('GET', '/v1/accounts?limit=1');
    expect(page.json).toMatchObject({ accounts: [{ id: 'A1' }], next: expect.any(String) });
    const rest = await api.send('GET', `/v1/accounts?limit=3&after=${page.json.next}`);
    expect(rest.json).toMatchObject({ accounts: [{ id: 'L1', lines: 1 }, { id: 'L2' }, { id: 'L3' }], next: null });
  });

  it('enters a line, reads it, finds it by its number, and tells who did', async () => {
    const span = { ...SPAN, number: '+33140000077', offer: 'full-illimite' };
    const devices = [{ from: '2026-01-01', userAgent: 'Yealink SIP-T46U*' }];
    const networks = [{ from: '2026-01-01', cidr: '192.0.2.0/24' }];
    const stored = await put('N1', [span], { devices, networks, note: 'new' });
    expect(stored).toMatchObject({ status: 200, json: { lines: { changed: ['N1'] }, reachesBack: null } });
    expect((await put('N1', [span], { devices, networks })).json).toMatchObject({ lines: { changed: [] } });
    const { json: body } = await api.send('GET', '/v1/lines/N1');
    expect(body).toMatchObject({
      id: 'N1',
      account: 'L1',
      spans: [
        { from: '2025-12-31T23:00:00.000Z', to: null, number: { e164: '+33140000077', shown: '+33 1 40 00 00 77' } },
      ],
      devices: [{ userAgent: 'Yealink SIP-T46U*' }],
      networks: [{ cidr: '192.0.2.0/24' }],
    });
    const found = await api.send('GET', `/v1/lines?number=${encodeURIComponent('+33140000077')}`);
    expect(found.json).toMatchObject({ lines: [{ id: 'N1' }], next: null });
    const some = await api.send('GET', '/v1/lines?line=N1&line=nobody&line=L2');
    expect(some.json).toMatchObject({ lines: [{ id: 'L2' }, { id: 'N1' }], next: null });
    expect((await api.send('GET', '/v1/lines?line=nobody')).json).toEqual({ lines: [], next: null });
    const history = await api.send('GET', '/v1/lines/N1/history');
    expect(history.json).toMatchObject({ changes: [{ by: 'test', note: 'new', before: null, after: { id: 'N1' } }] });
  });

  it('says who entered an account, who named it otherwise and why; the same again is nothing', async () => {
    const rename = (name: string, note: string) => api.send('PUT', '/v1/accounts/H1', { name, note });
    const history = async (query = '') => (await api.send('GET', `/v1/accounts/H1/history${query}`)).json;
    expect((await rename('Durand', 'order 1')).status).toBe(200);
    await rename('Durand', 'again');
    await rename('Durand & Fils', 'order 2');
    const accounts = [{ id: 'H1', name: 'Durand SA' }];
    const many = await api.send('POST', '/v1/lines', { accounts, lines: [], note: 'order 3' });
    expect(many.status).toBe(200);
    await put('H1-1', [SPAN], { account: 'H1' });
    const changes = [
      { by: 'test', note: 'order 3', before: 'Durand & Fils', after: 'Durand SA' },
      { by: 'test', note: 'order 2', before: 'Durand', after: 'Durand & Fils' },
      { by: 'test', note: 'order 1', before: null, after: 'Durand' },
    ];
    const all = (await history()) as { changes: { no: number }[] };
    expect(all.changes.length).toBe(3);
    expect(all).toMatchObject({ changes });
    expect(await history(`?limit=1&before=${all.changes[0]!.no}`)).toMatchObject({ changes: [changes[1]] });
    expect((await api.send('GET', '/v1/accounts/nobody/history')).json).toMatchObject({ code: 'account-unknown' });
  });

  it('enters a line and leaves the name of its account to who gives it another meanwhile', async () => {
    // Of an embedded ledger the engine is the only one who writes.
    if (kind === 'pglite') return;
    await put('N0', [SPAN], { account: 'A1' });
    // Between the reading of the name and the change: whoever renames then has the lock on facts.
    const { promise: named, resolve: goOn } = Promise.withResolvers<void>();
    const { promise: locked, resolve: isLocked } = Promise.withResolvers<void>();
    const renaming = api.db.transaction(async (tx) => {
      await tx.query('lock table head in exclusive mode');
      await tx.query(`update account set name = 'Zoé' where id = 'A1'`);
      isLocked();
      await named;
    });
    await locked;
    const entered = put('N0', [{ ...SPAN, from: '2026-02-01' }], { account: 'A1' });
    await vi.waitFor(async () => {
      const waiting = await api.db.query('select from pg_locks where not granted');
      expect(waiting.length).toBeGreaterThan(0);
    });
    goOn();
    await renaming;
    expect((await entered).status).toBe(200);
    expect((await api.send('GET', '/v1/accounts/A1')).json).toMatchObject({ name: 'Zoé' });
  });

  it('changes a line from an instant on, and has its calls judged by it', async () => {
    await put('N2', [{ ...SPAN, number: '+33140000078' }]);
    await api.send(
      'POST',
      '/v1/cdrs',
      [call('late', PARIS, '2026-11-10T10:00:00Z', 'N2'), call('early', PARIS, '2026-11-01T10:00:00Z', 'N2')].map(
        (text): unknown => JSON.parse(text),
      ),
    );
    expect([await reasonOf('early'), await reasonOf('late')]).toEqual(['no-offer', 'no-offer']);
    const changed = await api.send('POST', '/v1/lines/N2/changes', {
      from: '2026-11-05T00:00:00+01:00',
      offer: 'full-illimite',
      number: '+33140000079',
      note: 'order 7',
    });
    expect(changed.json).toMatchObject({ lines: { changed: ['N2'] }, reachesBack: { calls: 1 } });
    expect([await reasonOf('early'), await reasonOf('late')]).toEqual(['no-offer', 'national-fixed']);
    const { json: body } = await api.send('GET', '/v1/lines/N2/history');
    expect(body).toMatchObject({
      changes: [
        { note: 'order 7', before: { spans: [{}] }, after: { spans: [{ offer: null }, { offer: 'full-illimite' }] } },
        {},
      ],
    });
    await api.send('POST', '/v1/lines/N2/changes', { from: '2026-12-01T00:00:00+01:00', ends: true });
    expect((await api.send('GET', '/v1/lines/N2')).json).toMatchObject({
      spans: [{}, { to: '2026-11-30T23:00:00.000Z' }],
    });
    const after = await api.send('POST', '/v1/lines/N2/changes', { from: '2027-01-01T00:00:00Z', offer: null });
    expect(after).toMatchObject({
      status: 409,
      json: {
        code: 'line-not-in-force',
        values: { inForce: 'from 2025-12-31T23:00:00.000Z to 2026-11-30T23:00:00.000Z' },
      },
    });
    const none = await api.send('POST', '/v1/lines/N9/changes', { from: '2027-01-01T00:00:00Z', offer: null });
    expect(none).toMatchObject({ status: 404, json: { code: 'line-unknown' } });
  });

  it('names every fault, and stores nothing', async () => {
    const body = {
      accounts: [{ id: 'F1', name: 'F' }],
      lines: [
        {
          id: 'F1',
          account: 'F1',
          spans: [
            { ...SPAN, offer: 'gold' },
            { ...SPAN, from: '2026-02-01' },
          ],
        },
        { id: 'F2', account: 'F9', spans: [{ ...SPAN, from: 'soon', number: '+33000000000000' }] },
        { id: 'F3', account: 'F1', spans: [SPAN], devices: [{ from: '2026-01-01', userAgent: '*' }] },
        { id: 'F4', account: 'F1', spans: [SPAN], networks: [{ from: '2026-01-01', cidr: '192.0.2.1/24' }] },
      ],
    };
    const { status, json: refused } = await api.send('POST', '/v1/lines', body);
    expect(status).toBe(400);
    const { errors } = refused as { errors: { pointer: string; detail: string }[] };
    expect(errors.map(({ pointer }) => pointer).toSorted()).toEqual([
      '/lines/0/spans/0/offer',
      '/lines/0/spans/1/from',
      '/lines/1/account',
      '/lines/1/spans/0/from',
      '/lines/1/spans/0/number',
      '/lines/2/devices/0/userAgent',
      '/lines/3/networks/0/cidr',
    ]);
    expect((await api.send('GET', '/v1/accounts/F1')).status).toBe(404);
  });

  it('names faults of shape, of facts and of numbers that clash in one answer', async () => {
    const [first, second, third] = ['+33140000301', '+33140000302', '+33140000303'];
    expect((await put('G0', [{ ...SPAN, number: first }])).status).toBe(200);
    const body = {
      accounts: [{ id: 'G1', name: 7 }],
      colour: 'red',
      lines: [
        // Shape beside facts, in one span; a number of another line in the next.
        {
          id: 'G1',
          account: 'G1',
          spans: [
            { ...SPAN, to: '2026-02-01', usageClass: 'rich', offer: 'gold' },
            { ...SPAN, from: '2026-02-01', number: first },
          ],
        },
        // A line of another account, a number given twice, and an end that is no text: it may not count as open.
        {
          id: 'L2',
          account: 'L1',
          spans: [
            { ...SPAN, from: '2025-01-01', to: 5, number: first },
            { ...SPAN, number: second },
          ],
        },
        { id: 'G3', account: 'L1', spans: [{ ...SPAN, number: second }], devices: [{ from: 'soon', userAgent: '*' }] },
        // No spans: devices are checked all the same, and the line is not unknown to them.
        { id: 'G4', account: 'L1', spans: [], networks: [{ from: '2026-01-01', cidr: '192.0.2.1/24' }] },
        // Two without ids are not one line, whose spans would overlap.
        { account: 'L1', spans: [SPAN] },
        { account: 'L1', spans: [{ ...SPAN, offer: 'gold', number: third }] },
        null,
      ],
    };
    const refused = await api.send('POST', '/v1/lines', body);
    expect(refused).toMatchObject({ status: 400, json: { code: 'invalid-request' } });
    expect(pointersOf(refused)).toEqual([
      '/accounts/0/name',
      '/colour',
      '/lines/0/spans/0/offer',
      '/lines/0/spans/0/usageClass',
      '/lines/0/spans/1/number',
      '/lines/1/account',
      '/lines/1/spans/0/to',
      '/lines/2/devices/0/from',
      '/lines/2/devices/0/userAgent',
      '/lines/2/spans/0/number',
      '/lines/3/networks/0/cidr',
      '/lines/3/spans',
      '/lines/4/id',
      '/lines/5/id',
      '/lines/5/spans/0/offer',
      '/lines/6',
    ]);
    expect((await api.send('GET', '/v1/accounts/G1')).status).toBe(404);
    const one = await put('L2', [{ ...SPAN, number: first, usageClass: 'rich' }], { account: 'L1' });
    expect(pointersOf(one)).toEqual(['/account', '/spans/0/usageClass']);
    const shapely = await put('L2', [{ ...SPAN, number: first }], { account: 'L1' });
    expect(pointersOf(shapely)).toEqual(['/account', '/spans/0/number']);
    // Files, too: a field that nobody knows, a value, and a number of another line.
    const files = {
      accounts: 'account,name\nG1,G\n',
      lines:
        'line,account,number,offer,usage_class,mobility,equipment,from,to\n' +
        `G1,G1,${first},,business,,,2026-01-01,\nG2,G1,,,rich,,,2026-01-01,\n`,
    };
    expect(pointersOf(await api.send('POST', '/v1/lines/imports', files))).toEqual([
      '/lines/2/number',
      '/lines/3/usage_class',
    ]);
    expect(pointersOf(await api.send('POST', '/v1/lines/imports', { ...files, colour: 'red' }))).toEqual([
      '/colour',
      '/lines/2/number',
      '/lines/3/usage_class',
    ]);
    // What is another's is told to nobody who may not enter.
    const key = await keyOf(api.ledger.db, ['provisioning:write'], 'L2');
    const own = await api.send('POST', '/v1/lines', body, { authorization: `Bearer ${key}` });
    expect(own.text).not.toContain(first);
  });

  it('refuses a number that another line has, and unknown fields', async () => {
    const taken = await put('N3', [{ ...SPAN, number: '+33140000001' }]);
    expect(taken).toMatchObject({ status: 400, json: { errors: [{ pointer: '/spans/0/number' }] } });
    expect(await put('N3', [{ ...SPAN, colour: 'red' }])).toMatchObject({
      status: 400,
      json: { code: 'invalid-request' },
    });
    expect(await put('N3', [{ ...SPAN, number: '0140000001' }])).toMatchObject({ status: 400 });
  });

  it('imports the texts of files, faults by row and column', async () => {
    const accounts = 'account,name\nB1,B\n';
    const lines =
      'line,account,number,offer,usage_class,mobility,equipment,from,to\nB1,B1,+33140000090,,business,,,2026-01-01,\n';
    const imported = await api.send('POST', '/v1/lines/imports', { accounts, lines });
    expect(imported.json).toMatchObject({ accounts: { new: ['B1'] }, lines: { changed: ['B1'] } });
    const wrong = await api.send('POST', '/v1/lines/imports', { accounts, lines: lines.replace('business', 'rich') });
    expect(wrong).toMatchObject({ status: 400, json: { errors: [{ pointer: '/lines/2/usage_class' }] } });
  });

  it('refuses to look for what is no number', async () => {
    expect(await api.send('GET', '/v1/lines?number=abc')).toMatchObject({
      status: 400,
      json: { code: 'number-unreadable', values: { number: 'abc' } },
    });
    const nobodys = await api.send('GET', `/v1/lines?number=${encodeURIComponent('+33199000000')}`);
    expect(nobodys).toMatchObject({ status: 200, json: { lines: [] } });
  });

  it('does a write once under an Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'order-8' };
    const body = { account: 'L1', spans: [{ ...SPAN, number: '+33140000088' }] };
    const first = await api.send('PUT', '/v1/lines/N8', body, headers);
    const again = await api.send('PUT', '/v1/lines/N8', body, headers);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    const other = await api.send('PUT', '/v1/lines/N8', { ...body, note: 'x' }, headers);
    expect(other.status).toBe(409);
  });

  it('shows a key of one account its own, which enters nothing', async () => {
    const key = await keyOf(api.ledger.db, ['provisioning:read', 'provisioning:write'], 'L2');
    const as = { authorization: `Bearer ${key}` };
    expect((await api.send('GET', '/v1/lines', undefined, as)).json).toMatchObject({
      lines: [{ id: 'L2' }],
      next: null,
    });
    expect((await api.send('GET', '/v1/accounts', undefined, as)).json).toMatchObject({ accounts: [{ id: 'L2' }] });
    expect((await api.send('GET', '/v1/lines/L1', undefined, as)).status).toBe(404);
    expect((await api.send('GET', '/v1/lines/L1/history', undefined, as)).status).toBe(404);
    expect((await api.send('GET', '/v1/accounts/L1', undefined, as)).status).toBe(404);
    expect((await api.send('GET', '/v1/accounts/L1/history', undefined, as)).status).toBe(404);
    expect((await api.send('PUT', '/v1/accounts/L2', { name: 'x' }, as)).status).toBe(403);
    expect(
      (await api.send('POST', '/v1/lines/L2/changes', { from: '2026-11-05T00:00:00Z', offer: null }, as)).status,
    ).toBe(403);
    expect((await api.send('GET', `/v1/lines?number=${encodeURIComponent(MOBILE)}`)).json).toEqual({
      lines: [],
      next: null,
    });
  });
});
