import { readFileSync } from 'node:fs';
import { type Socket, connect } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DEFAULT_START_WINDOW, receiptAt } from '../../engine/index.ts';
import { PostSource, takePost } from '../../ingest/index.ts';
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
    const ever = { from: 0, to: Infinity };
    const phone = { devices: [{ ...ever, userAgent: 'Yealink*' }], networks: [{ ...ever, cidr: '192.0.2.0/24' }] };
    const lines = Object.entries(numbers).map(([id, number]) => lineOf(id, number));
    api = await ApiUnderTest.open(kind, { lines: [...lines, { ...lineOf('LR', 33_140_000_004), ...phone }] });
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

  it('names the call of a row of CSV that can not be read for another field', async () => {
    const rows = [
      'v,switch,call,line,to,answered,durationMs',
      `1,sbc,csv-1,L1,${PARIS},2026-11-03T10:00:00Z,soon`,
      `1,sbc,,L1,${PARIS},2026-11-03T10:00:00Z,1000`,
      '1,sbc,csv-3',
    ].join('\n');
    const { json } = await post(rows, { 'content-type': 'text/csv' });
    expect(json.records).toMatchObject([
      { id: 'csv-1', status: 'quarantined', reason: 'invalid-field' },
      { id: null, status: 'quarantined' },
      { id: null, status: 'quarantined', reason: 'column-count' },
    ]);
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
      counts: { rated: 1, duplicate: 1, 'not-a-call': 1, quarantined: 4, conflict: 0, superseded: 0 },
      records: [
        { index: 0, id: 'mix-1', status: 'rated' },
        { index: 1, status: 'not-a-call', reason: 'unanswered' },
        { index: 2, id: 'mix-3', status: 'quarantined', reason: 'unknown-line' },
        { index: 3, id: null, status: 'quarantined', reason: 'not-json' },
        { index: 4, id: 'mix-1', status: 'duplicate' },
        { index: 5, id: null, status: 'quarantined', reason: 'not-json', duplicate: true },
        { index: 6, id: 'mix-7', status: 'quarantined', reason: 'start-implausible' },
      ],
    });
    const few = await post(body, NDJSON, '?results=exceptions');
    expect(few.json).toMatchObject({ counts: { rated: 0, duplicate: 2, 'not-a-call': 1, quarantined: 4 } });
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
    // The one that is billed is a duplicate; the other waits, and its sender learns of it again.
    expect(recordsOf(await post(shorter, NDJSON))).toEqual([{ index: 0, id: `con-${how}`, status: 'duplicate' }]);
    expect(recordsOf(await post(longer, NDJSON))).toMatchObject([
      {
        status: 'conflict',
        billed: 'other',
        differences: [{ field: 'durationMs', sent: 90_000, other: 60_000 }],
        duplicate: true,
      },
    ]);
  });

  it('tells whoever sends again what waits that it does, and why, until it waits no more', async () => {
    const records = [
      call('again-1', PARIS, '2026-11-03T10:00:00Z', 'A7'),
      call('again-2', 'x'),
      call('again-3', PARIS, '2020-01-01T10:00:00Z'),
      '{"v":1,"call":"again-4"',
    ];
    const body = records.join('\n');
    const first = recordsOf(await post(body, NDJSON));
    const reasons = first.map((each) => (each as { reason?: string }).reason);
    expect(reasons).toEqual(['unknown-line', 'not-a-number', 'start-implausible', 'not-json']);
    const again = await post(body, NDJSON);
    expect(again.json).toMatchObject({ counts: { quarantined: 4, duplicate: 0 } });
    expect(recordsOf(again)).toEqual(first.map((each) => ({ ...(each as object), duplicate: true })));
    // Together with what is new of the same, in one post.
    const fresh = call('again-5', PARIS, '2026-11-03T10:00:00Z', 'A7');
    const twice = recordsOf(await post(`${fresh}\n${records[0]}\n${fresh}`, NDJSON));
    expect(twice).toMatchObject([
      { status: 'quarantined', reason: 'unknown-line' },
      { status: 'quarantined', reason: 'unknown-line', duplicate: true },
      { status: 'quarantined', reason: 'unknown-line', duplicate: true },
    ]);
    expect(twice[0]).not.toHaveProperty('duplicate');
    // Once it is repaired, it is rated, and what is sent again is a duplicate of that.
    const span = { from: '2026-01-01', usageClass: 'business', mobility: 'off', equipment: 'managed' };
    expect((await api.send('PUT', '/v1/lines/A7', { account: 'L1', spans: [span] })).status).toBe(200);
    expect(recordsOf(await post(records[0]!, NDJSON))).toEqual([{ index: 0, id: 'again-1', status: 'duplicate' }]);
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

  it('has calls judged again that a registration tells of which came after them', async () => {
    const told = { line: 'LR', registeredAt: '2026-11-03T09:50:00Z', expires: 3600, ua: 'Zoiper 5', ip: '203.0.113.9' };
    await post(call('reg-1', PARIS, '2026-11-03T10:00:00Z', 'LR'), NDJSON);
    expect((await api.get('/v1/cases?filter=line:LR')).json.cases).toEqual([]);
    const taken = await post(JSON.stringify(told), NDJSON, '?format=registrations');
    expect(taken.json).toMatchObject({ records: [{ status: 'not-a-call', reason: 'registration' }] });
    await vi.waitFor(
      async () => expect((await api.get('/v1/cases?filter=line:LR')).json.cases).toMatchObject([{ line: 'LR' }]),
      { timeout: 5_000 },
    );
  });

  it('says of a body that ends before it has begun that it was cut, also under a key that was answered', async () => {
    await post(call('again', PARIS), { ...NDJSON, 'idempotency-key': 'cut' });
    for (const [body, more] of [
      ['', {}],
      ['{', {}],
      [call('again', PARIS).slice(0, 20), { 'idempotency-key': 'cut' }],
    ] as const) {
      const socket = connected(api);
      const answer = textOf(socket);
      socket.write(headOf(api, { ...NDJSON, ...more, 'content-length': '1000' }) + body);
      socket.end();
      // Where nobody reads the body yet, the connection itself says that the request can't be read.
      expect(await answer).toMatch(/^HTTP\/1.1 400 [^]*"code":"(?:cut|bad)-request"/);
    }
  });

  it('answers who is still sending what is of no use, and takes no rest of it for a request', async () => {
    const body = Buffer.alloc(3_000_000, 'no record of any format\n');
    const answer = await post(body, { 'content-type': 'text/plain' });
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid-request' } });
    expect(answer.headers.get('connection')).toBe('close');
    const socket = connected(api);
    const text = textOf(socket);
    socket.write(headOf(api, { 'content-type': 'text/plain', 'content-length': String(body.length) }));
    socket.write(body);
    socket.write(`GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n`);
    expect((await text).match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 400']);
  });

  it('takes gzip within gzip for no record, and no more records than it can tell of', async () => {
    const nested = gzipSync(gzipSync(call('nested', PARIS)));
    expect(await post(nested, CSV)).toMatchObject({ status: 400, json: { code: 'invalid-request' } });
    const receipt = receiptAt(Date.now(), DEFAULT_START_WINDOW);
    const options = { format: 'canonical-ndjson', hasDocuments: false } as const;
    const body = Readable.from([Buffer.alloc(9_000, 'a\n')]);
    const source = new PostSource(api.ledger.engine, api.ledger.db, 'many');
    const taken = await takePost(source, { body, options, receipt, mostRecords: 2_000 }, () => undefined);
    expect(taken).toMatchObject({ kind: 'cut', received: 2_000, cause: { code: 'post-too-large' } });
  });

  it('takes in together what comes at a time, and tells each post of its own records', async () => {
    const receipt = receiptAt(Date.now(), DEFAULT_START_WINDOW);
    let deliveries = 0;
    const engine: ConstructorParameters<typeof PostSource>[0] = {
      take(delivery) {
        deliveries++;
        return api.ledger.engine.take(delivery);
      },
    };
    const source = new PostSource(engine, api.ledger.db, 'at-a-time');
    const posts = Array.from({ length: 60 }, async (_, no) => {
      // Every third is the same call: one post has it first, the others have its duplicate.
      const body = Readable.from([Buffer.from(no % 3 === 0 ? call('shared', PARIS) : call(`own-${no}`, PARIS))]);
      const statuses: string[] = [];
      const options = { format: 'canonical-ndjson', hasDocuments: false } as const;
      await takePost(source, { body, options, receipt }, ({ outcomes, position, records }) => {
        for (const [at] of records.entries()) statuses.push(outcomes.at(position + at, () => null).status);
      });
      return statuses;
    });
    const told = await Promise.all(posts);
    const own = told.filter((_, no) => no % 3 !== 0);
    const shared = told.filter((_, no) => no % 3 === 0).flat();
    expect(own).toEqual(own.map(() => ['rated']));
    expect(shared.toSorted()).toEqual([...shared.slice(1).map(() => 'duplicate'), 'rated']);
    expect(deliveries).toBeLessThan(10);
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

function connected({ origin }: ApiUnderTest): Socket {
  const { hostname, port } = new URL(origin);
  return connect(Number(port), hostname);
}

function headOf({ key }: ApiUnderTest, headers: Readonly<Record<string, string>>): string {
  const all = Object.entries({ host: 'x', authorization: `Bearer ${key}`, ...headers });
  return ['POST /v1/cdrs HTTP/1.1', ...all.map((pair) => pair.join(': ')), '', ''].join('\r\n');
}

async function textOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
