import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCOPES } from '../../services/index.ts';
import { smallForfaitInReview } from '../rules/offers-for-test.ts';
import { deckOf } from '../services/small-ledger.ts';
import { deliveryOf } from '../support/ledger-under-test.ts';
import { DATABASE_KINDS } from '../support/test-database.ts';
import { maskText } from '../../api/masking.ts';
import { type Answer, ApiUnderTest, type Loose } from './api-under-test.ts';

/** Numbers of this ledger, as they stand in its records and facts. No answer may have one of them whole. */
const CALLED = ['33612345601', '33612345602', '33612345603', '33612345604', '33612345605'];
const CALLER = '33140000001';
const FORWARDER = '33199887766';
const NOTED = '33788990011';
const LOST = '33633221100';
const IN_BYTES = '33655443322';
const ALL = [...CALLED, CALLER, FORWARDER, NOTED, LOST, IN_BYTES];

function record(id: string, to: string, more: object = {}): string {
  const answered = `2026-10-0${1 + (id.length % 9)}T10:00:00Z`;
  return JSON.stringify({ v: 1, switch: 'sbc', call: id, line: 'L1', to, answered, durationMs: 60_000, ...more });
}

/** Requests for each route: a route that is new must be named here. */
const REQUESTS: Readonly<Record<string, readonly (readonly [path: string, body?: unknown, accept?: string])[]>> = {
  'GET /healthz': [['/healthz']],
  'GET /readyz': [['/readyz']],
  'GET /v1/usage': [['/v1/usage'], ['/v1/usage', undefined, 'application/x-ndjson'], [`/v1/usage?line=%2B${NOTED}`]],
  'GET /v1/usage/totals': [['/v1/usage/totals?groupBy=line'], [`/v1/usage/totals?destination=${NOTED}`]],
  'GET /v1/calls/{call}': [['/v1/calls/c0'], ['/v1/calls/lost'], [`/v1/calls/${NOTED}`], [`/v1/calls/id-${LOST}`]],
  'GET /v1/consumers': [['/v1/consumers']],
  'PUT /v1/consumers/{name}': [[`/v1/consumers/${NOTED}`, { cursor: `AA${NOTED}` }]],
  'DELETE /v1/consumers/{name}': [[`/v1/consumers/${NOTED}`]],
  'GET /v1/cases': [
    ['/v1/cases?filter='],
    ['/v1/cases?filter=', undefined, 'text/csv'],
    [`/v1/cases?filter=money:${NOTED}x`],
  ],
  'GET /v1/cases/count': [['/v1/cases/count'], [`/v1/cases/count?filter=x${NOTED}:1`]],
  'GET /v1/cases/{line}/{period}': [
    ['/v1/cases/L1/2026-10?numbers=100&everywhere=true'],
    ['/v1/cases/L1/2026-10', undefined, 'text/csv'],
    [`/v1/cases/%2B${NOTED}/2026-10`],
  ],
  'GET /v1/cases/{line}/{period}/pattern': [
    ['/v1/cases/L1/2026-10/pattern'],
    [`/v1/cases/%2B${NOTED}/2026-10/pattern`],
    [`/v1/cases/L1/${NOTED}/pattern`],
  ],
  'PUT /v1/cases/{line}/{period}/presence': [
    ['/v1/cases/L1/2026-10/presence', {}],
    [`/v1/cases/%2B${NOTED}/2026-10/presence`, {}],
  ],
  'GET /v1/me': [['/v1/me']],
  'GET /v1/lines/{line}/months/{period}': [
    ['/v1/lines/L1/months/2026-10?numbers=100'],
    ['/v1/lines/L1/months/2026-10', undefined, 'text/csv'],
  ],
  'POST /v1/cases/{line}/{period}/decisions': [
    [
      '/v1/cases/L1/2026-10/decisions',
      { condition: 'distinct-numbers', decision: 'confirm', note: `told +${NOTED}`, dryRun: true },
    ],
    ['/v1/cases/L1/2026-10/decisions', { condition: `x+${NOTED}`, decision: 'confirm', note: '' }],
  ],
  'POST /v1/cases/{line}/{period}/undo': [
    ['/v1/cases/L1/2026-10/undo', { condition: `+${NOTED}`, note: `+${NOTED}`, dryRun: true }],
  ],
  'POST /v1/cases/{line}/{period}/acts': [
    ['/v1/cases/L1/2026-10/acts', { kind: 'note', note: `he answers at +33 7 88 99 00 11` }],
    ['/v1/cases/L1/2026-10/acts', { kind: 'snooze', until: `+${NOTED}` }],
    ['/v1/cases/L1/2026-10', undefined],
  ],
  'POST /v1/cases/bulk': [
    ['/v1/cases/bulk', { filter: '', count: 99, act: { kind: 'note', note: `+${NOTED}` } }],
    ['/v1/cases/bulk', { filter: `line:+${NOTED}`, count: 1, act: { kind: 'note', note: 'x' } }],
  ],
  'GET /v1/views': [['/v1/views']],
  'POST /v1/views': [
    ['/v1/views', { name: `he of +${NOTED}`, filter: `line:+${NOTED}`, isShared: true }],
    ['/v1/views', { name: 'x', filter: `x+${NOTED}:1` }],
    ['/v1/views'],
  ],
  'DELETE /v1/views/{no}': [[`/v1/views/${NOTED}`]],
  'GET /v1/quarantine': [['/v1/quarantine?limit=100'], [`/v1/quarantine?reason=${NOTED}`]],
  'GET /v1/quarantine/{no}': [['/v1/quarantine/1'], ['/v1/quarantine/2'], ['/v1/quarantine/3']],
  'POST /v1/quarantine/accept': [['/v1/quarantine/accept', { records: [99], note: `+${NOTED}` }]],
  'POST /v1/quarantine/write-off': [['/v1/quarantine/write-off', { records: [99], note: `+${NOTED}` }]],
  'POST /v1/quarantine/reopen': [['/v1/quarantine/reopen', { records: [99], note: `+${NOTED}` }]],
  'POST /v1/quarantine/replay': [['/v1/quarantine/replay', {}]],
  'GET /v1/numbering': [['/v1/numbering']],
  'POST /v1/numbering/repairs': [
    [
      '/v1/numbering/repairs',
      { repair: { kind: 'dialled', switch: `+${NOTED}`, prefix: '', replacement: '+33' }, note: `+${NOTED}` },
    ],
    [
      '/v1/numbering/repairs',
      { repair: { kind: 'prefix', prefix: NOTED, length: 11, destination: `+${NOTED}` }, note: '', dryRun: true },
    ],
    ['/v1/numbering'],
  ],
  'GET /v1/decks': [['/v1/decks']],
  'POST /v1/decks': [['/v1/decks', { name: `+${NOTED}`, text: `x+${NOTED}` }]],
  'POST /v1/decks/compare': [['/v1/decks/compare', { before: { deck: 'test' }, after: { text: deckOf('next') } }]],
  'POST /v1/offers/compare': [
    ['/v1/offers/compare', { before: { offer: 'full-illimite' }, after: { text: `{"id":"+${NOTED}"}` } }],
    ['/v1/offers/compare', { before: { offer: `+${NOTED}` }, after: { offer: 'full-illimite' } }],
  ],
  'GET /v1/offers': [['/v1/offers']],
  'POST /v1/offers': [['/v1/offers', { name: `+${NOTED}`, text: `{"id":"+${NOTED}"}` }]],
  'GET /v1/reports/{period}': [['/v1/reports/2026-10'], ['/v1/reports/2026-10?asOf=2026-11-01']],
  'GET /v1/periods': [['/v1/periods']],
  'POST /v1/periods/{period}/moves': [['/v1/periods/2026-10/moves', { to: 'open', note: `+${NOTED}` }]],
  'GET /v1/accounts': [['/v1/accounts?limit=100']],
  'GET /v1/accounts/{account}': [['/v1/accounts/L1'], [`/v1/accounts/${NOTED}`]],
  'GET /v1/accounts/{account}/history': [['/v1/accounts/L1/history'], [`/v1/accounts/${NOTED}/history`]],
  'PUT /v1/accounts/{account}': [['/v1/accounts/A9', { name: `he of +${NOTED}` }]],
  'GET /v1/lines': [['/v1/lines?limit=100'], [`/v1/lines?number=%2B${CALLER}`]],
  'GET /v1/lines/{line}': [['/v1/lines/L1'], [`/v1/lines/${NOTED}`]],
  'GET /v1/lines/{line}/history': [['/v1/lines/L1/history']],
  'PUT /v1/lines/{line}': [['/v1/lines/N9', { account: `+${NOTED}`, spans: [] }]],
  'POST /v1/lines': [['/v1/lines', { lines: [{ id: `+${NOTED}` }] }]],
  'POST /v1/lines/imports': [['/v1/lines/imports', { accounts: `id,name\n+${NOTED}`, lines: `id\n+${NOTED}` }]],
  'POST /v1/lines/{line}/changes': [['/v1/lines/L1/changes', { from: `+${NOTED}`, offer: null }]],
  'GET /v1/login': [['/v1/login']],
  'POST /v1/login': [['/v1/login', { refresh: `+${NOTED}` }]],
  'GET /v1/quote': [[`/v1/quote?line=L1&number=%2B${CALLED[0]}&at=2026-10-20T10:00:00Z`]],
  'POST /v1/cdrs': [['/v1/cdrs?results=all', [{ v: 1, to: `+${LOST}` }]]],
  'GET /v1/events/{event}': [['/v1/events/1-1'], [`/v1/events/${NOTED}`]],
  'GET /v1/webhooks': [['/v1/webhooks']],
  'POST /v1/webhooks': [['/v1/webhooks', { url: `https://x/${NOTED}`, events: ['case.opened'] }]],
  'PATCH /v1/webhooks/{id}': [[`/v1/webhooks/${NOTED}`, { disabled: true }]],
  'GET /v1/webhooks/{id}/secret': [[`/v1/webhooks/${NOTED}/secret`]],
  'GET /v1/webhooks/{id}/deliveries': [[`/v1/webhooks/${NOTED}/deliveries`]],
  'POST /v1/webhooks/{id}/replays': [[`/v1/webhooks/${NOTED}/replays`, { from: `+${NOTED}`, to: '' }]],
  'POST /v1/webhooks/{id}/rotations': [[`/v1/webhooks/${NOTED}/rotations`, {}]],
  // Last: it has on record all that was asked before.
  'GET /v1/audit': [['/v1/audit?limit=1000'], [`/v1/audit?before=${NOTED}x`]],
  'GET /v1/audit/verify': [['/v1/audit/verify']],
};

