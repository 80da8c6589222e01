import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDefaultOffer } from '../../bin/set-up-ledger.ts';
import { BARBADOS, PARIS, call, deckOf, lineOf } from '../services/small-ledger.ts';
import { plan } from '../support/ledger-under-test.ts';
import { DATABASE_KINDS } from '../support/test-database.ts';
import { type Answer, ApiUnderTest, type Loose } from './api-under-test.ts';

const DAY_MS = 86_400_000;

function compareOn(api: ApiUnderTest, before: object, after: object): Promise<Answer> {
  return api.send('POST', '/v1/offers/compare', { before, after });
}

describe.each(DATABASE_KINDS)('quarantine, decks, offers and months, on %s', (kind) => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await ApiUnderTest.open(kind);
    await api.ledger.deliver([
      call('a', BARBADOS, '2026-10-03T10:00:00Z'),
      call('lost', PARIS, '2026-10-04T10:00:00Z', 'L7'),
      '{"v":1',
    ]);
    // A clock that was two years ahead of when the record came.
    const receivedAt = Date.UTC(2026, 9, 5);
    await api.ledger.deliver(
      [call('early', BARBADOS, new Date(receivedAt + 700 * DAY_MS).toISOString(), 'L2')],
      [receivedAt],
    );
  });
  afterAll(() => api.close());

  const noOf = async (reason: string): Promise<number> => {
    const { json } = await api.get(`/v1/quarantine?reason=${reason}`);
    expect(json.records).toHaveLength(1);
    return json.records[0].no;
  };

  it('lists what waits, by reason, page by page, and shows a record as it came', async () => {
    const { json } = await api.get('/v1/quarantine?limit=2');
    expect(json.counts.map(({ reason, state, records }: Loose) => `${reason} ${state} ${records}`).toSorted()).toEqual([
      'not-json waiting 1',
      'start-implausible waiting 1',
      'unknown-line waiting 1',
    ]);
    const rest = await api.get(`/v1/quarantine?limit=2&after=${json.next}`);
    expect([json.records.length, rest.json.records.length, rest.json.next]).toEqual([2, 1, null]);
    const shown = await api.get(`/v1/quarantine/${await noOf('unknown-line')}`);
    expect(shown.json).toMatchObject({ state: 'waiting', line: 'L7', dialled: PARIS, canonical: { call: 'lost' } });
    expect(JSON.parse(shown.json.record)).toMatchObject({ call: 'lost', line: 'L7' });
    const broken = await api.get(`/v1/quarantine/${await noOf('not-json')}`);
    expect(broken.json).toMatchObject({ record: '{"v":1', encoding: 'utf8', canonical: null, line: null });
    expect((await api.get('/v1/quarantine?reason=nonsense')).json.code).toBe('reason-unknown');
    expect((await api.get('/v1/quarantine/99')).status).toBe(404);
    expect((await api.get('/v1/quarantine/x')).status).toBe(400);
  });

  it('writes records off with a reason, lists them apart, and opens them again', async () => {
    const no = await noOf('not-json');
    const body = { records: [no], note: 'cut off by the switch' };
    expect((await api.ask('POST', '/v1/quarantine/write-off', { body: { records: [no], note: ' ' } })).status).toBe(
      400,
    );
    expect((await api.ask('POST', '/v1/quarantine/write-off', { body })).json).toEqual({ v: 1, writtenOff: 1 });
    const again = await api.ask('POST', '/v1/quarantine/write-off', { body });
    expect([again.status, again.json.code]).toEqual([409, 'record-not-waiting']);
    const { json } = await api.get('/v1/quarantine?state=written-off');
    expect(json.counts).toContainEqual({ reason: 'not-json', state: 'written-off', records: 1 });
    expect(json.records).toMatchObject([{ no, state: 'written-off', record: '{"v":1' }]);
    expect(json.records[0].writeOffs).toMatchObject([{ act: 'written-off', note: 'cut off by the switch' }]);
    const audit = await api.get('/v1/audit?action=change');
    expect(JSON.stringify(audit.json)).toContain('POST /v1/quarantine/write-off');
    expect((await api.ask('POST', '/v1/quarantine/reopen', { body })).json).toEqual({ v: 1, reopened: 1, rated: 0 });
    expect(await noOf('not-json')).toBe(no);
  });

  it('rates what was repaired, and says what came of it', async () => {
    const none = await api.ask('POST', '/v1/quarantine/replay', { body: { reason: 'unknown-line' } });
    expect(none.json).toMatchObject({ tried: 1, rated: 0 });
    const [no, early] = [await noOf('unknown-line'), await noOf('start-implausible')];
    const wrong = await api.ask('POST', '/v1/quarantine/accept', { body: { records: [early, no], note: 'x' } });
    expect([wrong.status, wrong.json.code]).toEqual([409, 'start-not-doubted']);
    const accepted = await api.ask('POST', '/v1/quarantine/accept', { body: { records: [early], note: 'clock' } });
    expect(accepted.json).toEqual({ v: 1, accepted: 1, rated: 1 });
    await api.ledger.provision([lineOf('L7')]);
    await api.ask('POST', '/v1/quarantine/replay', { body: {} });
    const { json } = await api.get('/v1/quarantine');
    expect(json.counts).toContainEqual({ reason: 'not-json', state: 'waiting', records: 1 });
    expect(json.records).toHaveLength(1);
    expect((await api.get('/v1/usage/totals')).json.totals).toMatchObject([{ kind: 'usage', entries: 3 }]);
  });

  it('compares a deck of the ledger with another, and imports it', async () => {
    const text = deckOf('second', { Barbade: '0.50' });
    const body = { before: { deck: 'test' }, after: { text } };
    const compared = await api.ask('POST', '/v1/decks/compare', { body });
    expect(compared.json.changes).toMatchObject([
      { key: 'Barbade', change: 'changed', direction: 'rise', differences: [{ before: '0.4', after: '0.5' }] },
    ]);
    const refused = await api.ask('POST', '/v1/decks', { body: { name: 'second.csv', text } });
    expect([refused.status, refused.json.code]).toEqual([409, 'deck-reprices-calls']);
    const faulty = await api.ask('POST', '/v1/decks', {
      body: { name: 'x.csv', text: 'destination,price\nNowhere,x\n' },
    });
    expect([faulty.status, faulty.json.code]).toEqual([400, 'invalid-request']);
    expect(faulty.json.errors.length).toBeGreaterThan(0);
    const taken = await api.ask('POST', '/v1/decks', {
      body: { name: 'second.csv', text, retroactive: true, note: 'agreed' },
    });
    expect(taken.json).toMatchObject({ name: 'second', currency: 'EUR', wasKnown: false, from: null, to: null });
    // Both calls to Barbados are priced anew: 0.40 to 0.50 each.
    const { json: totals } = await api.get('/v1/usage/totals');
    expect(totals.totals).toMatchObject([
      { kind: 'rerate', entries: 2, charge: '0.200000' },
      { kind: 'usage', entries: 3, charge: '0.800000' },
    ]);
    const { json } = await api.get('/v1/decks');
    expect(json.decks.map(({ name, isInUse }: Loose) => [name, isInUse])).toEqual([
      ['test', false],
      ['second', true],
    ]);
    expect(json.retroactive).toMatchObject([{ takenBy: 'test', note: 'agreed', calls: 2 }]);
    expect((await api.ask('POST', '/v1/decks/compare', { body: { ...body, before: { deck: 'none' } } })).status).toBe(
      404,
    );
    expect((await api.ask('POST', '/v1/decks/compare', { body: { ...body, before: {} } })).status).toBe(400);
  });

  it('tells what differs between two offers', async () => {
    const own = readDefaultOffer(plan);
    const [first, second, ...others] = own.conditions;
    const after = {
      ...own,
      name: 'Other',
      included: { ...own.included, destinations: ['Barbade', ...own.included.destinations.slice(1)] },
      conditions: [second, { ...first, effect: { ...first!.effect, opensCase: !first!.effect.opensCase } }, ...others],
    };
    const text = JSON.stringify(after);
    const { json } = await compareOn(api, { offer: own.id }, { text });
    expect(json.differences).toEqual([
      { path: ['name'], before: own.name, after: 'Other' },
      { path: ['included', 'destinations'], before: own.included.destinations[0], after: null },
      { path: ['included', 'destinations'], before: null, after: 'Barbade' },
      {
        path: ['conditions', first!.id, 'effect', 'opensCase'],
        before: first!.effect.opensCase,
        after: !first!.effect.opensCase,
      },
      {
        path: ['conditions'],
        before: own.conditions.map(({ id }) => id),
        after: [second!.id, first!.id, ...others.map(({ id }) => id)],
      },
    ]);
    expect((await compareOn(api, { text }, { text })).json).toEqual({ v: 1, differences: [] });
    const unknown = await compareOn(api, { offer: `${own.id}@none` }, { text });
    expect([unknown.status, unknown.json.code]).toEqual([404, 'offer-unknown']);
    const faulty = await compareOn(api, { offer: own.id }, { text: '{"id":7}' });
    expect([faulty.status, faulty.json.errors[0].pointer.startsWith('/after/text')]).toEqual([400, true]);
    expect((await compareOn(api, {}, { text })).status).toBe(400);
  });

  it('lists and imports offers', async () => {
    const offer = { ...readDefaultOffer(plan), id: 'other', name: 'Other' };
    const imported = await api.ask('POST', '/v1/offers', { body: { name: 'o.json', text: JSON.stringify(offer) } });
    expect(imported.json).toMatchObject({ id: 'other', isInUse: false, wasKnown: false, staleLines: 0 });
    const { json } = await api.get('/v1/offers');
    expect(json.offers.map(({ id, isInUse }: Loose) => [id, isInUse])).toEqual([
      ['full-illimite', true],
      ['other', true],
    ]);
    const faulty = await api.ask('POST', '/v1/offers', { body: { name: 'o.json', text: '{"id":7}' } });
    expect([faulty.status, faulty.json.errors.length > 0]).toEqual([400, true]);
  });

  it('reports a month, also as of an instant', async () => {
    const { json } = await api.get('/v1/reports/2026-10');
    expect(json).toMatchObject({ v: 1, period: '2026-10', charge: '0.500000', coverage: { metered: { calls: 1 } } });
    const asOf = new Date(Date.now() - 5).toISOString();
    const money = await api.get(`/v1/reports/2026-10?asOf=${asOf}`);
    expect(money.json).toMatchObject({ period: '2026-10', asOf, calls: 2, charge: '0.500000' });
    const before = await api.get('/v1/reports/2026-10?asOf=2026-10-01');
    expect(before.json).toMatchObject({ calls: 0, charge: '0.000000' });
    expect((await api.get('/v1/reports/2026-10?asOf=2058-01-01')).json.code).toBe('as-of-to-come');
    expect((await api.get('/v1/reports/2026-13')).status).toBe(400);
  });

  it('moves months of bills', async () => {
    const move = (to: string, month = '2026-10') =>
      api.ask('POST', `/v1/periods/${month}/moves`, { body: { to, note: 'checked' } });
    expect((await move('closing')).json).toMatchObject({ period: '2026-10', from: 'open', to: 'closing' });
    expect((await move('open')).json).toMatchObject({ from: 'closing', to: 'open' });
    await move('closing');
    const future = await move('closing', '2058-01');
    expect([future.status, future.json.code]).toEqual([409, 'period-not-over']);
    expect((await move('closed')).json).toMatchObject({ from: 'closing', to: 'closed', waiting: [] });
    expect((await move('open')).json.code).toBe('period-closed');
    const [first] = (await api.get('/v1/periods')).json.periods;
    expect(first).toMatchObject({ period: '2026-10', state: 'closed' });
    expect(first.moves.map(({ state, by, note }: Loose) => [state, by, note])).toEqual([
      ['closing', 'test', 'checked'],
      ['open', 'test', 'checked'],
      ['closing', 'test', 'checked'],
      ['closed', 'test', 'checked'],
    ]);
  });

  it('is nothing for a key of one account, nor for one without the scope', async () => {
    const paths = ['/v1/quarantine', '/v1/decks', '/v1/offers', '/v1/reports/2026-10', '/v1/periods', '/v1/audit'];
    const own = await api.keyFor(['quarantine:read', 'decks:read', 'reports:read', 'audit:read', 'numbers:read'], 'L1');
    const other = await api.keyFor(['quotes:read']);
    for (const path of paths) {
      expect([path, (await api.get(path, { key: own })).status]).toEqual([path, 404]);
      expect([path, (await api.get(path, { key: other })).status]).toEqual([path, 403]);
      expect([path, (await api.get(path, { key: `ft_${'0'.repeat(12)}_${'0'.repeat(64)}` })).status]).toEqual([
        path,
        401,
      ]);
    }
  });

  it('reads numbers that the plan refuses as somebody says, and says first what that would do', async () => {
    await api.ledger.deliver([call('range', '+999123456789', '2026-11-05T10:00:00Z', 'L2')]);
    const { json } = await api.get('/v1/quarantine?reason=unassigned-number');
    expect(json.records).toMatchObject([{ switch: 'sbc', dialled: '+999123456789' }]);
    const repair = { kind: 'prefix', prefix: '9991', length: 12, destination: 'Barbade' };
    const ask = (more: object) => api.ask('POST', '/v1/numbering/repairs', { body: { repair, note: 'open', ...more } });
    const tried = await ask({ dryRun: true });
    expect(tried.json).toMatchObject({ dryRun: true, waiting: 1, read: 1, examples: [{ destination: 'Barbade' }] });
    expect((await api.get('/v1/numbering')).json.repairs).toEqual([]);
    expect((await ask({})).json).toMatchObject({ dryRun: false, rated: 1 });
    const { json: said } = await api.get('/v1/numbering');
    expect(said.repairs).toMatchObject([{ repair, note: 'open' }]);
    expect(said.destinations).toContainEqual({ name: 'Barbade', class: 'international' });
    const unusable = await ask({ repair: { ...repair, destination: 'Nowhere' } });
    expect([unusable.status, unusable.json.code]).toEqual([404, 'destination-unknown']);
  });
});
