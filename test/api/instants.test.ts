import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lineOf } from '../services/small-ledger.ts';
import { ApiUnderTest } from './api-under-test.ts';
import type { Json } from './narrowings.ts';
import { operationsOf } from './requests.ts';

/** Every place of a request where an instant is said, and a request that says it there. */
const PLACES: Readonly<Record<string, (instant: string, api: Placed) => readonly [string, string, object?]>> = {
  'quote.at': (instant) => ['GET', `/v1/quote?line=L1&number=%2B33612345678&at=${encodeURIComponent(instant)}`],
  'changes.from': (from) => ['POST', '/v1/lines/L1/changes', { from, mobility: 'off' }],
  'lines.spans.from': (from) => [
    'PUT',
    '/v1/lines/L2',
    { account: 'L2', spans: [{ from, usageClass: 'business', offer: null }] },
  ],
  'undo.undoes': (undoes) => ['POST', '/v1/cases/L1/2026-10/undo', { condition: 'equipment', note: 'x', undoes }],
  'decisions.at': (instant) => [
    'POST',
    '/v1/cases/L1/2026-11/decisions',
    { condition: 'equipment', decision: 'reinstate', note: 'x', at: instant },
  ],
  'replays.from': (from, { hook }) => ['POST', `/v1/webhooks/${hook}/replays`, { from, to: '2026-12-01' }],
  'replays.to': (to, { hook }) => ['POST', `/v1/webhooks/${hook}/replays`, { from: '2026-01-01', to }],
  'reports.asOf': (instant) => ['GET', `/v1/reports/2026-11?asOf=${encodeURIComponent(instant)}`],
  'compare.at': (instant) => [
    'POST',
    '/v1/decks/compare',
    { before: { deck: 'test' }, after: { deck: 'test' }, at: instant },
  ],
  'filter.since': (instant) => ['GET', `/v1/cases?filter=${encodeURIComponent(`since:>=${instant}`)}`],
};

interface Placed {
  readonly hook: string;
}

const INSTANTS = ['2026-11-03', '2026-11-03T10:00:00+01:00', '2026-11-03T09:00:00Z', '2026-11-03T09:00:00.000Z'];
const NO_INSTANTS = ['2026-02-30', '2026-02-30T00:00:00.000Z', '2026-11-03T10:00:00', '2026-11-03T24:30:00Z', 'x1'];

describe('an instant in a request', () => {
  let api: ApiUnderTest;
  let placed: Placed;
  beforeAll(async () => {
    const lines = [lineOf('L1', 33_140_000_001), lineOf('L2', 33_140_000_002)];
    const webhooks = { master: Buffer.alloc(32, 1), allowsPrivate: false, version: 'test' };
    api = await ApiUnderTest.open('postgres', { lines, webhooks });
    const hook = { url: 'https://1.1.1.1/bell', events: ['case.opened'] };
    placed = { hook: (await api.send('POST', '/v1/webhooks', hook)).json.id };
  });
  afterAll(() => api.close());

  /** Whether what was refused, if anything was, is the instant. */
  const isRefused = async (place: string, instant: string): Promise<boolean> => {
    const [method, path, body] = PLACES[place]!(instant, placed);
    const { status, json } = await api.send(method, path, body);
    expect(status, `${place} ${instant} ${JSON.stringify(json)}`).toBeLessThan(500);
    if (status !== 400) return false;
    return JSON.stringify(json).includes(`'${instant}`) || JSON.stringify(json).includes(`=${instant}`);
  };

  it.each(Object.keys(PLACES))('may be a day, or any notation with an offset: %s', async (place) => {
    for (const instant of INSTANTS) expect([instant, await isRefused(place, instant)]).toEqual([instant, false]);
  });

  it.each(Object.keys(PLACES))('is refused by its value where there is no such day or time: %s', async (place) => {
    for (const instant of NO_INSTANTS) {
      expect([instant, await isRefused(place, instant)]).toEqual([instant, true]);
    }
  });

  it('is asked for in no route as answers write it: that notation is for what comes out', async () => {
    const document = (await api.get('/openapi.json')).json as Json;
    const operations = operationsOf(document);
    expect(operations.length).toBeGreaterThan(40);
    const narrow = operations.filter(({ parameters, bodies }) => {
      const asked = JSON.stringify([parameters, bodies]);
      return asked.includes(String.raw`\\.\\d{3}Z`) || /"type":"string","format":"date-time"/.test(asked);
    });
    expect(narrow.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });

  it('that ends a span before it begins is refused at its field', async () => {
    const path = `/v1/webhooks/${placed.hook}/replays`;
    const { status, json } = await api.send('POST', path, { from: '2026-11-04', to: '2026-11-03' });
    expect([status, json.errors[0].pointer]).toEqual([400, '/to']);
  });
});