function spacedOut(digits: string): string {
  return digits.split('').join('[^A-Za-z0-9]{0,3}');
}

/** The numbers that a text has whole, with whatever stands between their digits. */
function wholeNumbers(text: string): string[] {
  const decoded = text.replaceAll(/[A-Za-z0-9+/]{16,}={0,2}/g, (part) =>
    Buffer.from(part, 'base64').toString('latin1'),
  );
  return ALL.filter((number) => {
    const spaced = new RegExp(spacedOut(number));
    const national = new RegExp(`0${spacedOut(number.slice(2))}`);
    return [text, decoded].some((each) => spaced.test(each) || national.test(each));
  });
}

/** Where a JSON number is no number any more, and what it was: `/v1/cases … called 33612345601`. */
function turnedToText(whole: unknown, hidden: unknown, path: string): string[] {
  if (typeof whole === 'number') return typeof hidden === 'number' ? [] : [`${path} ${whole}`];
  if (typeof whole !== 'object' || whole === null) return [];
  const other = (hidden ?? {}) as Loose;
  return Object.entries(whole).flatMap(([name, each]) => turnedToText(each, other[name], `${path} ${name}`));
}

describe.each(DATABASE_KINDS)('answers to a key without numbers:read, on %s', (kind) => {
  let api: ApiUnderTest;
  let masked: string;

  beforeAll(async () => {
    api = await ApiUnderTest.open(kind, { offers: [smallForfaitInReview('small')] });
    await api.ledger.deliver([
      ...CALLED.map((number, index) => record(`c${index}`, `+${number}`, { from: `+${CALLER}` })),
      record('lost', `+${LOST}`, { line: `+${FORWARDER}`, transferredBy: `+${FORWARDER}` }),
      record(`id-${LOST}`, 'not 06 33 22 11 00'),
      `{"v":1,"to":"+${LOST}"`,
    ]);
    const unread = deliveryOf([`x`], 0, 'bytes');
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe, 0x00]), Buffer.from(`to=${IN_BYTES}`)]);
    await api.ledger.engine.take(unread);
    await api.db.query(
      `insert into quarantine (source, partition, position, format, reason, detail, record)
       values ('raw', 0, 0, 'canonical-ndjson', 'invalid-utf8', $1, $2)`,
      [`of +${IN_BYTES}`, bytes],
    );
    const { key } = api;
    await api.ask('POST', '/v1/cases/L1/2026-10/decisions', {
      key,
      body: { condition: 'distinct-numbers', decision: 'confirm', note: `+${NOTED} complained` },
    });
    masked = await api.keyFor(SCOPES.filter((scope) => scope !== 'numbers:read'));
  });
  afterAll(() => api.close());

  const askAll = async (key: string): Promise<Map<string, Answer[]>> => {
    const answers = new Map<string, Answer[]>();
    for (const [route, requests] of Object.entries(REQUESTS)) {
      const [method = ''] = route.split(' ');
      for (const [path, body, accept] of requests) {
        const asked = body === undefined ? 'GET' : method;
        const answer = await api.ask(asked, path, { key, body, ...(accept === undefined ? {} : { accept }) });
        answers.set(route, [...(answers.get(route) ?? []), answer]);
      }
    }
    return answers;
  };

  it('are asked for on every route that there is', async () => {
    expect((await api.routes()).toSorted()).toEqual(Object.keys(REQUESTS).toSorted());
  });

  it('have no number of the ledger whole; those to a key with the right have all of them', async () => {
    const seen = new Set<string>();
    const showing = new Set<string>();
    for (const [route, answers] of await askAll(api.key)) {
      for (const { text, status } of answers) {
        expect({ route, status: status < 500 }).toEqual({ route, status: true });
        const whole = wholeNumbers(text);
        for (const number of whole) seen.add(number);
        if (whole.length > 0) showing.add(route);
      }
    }
    expect([...seen].toSorted()).toEqual(ALL.toSorted());
    const shown = ['GET /v1/usage', 'GET /v1/calls/{call}', 'GET /v1/cases/{line}/{period}', 'GET /v1/quarantine'];
    expect([...showing]).toEqual(expect.arrayContaining(shown));
    for (const [route, answers] of await askAll(masked)) {
      for (const { text, status, headers } of answers) {
        expect({
          route,
          status: status < 500,
          whole: wholeNumbers(text),
          headers: wholeNumbers([...headers].join()),
        }).toEqual({ route, status: true, whole: [], headers: [] });
      }
    }
  });

  it('go on from page to page, whatever lines and accounts are called', async () => {
    const full = { account: '33177000001', spans: [{ from: '2026-01-01', usageClass: 'residential' }] };
    for (const id of ['33177000001', '33177000002', 'line-33177000003']) {
      await api.send('PUT', `/v1/accounts/${id}`, { name: '' });
      await api.send('PUT', `/v1/lines/${id}`, full);
    }
    for (const list of ['lines', 'accounts']) {
      const whole = (await api.get(`/v1/${list}?limit=1000`)).json[list];
      const seen: Loose[] = [];
      for (let after = ''; seen.length < whole.length;) {
        const { json, text } = await api.get(`/v1/${list}?limit=1${after}`, { key: masked });
        expect(text).not.toContain('3317700000');
        seen.push(...json[list]);
        if (json.next === null) break;
        after = `&after=${json.next}`;
      }
      expect(seen.map(({ id }) => id)).toEqual(whole.map(({ id }: Loose) => maskText(id)));
      expect((await api.get(`/v1/${list}?after=x`, { key: masked })).json.code).toBe('cursor-unreadable');
    }
  });

  it('come to no question that finds by numbers', async () => {
    const key = masked;
    const filters = ['"33612"', '-456', 'state:open Dupont2', '٣٣'];
    const asked = [
      `/v1/lines?number=%2B${CALLER}`,
      '/v1/audit?subject=336',
      '/v1/audit?subject=2026-110',
      ...filters.map((filter) => `/v1/cases?filter=${encodeURIComponent(filter)}`),
      ...filters.map((filter) => `/v1/cases/count?filter=${encodeURIComponent(filter)}`),
    ];
    for (const path of asked) {
      const { status, json } = await api.get(path, { key });
      expect([path, status, json.code]).toEqual([path, 403, 'forbidden']);
      expect([path, (await api.get(path)).status]).toEqual([path, 200]);
    }
    const act = { kind: 'note', note: 'x' };
    const many = await api.ask('POST', '/v1/cases/bulk', { key, body: { filter: '336', count: 0, act } });
    expect(many.status).toBe(403);
    const may = ['/v1/cases?filter=Dupont line:L1 money:>12', '/v1/audit?subject=2026-11', '/v1/audit?subject=line'];
    for (const path of may) expect([path, (await api.get(path, { key })).status]).toEqual([path, 200]);
  });

  it('have a text in place of a number nowhere but where a telephone number stood', async () => {
    const turned: string[] = [];
    for (const path of [
      '/v1/cases/L1/2026-10?numbers=100',
      '/v1/cases/L1/2026-10/pattern',
      '/v1/lines/L1/months/2026-10',
      '/v1/reports/2026-10',
      '/v1/cases?filter=',
      '/v1/quarantine?limit=100',
      '/v1/calls/c0',
      '/v1/usage',
    ]) {
      const { json } = await api.get(path);
      const hidden = await api.get(path, { key: masked });
      turned.push(...turnedToText(json, hidden.json, path));
    }
    expect(turned.filter((each) => !CALLED.some((number) => each.endsWith(` ${number}`)))).toEqual([]);
    expect(turned).not.toEqual([]);
  });

  it('say the same besides: money, counts, cursors and instants', async () => {
    const whole = await api.get('/v1/usage');
    const hidden = await api.get('/v1/usage', { key: masked });
    const { asOf: _, ...page } = whole.json;
    const stars = JSON.parse(
      JSON.stringify(page).replaceAll(/"\+?(\d{7})\d{4}"/g, (text) => `${text.slice(0, -5)}****"`),
    );
    expect(hidden.json).toMatchObject(stars);
    expect((await api.get(`/v1/usage?after=${hidden.json.next}`, { key: masked })).status).toBe(200);
    const lines = await api.get('/v1/usage', { key: masked, accept: 'application/x-ndjson' });
    expect(lines.text.trimEnd().split('\n')).toHaveLength(hidden.json.entries.length + 1);
    const csv = await api.get('/v1/cases/L1/2026-10', { key: masked, accept: 'text/csv' });
    expect(csv.text).toContain('+3361234****');
    expect(csv.text).toContain('0.090000');
    expect(csv.text).toContain('T10:00:00.000Z');
  });
});
