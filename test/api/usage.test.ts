import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cursorText, readCursorText } from '../../services/billing/feed-cursor.ts';
import { deliveryOf } from '../support/ledger-under-test.ts';
import { DATABASE_KINDS } from '../support/test-database.ts';
import { BARBADOS, MOBILE, PARIS, call } from '../services/small-ledger.ts';
import { ApiUnderTest, type Loose } from './api-under-test.ts';

/** Prices of a minute in the deck of these tests, as they stand in its text. */
const MINUTE = { barbados: '0.400000', paris: '0.000000' };

function idsOf(entries: readonly Loose[]): string[] {
  return entries.map(({ record }) => record.call).toSorted();
}

/** A group of totals; each call lasted a minute. */
function row(group: string, entries: number, charge: string): unknown {
  return { group, currency: 'EUR', entries, billedSeconds: entries * 60, charge };
}

describe.each(DATABASE_KINDS)('the feed of usage, on %s', (kind) => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await ApiUnderTest.open(kind);
    await api.ledger.deliver([
      call('a1', BARBADOS, '2026-11-03T10:00:00Z', 'L1'),
      call('a2', PARIS, '2026-11-03T11:00:00Z', 'L1'),
      call('a3', BARBADOS, '2026-11-03T23:30:00Z', 'L1'),
      call('b1', BARBADOS, '2026-10-04T10:00:00Z', 'L2'),
      call('b2', MOBILE, '2026-11-05T10:00:00Z', 'L2'),
    ]);
  });
  afterAll(() => api.close());

  it('comes page by page, and says when a reader has everything, and as of when', async () => {
    const before = Date.now();
    const seen: Loose[] = [];
    const pages: boolean[] = [];
    let after = '';
    for (;;) {
      const { json, status } = await api.get(`/v1/usage?limit=2${after}`);
      expect(status).toBe(200);
      expect(json.entries.length).toBeLessThanOrEqual(2);
      seen.push(...json.entries);
      pages.push(json.caughtUp);
      expect(Math.abs(Date.parse(json.asOf) - before)).toBeLessThan(60_000);
      after = `&after=${json.next}`;
      if (json.caughtUp) break;
    }
    expect(idsOf(seen)).toEqual(['a1', 'a2', 'a3', 'b1', 'b2']);
    expect(new Set(seen.map(({ bucket, position }) => `${bucket}-${position}`)).size).toBe(5);
    expect(pages.filter(Boolean)).toHaveLength(1);
    const again = await api.get(`/v1/usage?limit=2${after}`);
    expect(again.json).toMatchObject({ entries: [], caughtUp: true });
  });

  it('has every field of an entry, with money as decimal text', async () => {
    const { json } = await api.get('/v1/usage?destination=Barbade&line=L2');
    expect(json.entries).toEqual([
      {
        account: 'L2',
        line: 'L2',
        bucket: expect.any(Number),
        position: 1,
        call: expect.stringMatching(/^[0-9a-f]{16}$/),
        revision: 0,
        kind: 'usage',
        period: '2026-10',
        billedPeriod: '2026-10',
        startedAt: '2026-10-04T10:00:00.000Z',
        durationMs: 60_000,
        called: BARBADOS,
        destination: 'Barbade',
        coverage: 'metered',
        reason: 'not-in-offer',
        billedSeconds: 60,
        charge: MINUTE.barbados,
        meteredPrice: MINUTE.barbados,
        currency: 'EUR',
        rateDeck: expect.stringMatching(/^test@[0-9a-f]{16}$/),
        offer: expect.any(String),
        record: expect.objectContaining({ call: 'b1', to: BARBADOS }),
      },
    ]);
  });

  it('streams as NDJSON, whose last line has the cursor', async () => {
    const { text, type } = await api.get('/v1/usage', { accept: 'application/x-ndjson' });
    expect(type).toContain('application/x-ndjson');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Loose);
    const last = lines.pop();
    expect(last).toEqual({ next: expect.any(String), caughtUp: true, asOf: expect.any(String) });
    expect(idsOf(lines)).toEqual(['a1', 'a2', 'a3', 'b1', 'b2']);
    const rest = await api.get(`/v1/usage?after=${last.next}`, { accept: 'application/x-ndjson' });
    expect(rest.text.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each([
    ['account=L1', ['a1', 'a2', 'a3']],
    ['line=L2', ['b1', 'b2']],
    ['period=2026-11', ['a1', 'a2', 'a3', 'b2']],
    ['billedPeriod=2026-10', ['b1']],
    ['kind=usage', ['a1', 'a2', 'a3', 'b1', 'b2']],
    ['kind=reversal', []],
    ['destination=Barbade', ['a1', 'a3', 'b1']],
    ['destination=Barbade&period=2026-11&account=L1', ['a1', 'a3']],
  ])('lets through what %s asks for, in pages and in totals', async (query, ids) => {
    const seen: Loose[] = [];
    for (let after = ''; ;) {
      const { json } = await api.get(`/v1/usage?${query}&limit=1${after}`);
      seen.push(...json.entries);
      after = `&after=${json.next}`;
      if (json.caughtUp) break;
    }
    expect(idsOf(seen)).toEqual(ids);
    const { json } = await api.get(`/v1/usage/totals?${query}`);
    expect(json.totals.reduce((sum: number, { entries }: Loose) => sum + entries, 0)).toBe(ids.length);
  });

  it('adds up, by kind, and by the civil day, the line or the destination', async () => {
    const { json } = await api.get('/v1/usage/totals?groupBy=day');
    expect(json.totals).toEqual([
      { kind: 'usage', currency: 'EUR', entries: 5, billedSeconds: 300, charge: '1.200000' },
    ]);
    expect(json.timeZone).toBe('Europe/Paris');
    // 23:30 in UTC is the day after in Paris.
    expect(json.groups).toEqual([
      row('2026-10-04', 1, '0.400000'),
      row('2026-11-03', 2, '0.400000'),
      row('2026-11-04', 1, '0.400000'),
      row('2026-11-05', 1, '0.000000'),
    ]);
    const byLine = await api.get('/v1/usage/totals?groupBy=line');
    expect(byLine.json.groups).toEqual([row('L1', 3, '0.800000'), row('L2', 2, '0.400000')]);
    const byDestination = await api.get('/v1/usage/totals?groupBy=destination&period=2026-11');
    expect(byDestination.json.groups.map(({ group, entries }: Loose) => [group, entries])).toEqual([
      ['Barbade', 2],
      ['France Fixe', 1],
      ['France Mobile', 1],
    ]);
  });

  it('refuses a forged cursor, one ahead of it, and one of another ledger', async () => {
    const { json } = await api.get('/v1/usage');
    const cursor: string = json.next;
    const read = readCursorText(cursor)!;
    const forged = `${cursor.slice(0, 30)}${cursor[30] === 'A' ? 'B' : 'A'}${cursor.slice(31)}`;
    const ahead = cursorText({ ...read, positions: read.positions.map((position) => position + 1) });
    const other = cursorText({ ...read, life: '01234567-89ab-4cde-8f01-23456789abcd' });
    const answers: [string, number, string][] = [
      [forged, 400, 'usage-cursor-unreadable'],
      [cursor.slice(0, -1), 400, 'usage-cursor-unreadable'],
      [ahead, 400, 'cursor-ahead'],
      [other, 409, 'cursor-of-another-life'],
    ];
    for (const [text, status, code] of answers) {
      for (const path of ['/v1/usage?after=', '/v1/usage/totals?after=', '/v1/usage/totals?until=']) {
        const answer = await api.get(`${path}${text}`);
        expect([path, answer.status, answer.json.code]).toEqual([path, status, code]);
        expect(answer.type).toContain('application/problem+json');
      }
      const streamed = await api.get(`/v1/usage?after=${text}`, { accept: 'application/x-ndjson' });
      expect(streamed.status).toBe(status);
      const put = await api.ask('PUT', '/v1/consumers/billing', { body: { cursor: text } });
      expect(put.status).toBe(status);
    }
  });

  it('refuses totals between cursors of which the first is beyond the second, in any bucket that is read', async () => {
    const { next } = (await api.get('/v1/usage?limit=100')).json;
    const end = readCursorText(next)!;
    const at = end.positions.findIndex((position) => position > 0);
    const text = (positions: readonly number[]): string => cursorText({ ...end, positions });
    const none = text(end.positions.map(() => 0));
    const crossed = text(end.positions.map((position, bucket) => (bucket === at ? position - 1 : position)));
    for (const until of [none, crossed]) {
      const { status, json } = await api.get(`/v1/usage/totals?after=${next}&until=${until}`);
      expect([status, json.code]).toEqual([400, 'cursors-crossed']);
    }
    for (const [after, until] of [
      [next, next],
      [none, none],
      [crossed, next],
    ]) {
      expect((await api.get(`/v1/usage/totals?after=${after}&until=${until}`)).status).toBe(200);
    }
  });

  it('names what it does not know', async () => {
    const answer = await api.get('/v1/usage?account=nobody&line=none&destination=Atlantis');
    expect(answer.status).toBe(404);
    expect(answer.json.errors.map(({ code }: Loose) => code)).toEqual([
      'account-unknown',
      'line-unknown',
      'destination-unknown',
    ]);
    const slip = await api.get('/v1/usage?limitt=9');
    expect([slip.status, slip.json.errors[0].pointer]).toEqual([400, '/limitt']);
  });

  it('shows a key of one account its own entries alone', async () => {
    const key = await api.keyFor(['usage:read', 'numbers:read'], 'L1');
    for (const query of ['', '?account=L1', '?line=L1']) {
      const { json } = await api.get(`/v1/usage${query}`, { key });
      expect(idsOf(json.entries)).toEqual(['a1', 'a2', 'a3']);
    }
    for (const query of ['?account=L2', '?line=L2', '?account=L1&line=L2']) {
      for (const path of ['/v1/usage', '/v1/usage/totals']) {
        expect((await api.get(`${path}${query}`, { key })).status).toBe(404);
      }
    }
    expect((await api.get('/v1/usage/totals', { key })).json.totals[0].entries).toBe(3);
    expect((await api.get('/v1/calls/b1', { key })).status).toBe(404);
    expect((await api.get('/v1/calls/b1?account=L2', { key })).status).toBe(404);
    expect((await api.get('/v1/calls/a1', { key })).json.calls).toHaveLength(1);
    expect((await api.get('/v1/consumers', { key })).status).toBe(404);
  });

  it('explains a call, with its records and entries', async () => {
    await api.ledger.deliver([call('lost', BARBADOS, '2026-11-06T10:00:00Z', 'nobody')]);
    const { json } = await api.get('/v1/calls/a1?account=L1&period=2026-11');
    expect(json).toMatchObject({ v: 1, call: 'a1', quarantine: [] });
    expect(json.calls).toEqual([
      expect.objectContaining({
        account: 'L1',
        charge: MINUTE.barbados,
        number: expect.objectContaining({ dialled: BARBADOS, called: BARBADOS }),
        entries: [expect.objectContaining({ kind: 'usage', revision: 0, charge: MINUTE.barbados })],
        record: expect.objectContaining({ call: 'a1' }),
      }),
    ]);
    const waiting = await api.get('/v1/calls/lost');
    expect(waiting.json.calls).toEqual([]);
    expect(waiting.json.quarantine[0]).toMatchObject({ state: 'waiting', reason: 'unknown-line' });
    expect((await api.get('/v1/calls/never')).json.code).toBe('call-unknown');
  });

  it('keeps how far a consumer says that it is, and shows how far behind', async () => {
    const { json: page } = await api.get('/v1/usage?limit=2');
    const body = { cursor: page.next };
    const { json } = await api.ask('PUT', '/v1/consumers/billing', { body });
    const [{ all } = { all: 0 }] = await api.db.query<{ all: number }>('select count(*)::int as all from entry');
    expect(json).toMatchObject({ name: 'billing', cursor: page.next, lag: all - 2 });
    const { json: end } = await api.get('/v1/usage');
    await api.ask('PUT', '/v1/consumers/billing', { body: { cursor: end.next } });
    expect((await api.get('/v1/consumers')).json.consumers).toMatchObject([{ name: 'billing', lag: 0 }]);
    await api.ledger.deliver([call('more', PARIS, '2026-11-07T10:00:00Z', 'L3')]);
    expect((await api.get('/v1/consumers')).json.consumers).toMatchObject([{ name: 'billing', lag: 1 }]);
    expect((await api.ask('PUT', '/v1/consumers/a%20b', { body })).status).toBe(400);
  });

  it('forgets a consumer that reads no more', async () => {
    const { json: page } = await api.get('/v1/usage?limit=2');
    await api.ask('PUT', '/v1/consumers/gone', { body: { cursor: page.next } });
    expect((await api.ask('DELETE', '/v1/consumers/gone')).json).toMatchObject({ name: 'gone', cursor: page.next });
    const { json } = await api.get('/v1/consumers');
    expect(json.consumers.map(({ name }: { name: string }) => name)).not.toContain('gone');
    const again = await api.ask('DELETE', '/v1/consumers/gone');
    expect([again.status, again.json.code]).toEqual([404, 'consumer-unknown']);
  });

  it('skips and repeats nothing while others write', async () => {
    const { json: start } = await api.get('/v1/usage');
    const writers = [api.ledger.otherEngine(), api.ledger.otherEngine()];
    let areDone = false;
    const written = Promise.all(
      writers.map(async (engine, writer) => {
        let position = 0;
        for (let batch = 0; batch < 12; batch++) {
          const texts = Array.from({ length: 6 }, (_, index) =>
            call(
              `w${writer}-${batch}-${index}`,
              PARIS,
              `2026-11-1${batch % 9}T10:0${index}:00Z`,
              `L${1 + (index % 3)}`,
            ),
          );
          const delivery = deliveryOf(texts, position, `writer-${writer}`);
          position = delivery.to;
          await engine.take(delivery);
        }
      }),
    ).then(() => {
      areDone = true;
    });
    const seen: string[] = [];
    let after: string = start.next;
    for (;;) {
      // Asked before the page is: what is read after it has everything.
      const isLast = areDone;
      const { json } = await api.get(`/v1/usage?limit=5&after=${after}`);
      seen.push(...json.entries.map(({ record }: Loose) => record.call));
      after = json.next;
      if (isLast && json.caughtUp) break;
    }
    await written;
    const wanted = [0, 1].flatMap((writer) =>
      Array.from({ length: 72 }, (_, n) => `w${writer}-${Math.floor(n / 6)}-${n % 6}`),
    );
    expect(seen.toSorted()).toEqual(wanted.toSorted());
    const { json: totals } = await api.get(`/v1/usage/totals?after=${start.next}&until=${after}`);
    expect(totals.totals).toMatchObject([{ kind: 'usage', entries: 144 }]);
  });
});
