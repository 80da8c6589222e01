import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { atMostBetween } from '../../api/ledger-metrics.ts';
import { call } from '../services/small-ledger.ts';
import { type RunningApi, runningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await runningApi({ measuredEveryMs: 0 });
});
afterAll(() => api.close());

async function metrics(): Promise<string> {
  const answer = await fetch(`${api.url}/metrics`, { headers: { authorization: `Bearer ${api.key}` } });
  expect(answer.status).toBe(200);
  return answer.text();
}

/** The value of a sample, by its name with labels. */
function sample(text: string, name: string): number | null {
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? null : Number(line.slice(name.length + 1));
}

function count(route: string): string {
  return `fairtally_http_request_seconds_count{method="GET",route="${route}",status="404"}`;
}

describe('/metrics', () => {
  it('is for who may see it', async () => {
    expect((await fetch(`${api.url}/metrics`)).status).toBe(401);
    const key = await api.makeKey(['metrics:read']);
    const answer = await fetch(`${api.url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
  });

  it('counts entries by coverage, what waits, cases and what is at stake', async () => {
    await metrics();
    const numbers = Array.from({ length: 160 }, (_, index) => `+3361234${String(index).padStart(4, '0')}`);
    await api.ledger.deliver([...numbers.map((number, index) => call(`c${index}`, number)), '{"v":1}']);
    const text = await metrics();
    const included = sample(text, 'fairtally_entries_total{coverage="included"}') ?? 0;
    const metered = sample(text, 'fairtally_entries_total{coverage="metered"}') ?? 0;
    const [totals] = await api.ledger.db.query<{ entries: number }>('select count(*)::float8 as entries from entry');
    expect(included + metered).toBe(totals!.entries);
    const waiting = text.split('\n').filter((line) => line.startsWith('fairtally_quarantine_waiting{'));
    expect(waiting).toHaveLength(1);
    expect(sample(text, 'fairtally_cases_open')).toBe(1);
    expect(sample(text, 'fairtally_money_at_stake')).toBeGreaterThanOrEqual(0);
    // Nothing is counted twice.
    expect(sample(await metrics(), 'fairtally_entries_total{coverage="included"}')).toBe(included);
  });

  it('says how far readers of the feed are behind, and when they last said so', async () => {
    const ask = (path: string, method = 'GET', body?: unknown): Promise<Response> =>
      fetch(`${api.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${api.key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const { next } = (await (await ask('/v1/usage')).json()) as { next: string };
    await ask('/v1/consumers/billing', 'PUT', { cursor: next });
    await api.ledger.deliver([call('late', '+33612340000')]);
    const text = await metrics();
    expect(sample(text, 'fairtally_reader_lag_entries{reader="billing"}')).toBeGreaterThan(0);
    expect(sample(text, 'fairtally_reader_report_age_seconds{reader="billing"}')).toBeLessThan(60);
    expect(sample(text, 'fairtally_reader_of_another_ledger{reader="billing"}')).toBe(0);
    await api.ledger.db.query(`update feed_consumer set life = gen_random_uuid(), reported_at = now() - interval '1h'`);
    const restored = await metrics();
    expect(sample(restored, 'fairtally_reader_lag_entries{reader="billing"}')).toBeNull();
    expect(sample(restored, 'fairtally_reader_report_age_seconds{reader="billing"}')).toBeGreaterThan(3_599);
    expect(sample(restored, 'fairtally_reader_of_another_ledger{reader="billing"}')).toBe(1);
    await ask('/v1/consumers/billing', 'DELETE');
    expect(await metrics()).not.toContain('"billing"');
  });

  it('says for how long records wait, where holes are, and which month is not closed', async () => {
    await api.ledger.deliver(['{"v":1}']);
    const before = await metrics();
    expect(before).toMatch(/^fairtally_quarantine_oldest_seconds\{reason="[\w-]+"\} \d/m);
    const holes = sample(before, 'fairtally_holes_open') ?? Number.NaN;
    expect(sample(before, 'fairtally_month_unclosed_seconds')).toBe(0);
    await api.ledger.db.exec(
      `insert into source_position (source, position, begins_at, taken) values ('kafka:lost', 10, 0, 7);
       insert into period_move (period, state, moved_by, note, moved_at) values (202001, 'closed', 'ana', 'x', now())`,
    );
    const after = await metrics();
    expect(sample(after, 'fairtally_holes_open')).toBe(holes + 1);
    // February 2020 is the next.
    const since = (Date.now() - Date.UTC(2020, 1, 29, 23)) / 1000;
    expect(Math.abs((sample(after, 'fairtally_month_unclosed_seconds') ?? 0) - since)).toBeLessThan(60);
  });

  it('asks the ledger no more often than every few seconds', async () => {
    const seldom = await runningApi();
    const read = async (): Promise<string> =>
      (await fetch(`${seldom.url}/metrics`, { headers: { authorization: `Bearer ${seldom.key}` } })).text();
    await read();
    await seldom.ledger.deliver([call('unseen', '+33612340000')]);
    expect(sample(await read(), 'fairtally_entries_total{coverage="included"}')).toBe(0);
    await seldom.close();
  });

  it('counts what came while nobody asked bit by bit, and a bucket that went back from there', () => {
    expect(atMostBetween([0, 5, 9], [100, 7, 3], 50)).toEqual([50, 5, 3]);
    expect(atMostBetween([50, 5, 3], [100, 7, 3], 51)).toEqual([100, 6, 3]);
  });

  it('counts requests by route, and never says what was asked', async () => {
    const headers = { authorization: `Bearer ${api.key}` };
    await fetch(`${api.url}/v1/cases/33612345678/2026-11`, { headers });
    await fetch(`${api.url}/33612345678`, { headers });
    const text = await metrics();
    expect(sample(text, count('/v1/cases/:line/:period'))).toBe(1);
    expect(sample(text, count('none'))).toBe(1);
    expect(text).not.toContain('33612345678');
  });
});

describe('the log', () => {
  it('has a line for what failed, with the id that the answer had, the route and the key', async () => {
    const answer = await fetch(`${api.url}/v1/cases/33612345678/2026-11`, {
      headers: { authorization: `Bearer ${api.key}`, 'x-request-id': 'mine' },
    });
    const id = answer.headers.get('x-request-id');
    expect(id).not.toBe('mine');
    const lines = api.log.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.find(({ reqId }) => reqId === id)).toMatchObject({
      msg: 'request',
      method: 'GET',
      route: '/v1/cases/:line/:period',
      status: 404,
      keyId: api.key.slice(3, 15),
    });
    expect(api.log.join('')).not.toContain('33612345678');
  });
});

describe('traces', () => {
  it('go to the collector by OTLP, within the trace that the caller began, and name no number', async () => {
    const came: { readonly headers: IncomingHttpHeaders; readonly url: string; readonly body: string }[] = [];
    const collector = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        came.push({ headers: request.headers, url: request.url ?? '', body });
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => void collector.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/`;
    const traces = { endpoint, headers: { 'x-tenant': 't' }, service: 'fairtally', version: '1' };
    const traced = await runningApi({ traces });
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const ask = (flags: string): Promise<Response> =>
      fetch(`${traced.url}/v1/cases/33612345678/2026-11`, {
        headers: { authorization: `Bearer ${traced.key}`, traceparent: `00-${traceId}-00f067aa0ba902b7-${flags}` },
      });
    await ask('01');
    // Who began the trace does not want it kept.
    await ask('00');
    await traced.close();
    collector.close();
    expect(came).toHaveLength(1);
    const [{ headers, url, body }] = came as [(typeof came)[number]];
    expect([url, headers['content-type'], headers['x-tenant']]).toEqual(['/v1/traces', 'application/json', 't']);
    expect(body).not.toContain('33612345678');
    const { resourceSpans } = JSON.parse(body) as {
      resourceSpans: { scopeSpans: { spans: Record<string, string>[] }[] }[];
    };
    const { spans } = resourceSpans[0]!.scopeSpans[0]!;
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({
      traceId,
      parentSpanId: '00f067aa0ba902b7',
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      name: 'GET /v1/cases/:line/:period',
      kind: 2,
    });
    const { startTimeUnixNano, endTimeUnixNano } = spans[0]!;
    expect(BigInt(endTimeUnixNano!) >= BigInt(startTimeUnixNano!)).toBe(true);
  });
});

describe('/healthz and /readyz', () => {
  it('are open to anyone', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const answer = await fetch(`${api.url}${path}`);
      expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
    }
  });
});
