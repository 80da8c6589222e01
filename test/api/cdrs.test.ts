import { readFileSync } from 'node:fs';
import { type Socket, connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSourceCounts } from '../../ledger/index.ts';
import { BARBADOS, MOBILE, PARIS, call, lineOf } from '../services/small-ledger.ts';
import { billedCalls, feedGaps } from '../support/posted-ledger.ts';
import { DATABASE_KINDS } from '../support/test-database.ts';
import { PROJECT_ROOT } from '../support/source-files.ts';
import { type Answer, ApiUnderTest, keyOf } from './api-under-test.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const CSV = { 'content-type': 'text/csv' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe.each(DATABASE_KINDS)('POST /v1/cdrs, on %s', (kind) => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    const numbers = { L1: 33_140_000_001, L2: 33_140_000_002, L000201: 33_140_000_003 };
    api = await ApiUnderTest.open(kind, { lines: Object.entries(numbers).map(([id, number]) => lineOf(id, number)) });
  });
  afterAll(() => api.close());

  const post = (body: unknown, headers: Record<string, string> = {}, query = ''): Promise<Answer> =>
    api.send('POST', `/v1/cdrs${query}`, body, headers);
  const chargeOf = async (id: string): Promise<unknown> =>
    [...(await billedCalls(api.ledger.db))].find(([identity]) => identity.includes(id))?.[1];

  it('takes canonical JSON, one record or an array, on one line or many', async () => {
    const one = await post(JSON.parse(call('json-1', PARIS)));
    expect(one.status).toBe(200);
    expect(one.json).toMatchObject({
      received: 1,
      counts: { rated: 1, duplicate: 0, quarantined: 0 },
      records: [{ index: 0, id: 'json-1', status: 'rated' }],
    });
    const many = [call('json-2', PARIS), call('json-3', MOBILE)].map((text): unknown => JSON.parse(text));
    const array = await post(JSON.stringify(many, null, 2), { 'content-type': 'application/json' });
    expect(array.json).toMatchObject({ counts: { rated: 2 } });
    expect(await chargeOf('json-3')).toBeDefined();
  });

  it('takes NDJSON and CSV, compressed or not', async () => {
    const lines = [call('nd-1', PARIS), call('nd-2', MOBILE)].join('\n');
    expect((await post(lines, NDJSON)).json).toMatchObject({ received: 2, counts: { rated: 2 } });
    const zipped = gzipSync(`${call('nd-3', PARIS)}\n`);
    expect((await post(zipped, { ...NDJSON, 'content-encoding': 'gzip' })).json).toMatchObject({
      counts: { rated: 1 },
    });
    const csv = `v,switch,call,line,to,answered,durationMs\n1,sbc,csv-1,L1,${PARIS},2026-11-03T10:00:00Z,60000\n`;
    expect((await post(csv, CSV)).json).toMatchObject({ records: [{ id: 'csv-1', status: 'rated' }] });
  });

  it('takes what FreeSWITCH posts as it is: JSON and XML, in a form and not', async () => {
    const json = readFileSync(`${PROJECT_ROOT}/test/fixtures/cdr/freeswitch-carrier-leg.json`);
    const posted = await post(`cdr=${encodeURIComponent(json.toString())}`, FORM, '?uuid=a_1');
    expect(posted.json).toMatchObject({ records: [{ status: 'rated' }] });
    const again = await post(json, { 'content-type': 'application/json' }, '?format=freeswitch-json');
    expect(again.json).toMatchObject({ records: [{ status: 'duplicate' }] });
    const xml = readFileSync(`${PROJECT_ROOT}/test/formats/fixtures/freeswitch.xml`).toString().split('</cdr>')[0];
    const asXml = await post(`${xml}</cdr>`, { 'content-type': 'application/xml' });
    expect(asXml.status).toBe(200);
    const inForm = await post(`cdr=${encodeURIComponent(`${xml}</cdr>`)}`, FORM);
    expect(inForm.json).toMatchObject({ records: [{ status: 'duplicate' }] });
  });

  it('says of each record what became of it', async () => {
    const attempt = {
      v: 1,
      switch: 'sbc',
      call: 'mix-2',
      line: 'L1',
      to: PARIS,
      answered: null,
      durationMs: 0,
      kind: 'attempt',
    };
    const body = [
      call('mix-1', BARBADOS),
      JSON.stringify(attempt),
      call('mix-3', PARIS, '2026-11-03T10:00:00Z', 'L9'),
      '{"v":1,',
      call('mix-1', BARBADOS),
      '{"v":1,',
      call('mix-7', PARIS, '2020-01-01T10:00:00Z'),
    ].join('\n');
    const { json: answered } = await post(body, NDJSON);
    expect(answered).toMatchObject({
      received: 7,
      counts: { rated: 1, duplicate: 2, 'not-a-call': 1, quarantined: 3, conflict: 0, superseded: 0 },
      records: [
        { index: 0, id: 'mix-1', status: 'rated' },
        { index: 1, status: 'not-a-call', reason: 'unanswered' },
        { index: 2, id: 'mix-3', status: 'quarantined', reason: 'unknown-line' },
        { index: 3, id: null, status: 'quarantined', reason: 'not-json' },
        { index: 4, id: 'mix-1', status: 'duplicate' },
        { index: 5, id: null, status: 'duplicate' },
        { index: 6, id: 'mix-7', status: 'quarantined', reason: 'start-implausible' },
      ],
    });
    const few = await post(body, NDJSON, '?results=exceptions');
    expect(few.json).toMatchObject({ counts: { rated: 0, duplicate: 6, 'not-a-call': 1 } });
  });

  it('counts what it answered', async () => {
    const before = await countsOf(api);
    const { json: body } = await post([call('n-1', PARIS), call('n-1', PARIS), 'x'].join('\n'), NDJSON);
    expect(body).toMatchObject({ counts: { rated: 1, duplicate: 1, quarantined: 1 } });
    const after = await countsOf(api);
    expect(after['rated']! - before['rated']!).toBe(1);
    expect(after['duplicate']! - (before['duplicate'] ?? 0)).toBe(1);
  });

  it.each(['together', 'apart'])('tells of a conflict with both values, whichever came first, %s', async (how) => {
    const longer = call(`con-${how}`, PARIS).replace('60000', '90000');
    const shorter = call(`con-${how}`, PARIS);
    const answers =
      how === 'together'
        ? ((await post([longer, shorter].join('\n'), NDJSON)).json as { records: unknown[] }).records
        : [...recordsOf(await post(longer, NDJSON)), ...recordsOf(await post(shorter, NDJSON))];
    const later = answers.at(-1);
    expect(later).toMatchObject({
      status: 'conflict',
      billed: 'this',
      differences: [{ field: 'durationMs', sent: 60_000, other: 90_000 }],
    });
    expect(answers[0]).toMatchObject({ status: how === 'together' ? 'conflict' : 'rated' });
    const again = await post(longer, NDJSON);
    expect(recordsOf(again)).toMatchObject([{ status: 'duplicate' }]);
  });

  it('shows a key without that right no number of another record', async () => {
    const key = await keyOf(api.ledger.db, ['cdrs:write']);
    await post(call('con-m', PARIS), NDJSON);
    const other = await post(call('con-m', MOBILE), { ...NDJSON, authorization: `Bearer ${key}` });
    expect(other.text).not.toContain(PARIS);
    const sent = `${MOBILE.slice(0, -4)}****`;
    expect(recordsOf(other)).toMatchObject([{ status: 'conflict', differences: [{ field: 'to', sent }] }]);
  });

  it('takes nothing twice that is posted again, by several at once', async () => {
    const body = Array.from({ length: 50 }, (_, at) => call(`twice-${at}`, PARIS)).join('\n');
    const answers = await Promise.all(Array.from({ length: 4 }, () => post(body, NDJSON)));
    const rated = answers.map(({ json: answered }) => (answered as { counts: { rated: number } }).counts.rated);
    expect(rated.reduce((sum, one) => sum + one)).toBe(50);
    expect(await feedGaps(api.ledger.db)).toEqual([]);
  });

  it('answers the same under an Idempotency-Key, and refuses another body', async () => {
    const headers = { ...NDJSON, 'idempotency-key': 'batch-1' };
    const first = await post(call('idem-1', PARIS), headers);
    const again = await post(call('idem-1', PARIS), headers);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.text).toBe(first.text);
    const other = await post(call('idem-2', PARIS), headers);
    expect(other).toMatchObject({ status: 409, json: { code: 'idempotency-key-reused' } });
    expect(await chargeOf('idem-2')).toBeUndefined();
  });

  it('takes whole batches of a body that is cut, and says how far it came', async () => {
    const lines = Array.from({ length: 5_000 }, (_, at) => call(`cut-${at}`, PARIS, '2026-11-04T10:00:00Z', 'L2'));
    const whole = gzipSync(lines.join('\n'));
    const { status, json: body } = await post(whole.subarray(0, whole.length - 200), NDJSON);
    expect(status).toBe(400);
    const { code, committed } = body as { code: string; committed: { received: number; counts: { rated: number } } };
    expect(code).toBe('cut-request');
    expect(committed.received % 2_000).toBe(0);
    expect(committed.received).toBeGreaterThan(0);
    expect(committed.counts.rated).toBe(committed.received);
    const rest = await post(lines.join('\n'), NDJSON, '?results=exceptions');
    expect(rest.json).toMatchObject({ received: 5_000, counts: { duplicate: committed.received } });
  });

  it('says so, too, where the sender hangs up on his way', async () => {
    const lines = Array.from({ length: 4_500 }, (_, at) => call(`hung-${at}`, PARIS, '2026-11-05T10:00:00Z', 'L2'));
    const body = `${lines.join('\n')}\n`;
    const head = `POST /v1/cdrs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.key}\r\ncontent-type: application/x-ndjson\r\n`;
    const { hostname, port } = new URL(api.origin);
    const socket = connect(Number(port), hostname);
    const answer = textOf(socket);
    socket.write(`${head}content-length: ${body.length + 10_000}\r\n\r\n${body}`);
    socket.end();
    const text = await answer;
    expect(text).toMatch(/^HTTP\/1.1 400 /);
    expect(text).toContain('"code":"cut-request"');
    expect(text).toContain('"committed":{"received":4000,');
  });

  it.each([
    ['a field that nobody knows', '?colour=red', NDJSON, 400, 'invalid-request'],
    ['a format that is none', '?format=tap3', NDJSON, 400, 'invalid-request'],
    ['a setting that its format has no use for', '?format=canonical-csv&trunk=x', CSV, 400, 'invalid-request'],
    ['a file of ours', '?mapping=/etc/passwd', NDJSON, 400, 'invalid-request'],
    ['another media type', '', { 'content-type': 'image/png' }, 415, 'unsupported-media-type'],
    ['another encoding', '', { ...NDJSON, 'content-encoding': 'br' }, 415, 'unsupported-media-type'],
  ] as const)('refuses %s', async (_what, query, headers, status, code) => {
    expect(await post(call('no', PARIS), headers, query)).toMatchObject({ status, json: { code } });
  });

  it('refuses nobody, another scope, and a key of one account', async () => {
    const reader = await keyOf(api.ledger.db, ['usage:read']);
    const ofOne = await keyOf(api.ledger.db, ['cdrs:write'], 'L1');
    const answers = await Promise.all(
      ['x', reader, ofOne].map((key) => post(call('who', PARIS), { ...NDJSON, authorization: `Bearer ${key}` })),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 403, 403]);
  });

  it('holds a line without end, and a body that blows up, to their limits', async () => {
    const endless = gzipSync(Buffer.alloc(40_000_000, 'x'));
    const long = await post(endless, NDJSON);
    expect(recordsOf(long)).toMatchObject([{ status: 'quarantined', reason: 'too-long' }]);
    const bomb = gzipSync(Buffer.alloc(300_000_000, 'x'));
    expect(await post(bomb, NDJSON)).toMatchObject({ status: 413, json: { code: 'too-large' } });
  });
});

function recordsOf({ json: body }: Answer): readonly unknown[] {
  return (body as { records: unknown[] }).records;
}

async function countsOf({ ledger }: ApiUnderTest): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { source, outcome, records } of await readSourceCounts(ledger.db)) {
    if (source.startsWith('http:')) counts[outcome] = (counts[outcome] ?? 0) + records;
  }
  return counts;
}

async function textOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
