import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Offer } from '../../rules/index.ts';
import { smallForfaitInReview } from '../rules/offers-for-test.ts';
import { call } from '../services/small-ledger.ts';
import { DATABASE_KINDS } from '../support/test-database.ts';
import { ApiUnderTest, type Loose } from './api-under-test.ts';

/** Calls of a minute to `count` different numbers: a line may call 3. */
function calls(line: string, count: number, toMobiles: boolean, month = '2026-10'): string[] {
  return Array.from({ length: count }, (_, index) => {
    const to = toMobiles ? `+3361234560${index}` : `+3314500000${index}`;
    return call(`${line}-${month}-${index}`, to, `${month}-0${1 + index}T10:00:00Z`, line);
  });
}

const CONDITION = 'distinct-numbers';

/** An offer of which more than 3 numbers put all included calls of the month at stake, and nothing else does. */
function threeNumbers(): Offer {
  const offer = smallForfaitInReview('small');
  const conditions = offer.conditions.flatMap((condition) => {
    if (condition.id !== CONDITION) return [];
    return [{ ...condition, effect: { ...condition.effect, rerate: { ...condition.effect.rerate, scope: 'period' } } }];
  });
  return { ...offer, conditions } as Offer;
}

function cursor(place: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** The id of a preview that holds this, with the check that it has to have. */
function forged(text: string): string {
  const own = Buffer.from(text);
  return Buffer.concat([own, createHash('sha256').update(own).digest().subarray(0, 4)]).toString('base64url');
}

describe.each(DATABASE_KINDS)('cases, on %s', (kind) => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await ApiUnderTest.open(kind, { offers: [threeNumbers()] });
    await api.ledger.deliver([
      ...calls('L1', 5, false),
      ...calls('L2', 6, true),
      ...calls('L2', 5, true, '2026-11'),
      ...calls('L3', 2, false),
    ]);
  });
  afterAll(() => api.close());

  const list = async (filter: string, key = api.key): Promise<string[]> => {
    const { json, status } = await api.get(`/v1/cases?filter=${encodeURIComponent(filter)}`, { key });
    expect(status).toBe(200);
    return json.cases.map(({ line, period }: Loose) => `${line} ${period}`);
  };
  const charged = async (): Promise<string> => {
    const { json } = await api.get('/v1/usage/totals?groupBy=line&line=L2&period=2026-10');
    return json.groups[0].charge;
  };
  const act = (line: string, body: unknown, period = '2026-10') =>
    api.ask('POST', `/v1/cases/${line}/${period}/acts`, { body });
  const bulk = (body: object) => api.ask('POST', '/v1/cases/bulk', { body });
  const decide = (line: string, body: object, period = '2026-10') =>
    api.ask('POST', `/v1/cases/${line}/${period}/decisions`, { body: { condition: CONDITION, note: 'why', ...body } });

  it('are found by the name of the customer, with accents or without', async () => {
    const names = ['', 'Café "Besançon"', 'Café Hotel'];
    for (const words of ['besancon', 'BESANÇON', 'cafe bésan', 'Café']) {
      await api.send('PUT', '/v1/accounts/L1', { name: names[1] });
      expect([words, await list(words)]).toEqual([words, ['L1 2026-10']]);
    }
    await api.send('PUT', '/v1/accounts/L1', { name: names[2] });
    for (const words of ['hôtel', 'hotel', '-besancon line:L1']) {
      expect([words, await list(words)]).toEqual([words, ['L1 2026-10']]);
    }
    await api.send('PUT', '/v1/accounts/L1', { name: names[0] });
  });

  it.each([
    ['', ['L2 2026-10', 'L2 2026-11', 'L1 2026-10']],
    ['state:open', ['L2 2026-10', 'L2 2026-11', 'L1 2026-10']],
    ['state:decided', []],
    ['-state:open', []],
    ['state:open,decided period:2026-10', ['L2 2026-10', 'L1 2026-10']],
    ['-period:2026-10', ['L2 2026-11']],
    ['period:2026-09,2026-11', ['L2 2026-11']],
    ['condition:distinct-numbers', ['L2 2026-10', 'L2 2026-11', 'L1 2026-10']],
    ['condition:call-length', []],
    ['-condition:call-length,distinct-numbers', []],
    ['line:L1', ['L1 2026-10']],
    ['-line:L1', ['L2 2026-10', 'L2 2026-11']],
    ['account:L1,L2 line:L2 period:2026-11', ['L2 2026-11']],
    ['money:>0.10', ['L2 2026-10', 'L2 2026-11']],
    ['money:<=0.10', ['L1 2026-10']],
    ['money:>=0.45 money:<0.5', ['L2 2026-11']],
    ['calls:>5', ['L2 2026-10']],
    ['assignee:none', ['L2 2026-10', 'L2 2026-11', 'L1 2026-10']],
    ['assignee:me', []],
    ['snoozed:no', ['L2 2026-10', 'L2 2026-11', 'L1 2026-10']],
    ['since:>=2026-11-01', ['L2 2026-11']],
    ['due:<3650d', ['L2 2026-10', 'L2 2026-11', 'L1 2026-10']],
    ['due:>3650', []],
    ['l1', ['L1 2026-10']],
    ['"l 1"', []],
    ['%', []],
  ])('are those that %j asks for', async (filter, wanted) => {
    expect(await list(filter)).toEqual(wanted);
    const count = await api.get(`/v1/cases/count?filter=${encodeURIComponent(filter)}`);
    expect(count.json.cases).toBe(wanted.length);
    const csv = await api.get(`/v1/cases?filter=${encodeURIComponent(filter)}`, { accept: 'text/csv' });
    expect(csv.type).toContain('text/csv');
    const rows = csv.text
      .trimEnd()
      .split('\r\n')
      .map((row) => row.split(','));
    expect(rows.slice(1).map((row) => `${row[0]} ${row[3]}`)).toEqual(wanted);
  });

  it('say what is at stake: the price by the minute of what was included', async () => {
    const { json } = await api.get('/v1/cases/count?filter=state:open');
    // 6 and 5 minutes to mobiles at 0.09, 5 to Paris at 0.02.
    expect(json).toEqual({ v: 1, currency: 'EUR', cases: 3, atStakeCalls: 16, atStake: '1.090000' });
  });

  it.each([
    ['stat:open', 'filter-word-unknown', 'state, period, condition'],
    ['condition:nonsense', 'filter-value-unusable', 'distinct-numbers'],
    ['state:open,closed', 'filter-value-unusable', 'open, decided, withdrawn, all'],
    ['money:lots', 'filter-value-unusable', '>50'],
    ['money:', 'filter-value-unusable', '>50'],
    ['period:2026-13', 'filter-value-unusable', '2026-11'],
    ['due:soon', 'filter-value-unusable', '<3d'],
    ['snoozed:maybe', 'filter-value-unusable', `'yes' or 'no'`],
    ['"open', 'filter-quote-open', '"open'],
  ])('name what is wrong with %j', async (filter, code, said) => {
    for (const path of ['/v1/cases', '/v1/cases/count']) {
      const { json, status, type } = await api.get(`${path}?filter=${encodeURIComponent(filter)}`);
      expect([status, json.code]).toEqual([400, code]);
      expect(type).toContain('application/problem+json');
      expect(json.detail).toContain(filter);
      expect(json.detail).toContain(said);
    }
    const csv = await api.get(`/v1/cases?filter=${encodeURIComponent(filter)}`, { accept: 'text/csv' });
    expect(csv.status).toBe(400);
  });

  it('say all that is wrong at once, and refuse ids that there are not', async () => {
    const { json } = await api.get('/v1/cases?filter=stat:x%20money:y');
    expect(json.errors.map(({ code }: Loose) => code)).toEqual(['filter-word-unknown', 'filter-value-unusable']);
    expect((await api.get('/v1/cases?filter=line:L9')).json.code).toBe('line-unknown');
    expect((await api.get('/v1/cases?filter=-account:L9')).json.code).toBe('account-unknown');
  });

  it('come page by page', async () => {
    const seen: string[] = [];
    for (let after = ''; ;) {
      const { json } = await api.get(`/v1/cases?limit=1${after}`);
      seen.push(...json.cases.map(({ line, period }: Loose) => `${line} ${period}`));
      if (json.next === null) break;
      after = `&after=${json.next}`;
    }
    expect(seen).toEqual(['L2 2026-10', 'L2 2026-11', 'L1 2026-10']);
    expect((await api.get('/v1/cases?after=nonsense')).status).toBe(400);
  });

  it('are assigned, noted on and snoozed, and their history shows who did what', async () => {
    expect((await act('L1', { kind: 'assign', assignee: 'me', note: 'mine' })).status).toBe(200);
    expect(await list('assignee:me')).toEqual(['L1 2026-10']);
    expect(await list('assignee:none')).toEqual(['L2 2026-10', 'L2 2026-11']);
    await act('L1', { kind: 'assign', assignee: 'Zoé' });
    expect(await list('assignee:me')).toEqual([]);
    expect(await list('assignee:none,Zoé -line:L2')).toEqual(['L1 2026-10']);
    await act('L1', { kind: 'note', note: 'the customer was told' });
    const until = new Date(Date.now() + 86_400_000).toISOString();
    await act('L1', { kind: 'snooze', until });
    expect(await list('snoozed:yes')).toEqual(['L1 2026-10']);
    expect(await list('snoozed:no')).toEqual(['L2 2026-10', 'L2 2026-11']);
    const { json } = await api.get('/v1/cases/L1/2026-10');
    const by = { by: 'test', at: expect.any(String) };
    expect(json.history.acts).toEqual([
      { kind: 'assign', assignee: 'test', note: 'mine', ...by },
      { kind: 'assign', assignee: 'Zoé', note: '', ...by },
      { kind: 'note', note: 'the customer was told', ...by },
      { kind: 'snooze', until, note: '', ...by },
    ]);
    const [listed] = (await api.get('/v1/cases?filter=line:L1')).json.cases;
    expect(listed).toMatchObject({ assignee: 'Zoé', snoozedUntil: until });
    await act('L1', { kind: 'snooze', until: null });
    await act('L1', { kind: 'assign', assignee: null });
    expect(await list('snoozed:yes')).toEqual([]);
    expect(await list('assignee:none line:L1')).toEqual(['L1 2026-10']);
  });

  it.each([
    [{ kind: 'note', note: ' ' }, 400, 'note-empty'],
    [{ kind: 'snooze', until: '2020-01-01' }, 400, 'snooze-unusable'],
    [{ kind: 'snooze', until: 'tomorrow' }, 400, 'snooze-unusable'],
    [{ kind: 'assign', assignee: '' }, 400, 'person-unknown'],
    [{ kind: 'assign' }, 400, 'invalid-request'],
    [{ kind: 'close' }, 400, 'invalid-request'],
    [{ kind: 'note', note: 'x', more: 1 }, 400, 'invalid-request'],
  ])('refuse the act %j', async (body, status, code) => {
    const answer = await act('L1', body);
    expect([answer.status, answer.json.code]).toEqual([status, code]);
    expect((await act('L3', { kind: 'note', note: 'x' })).json.code).toBe('case-unknown');
  });

  it('show all evidence, and all calls of the month as CSV', async () => {
    const { json } = await api.get('/v1/cases/L2/2026-10');
    expect(json).toMatchObject({ numbersCalled: 6, period: '2026-10', summary: { line: 'L2', atStake: '0.540000' } });
    expect(json.limits).toMatchObject([{ condition: CONDITION, most: 3, crossing: { call: 'L2-2026-10-3' } }]);
    const csv = await api.get('/v1/cases/L2/2026-10', { accept: 'text/csv' });
    const [head, ...rows] = csv.text
      .trimEnd()
      .split('\r\n')
      .map((row) => row.split(','));
    expect(head?.slice(0, 6)).toEqual(['call', 'switch', 'started_at', 'duration_ms', 'number', 'destination']);
    expect(rows.map((row) => row.slice(0, 5))).toEqual(
      Array.from({ length: 6 }, (_, index) => [
        `L2-2026-10-${index}`,
        'sbc',
        `2026-10-0${1 + index}T10:00:00.000Z`,
        '60000',
        `+3361234560${index}`,
      ]),
    );
  });

  it(`show a line's month though it is no case`, async () => {
    const { json } = await api.get('/v1/lines/L3/months/2026-10');
    expect(json).toMatchObject({ line: 'L3', account: 'L3', period: '2026-10', numbersCalled: 2 });
    expect(json.days.map(({ day, calls: count }: Loose) => [day, count])).toEqual([
      ['2026-10-01', 1],
      ['2026-10-02', 1],
    ]);
    expect(json.numbers.map(({ number }: Loose) => number).toSorted()).toEqual(['+33145000000', '+33145000001']);
    expect((await api.get('/v1/lines/L3/months/2026-09')).json.days).toEqual([]);
    expect((await api.get('/v1/lines/L9/months/2026-10')).status).toBe(404);
    expect((await api.get('/v1/cases/L3/2026-10')).json.code).toBe('case-unknown');
  });

  it('are decided as they were previewed, or refused with what came since', async () => {
    const before = await charged();
    const seen = await decide('L2', { decision: 'confirm', dryRun: true });
    expect(seen.json).toMatchObject({ isKept: false, effect: { calls: 6, charge: '0.540000' } });
    expect(seen.json.preview).toEqual({ id: expect.any(String), position: expect.stringMatching(/^\d+:\d+$/) });
    const preview: string = seen.json.preview.id;
    // A call of another line of the ledger moves nothing here; one of this line does.
    await api.ledger.deliver([call('other', '+33145000009', '2026-10-20T10:00:00Z', 'L3')]);
    await api.ledger.deliver([call('late', '+33612345699', '2026-10-20T10:00:00Z', 'L2')]);
    const late = await decide('L2', { decision: 'confirm', preview });
    expect([late.status, late.json.code]).toEqual([409, 'preview-outdated']);
    expect(late.json.values).toEqual({
      calls: '6',
      charge: '0.54',
      callsNow: '7',
      chargeNow: '0.63',
      moreCalls: '+1',
      moreCharge: '+0.09',
      currency: 'EUR',
    });
    expect(await charged()).toBe(before);
    const again = await decide('L2', { decision: 'confirm', dryRun: true });
    const other = await decide('L2', { decision: 'dismiss', preview: again.json.preview.id });
    expect([other.status, other.json.code]).toEqual([400, 'preview-of-another']);
    const cut = await decide('L2', { decision: 'confirm', preview: again.json.preview.id.slice(0, -2) });
    expect([cut.status, cut.json.code]).toEqual([400, 'preview-unreadable']);
    const decided = await decide('L2', { decision: 'confirm', preview: again.json.preview.id });
    expect(decided.json).toMatchObject({ isKept: true, effect: again.json.effect });
    expect(decided.json.effectiveAt).toBe(again.json.effectiveAt);
    expect([before, await charged()]).toEqual(['0.000000', '0.630000']);
    expect(await list('state:decided')).toEqual(['L2 2026-10']);
    const filter = encodeURIComponent('line:L1,L2');
    const csv = await api.get(`/v1/cases?filter=${filter}&charged=true`, { accept: 'text/csv' });
    const rows = csv.text.trimEnd().split('\r\n');
    // Where something is at stake nothing is added up.
    expect(rows.map((row) => row.split(',').slice(-2))).toEqual([
      ['charged_calls', 'charged'],
      ['', ''],
      ['', ''],
      ['7', '0.630000'],
    ]);
    const plain = await api.get(`/v1/cases?filter=${filter}`, { accept: 'text/csv' });
    expect(plain.text.split('\r\n')[0]).toMatch(/,snoozed_until$/);
  });

  it('are not decided by a preview that others have decided after, though it would change the same', async () => {
    await decide('L2', { decision: 'dismiss' });
    const seen = await decide('L2', { decision: 'confirm', dryRun: true });
    await decide('L2', { decision: 'confirm' });
    await decide('L2', { decision: 'dismiss' });
    const late = await decide('L2', { decision: 'confirm', preview: seen.json.preview.id });
    expect([late.status, late.json.code]).toEqual([409, 'decided-meanwhile']);
    expect(late.json.values).toMatchObject({ kind: 'dismiss', line: 'L2', period: '2026-10' });
    const again = await decide('L2', { decision: 'confirm', dryRun: true });
    expect((await decide('L2', { decision: 'confirm', preview: again.json.preview.id })).json.isKept).toBe(true);
  });

  it('are asked for by no cursor and no preview that somebody made up', async () => {
    for (const place of [
      [0, 2 ** 31, 1],
      [0, 202_610, 2 ** 40],
      [0, 202_610, -(2 ** 40)],
      [2 ** 60, 1, 1],
    ]) {
      const asked = await api.get(`/v1/cases?after=${cursor(place)}`);
      expect([asked.status, asked.json.code]).toEqual([400, 'cursor-unreadable']);
    }
    const seen = await decide('L2', { decision: 'confirm', dryRun: true });
    const bytes = Buffer.from(seen.json.preview.id as string, 'base64url');
    const content: unknown[] = JSON.parse(bytes.subarray(0, -4).toString());
    const withInstant = (at: unknown) => forged(JSON.stringify(content.with(5, at)));
    expect(forged(JSON.stringify(content))).toBe(seen.json.preview.id);
    const made: readonly (readonly [string, string])[] = [
      [forged('null'), 'preview-unreadable'],
      [forged('no JSON'), 'preview-unreadable'],
      [forged('[1]'), 'preview-unreadable'],
      [withInstant('now'), 'preview-unreadable'],
      [withInstant(1e300), 'preview-unreadable'],
      [withInstant(0), 'effect-too-early'],
      [withInstant(9e15), 'effect-too-late'],
    ];
    for (const [preview, code] of made) {
      const decided = await decide('L2', { decision: 'confirm', preview });
      expect([decided.status, decided.json.code]).toEqual([400, code]);
    }
  });

  it('are undone by a decision that reverses, back to the verdict before, then to none', async () => {
    const undo = (body: object = {}) =>
      api.ask('POST', '/v1/cases/L2/2026-10/undo', { body: { condition: CONDITION, note: 'oops', ...body } });
    await decide('L2', { decision: 'dismiss' });
    expect(await charged()).toBe('0.000000');
    const dry = await undo({ dryRun: true });
    expect(dry.json).toMatchObject({ decision: 'confirm', isKept: false, effect: { calls: 7, charge: '0.630000' } });
    expect((await undo()).json).toMatchObject({ decision: 'confirm', effect: { charge: '0.630000' } });
    expect(await charged()).toBe('0.630000');
    await decide('L1', { decision: 'confirm' });
    const first = await api.ask('POST', '/v1/cases/L1/2026-10/undo', { body: { condition: CONDITION, note: 'no' } });
    expect(first.json).toMatchObject({ decision: 'reopen', isKept: true, effect: { calls: 5, charge: '-0.100000' } });
    expect(await list('state:open')).toEqual(['L2 2026-11', 'L1 2026-10']);
    const { json } = await api.get('/v1/cases/L1/2026-10');
    expect(json.summary.breaches[0]).toMatchObject({ decision: null, status: 'undecided' });
    expect(json.summary.breaches[0].decisions.map(({ kind: of }: Loose) => of)).toEqual(['confirm', 'reopen']);
    expect(json.summary.atStake).toBe('0.100000');
    const nothing = await decide('L1', { decision: 'reopen' });
    expect([nothing.status, nothing.json.code]).toEqual([409, 'nothing-to-undo']);
  });

  it('are decided many at once, where they are as many as was seen', async () => {
    const dismissal = { kind: 'decide', decision: 'dismiss', note: 'known customers' };
    const wrong = await bulk({ filter: 'state:open', count: 3, act: dismissal });
    expect([wrong.status, wrong.json.code, wrong.json.values]).toEqual([
      409,
      'count-differs',
      { expected: '3', cases: '2' },
    ]);
    const confirmation = { kind: 'decide', decision: 'confirm', note: 'x' };
    const dry = await bulk({ filter: 'state:open', count: 2, act: confirmation, dryRun: true });
    expect(dry.json).toMatchObject({ isKept: false, cases: 2, done: 2, calls: 10, charge: '0.550000' });
    expect(await list('state:open')).toEqual(['L2 2026-11', 'L1 2026-10']);
    const noted = await bulk({ filter: 'state:open', count: 2, act: { kind: 'assign', assignee: 'me' } });
    expect(noted.json).toMatchObject({ done: 2, refused: 0 });
    expect(await list('assignee:me')).toEqual(['L2 2026-11', 'L1 2026-10']);
    const keys = [
      { line: 'L1', period: '2026-10' },
      { line: 'L2', period: '2026-10' },
    ];
    const some = await bulk({ cases: keys, count: 2, act: { kind: 'decide', decision: 'reopen', note: 'again' } });
    expect(some.json.results).toEqual([
      {
        line: 'L1',
        period: '2026-10',
        outcome: 'refused',
        calls: 0,
        charge: '0.000000',
        errors: [{ code: 'nothing-to-undo', detail: expect.any(String) }],
      },
      { line: 'L2', period: '2026-10', outcome: 'done', calls: 7, charge: '-0.630000', errors: [] },
    ]);
    const but = (count: number) => ({ filter: 'state:open', except: [keys[0]], count, dryRun: true, act: dismissal });
    expect((await bulk(but(3))).json).toMatchObject({ code: 'count-differs', values: { expected: '3', cases: '2' } });
    const left = await bulk(but(2));
    expect(left.json.results.map(({ line, period }: Loose) => `${line} ${period}`)).toEqual([
      'L2 2026-10',
      'L2 2026-11',
    ]);
    const all = await bulk({ filter: 'state:open', count: 3, act: dismissal });
    expect(all.json).toMatchObject({ isKept: true, cases: 3, done: 3, refused: 0, charge: '0.000000' });
    expect(await list('state:open')).toEqual([]);
    for (const body of [
      { count: 0, act: dismissal },
      { filter: '', cases: keys, count: 2, act: dismissal },
      { cases: keys, except: keys, count: 0, act: dismissal },
    ]) {
      expect((await bulk(body)).status).toBe(400);
    }
  });

  it('of one account are all that a key of that account sees, and decides', async () => {
    const key = await api.keyFor(['cases:read', 'cases:decide', 'numbers:read'], 'L1');
    expect(await list('', key)).toEqual(['L1 2026-10']);
    expect(await list('account:L1 line:L1', key)).toEqual(['L1 2026-10']);
    for (const filter of ['account:L2', 'line:L2']) {
      const answers = await Promise.all([
        api.get(`/v1/cases?filter=${filter}`, { key }),
        api.get(`/v1/cases?filter=${filter}`, { key, accept: 'text/csv' }),
        api.get(`/v1/cases/count?filter=${filter}`, { key }),
        api.ask('POST', '/v1/cases/bulk', { key, body: { filter, count: 0, act: { kind: 'note', note: 'x' } } }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    }
    expect((await api.get('/v1/cases/L2/2026-10', { key })).status).toBe(404);
    expect((await api.get('/v1/lines/L2/months/2026-10', { key })).status).toBe(404);
    expect((await api.get('/v1/cases/L2/2026-10', { key, accept: 'text/csv' })).status).toBe(404);
    const body = { condition: CONDITION, decision: 'confirm', note: 'x' };
    expect((await api.ask('POST', '/v1/cases/L2/2026-10/decisions', { key, body })).status).toBe(404);
    const note = { kind: 'note', note: 'x' };
    expect((await api.ask('POST', '/v1/cases/L2/2026-10/acts', { key, body: note })).status).toBe(404);
    // Of several that are named, what he does not see is refused as what there is not, and the others are done.
    const cases = ['L2', 'L1', 'L9'].map((line) => ({ line, period: '2026-10' }));
    for (const done of [note, { kind: 'decide', decision: 'dismiss', condition: CONDITION, note: 'x' }]) {
      const { json } = await api.ask('POST', '/v1/cases/bulk', { key, body: { cases, count: 3, act: done } });
      expect(json).toMatchObject({ cases: 3, done: 1, refused: 2 });
      expect(json.results.map((each: Loose) => [each.line, each.outcome, each.errors[0]?.code])).toEqual([
        ['L2', 'refused', 'case-unknown'],
        ['L1', 'done', undefined],
        ['L9', 'refused', 'case-unknown'],
      ]);
    }
    const csv = await api.get('/v1/cases?filter=', { key, accept: 'text/csv' });
    expect(csv.text.trimEnd().split('\r\n')).toHaveLength(2);
  });
});
