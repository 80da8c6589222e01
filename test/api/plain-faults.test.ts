import { type Socket, connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HTTP_PROBLEMS } from '../../api/problem.ts';
import { REFUSALS } from '../../services/index.ts';
import { ApiUnderTest, type Loose } from './api-under-test.ts';

/** Words of libraries, which say neither field nor value. */
const LIBRARY_WORDS = /Invalid (?:input|string|option|ISO)|expected |received|Too (?:small|big)|NaN|pattern/;

describe('faults', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.open('pglite');
  });
  afterAll(() => api.close());

  const sent = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket: Socket = connect(Number(new URL(api.origin).port), '127.0.0.1');
      let answer = '';
      socket.on('data', (bytes) => {
        answer += bytes.toString();
        if (answer.includes('}')) socket.end();
      });
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
      socket.write(text);
    });

  // Parameter or field, value, and what is said of it.
  it.each([
    ['/v1/usage?limit=', '/limit', "''"],
    ['/v1/usage?limit=%201', '/limit', "' 1'"],
    ['/v1/usage?limit=1e2', '/limit', "'1e2'"],
    ['/v1/usage?limit=0x1', '/limit', "'0x1'"],
    ['/v1/usage?limit=0', '/limit', "'0'"],
    ['/v1/usage?limit=1&limit=2', '/limit', 'more than once'],
    ['/v1/usage?line=a&line=b', '/line', 'more than once'],
    ['/v1/usage?period=2026-13', '/period', "'2026-13'"],
    ['/v1/usage?kind=foo', '/kind', "'foo'"],
    ['/v1/usage?what=1', '/what', "'what'"],
    ['/v1/quote?line=L1', '/number', 'missing'],
    ['/v1/quote?line=L1&number=1&at=soon', '/at', "'soon'"],
    ['/v1/quote?line=L1&number=1&duration=1.5', '/duration', "'1.5'"],
    ['/v1/cases?filter=%zz', '/filter', "'filter=%zz'"],
    ['/v1/cases?filter=%ff', '/filter', "'filter=%ff'"],
  ])('of %s name the parameter and the value in plain words', async (path, pointer, named) => {
    const { status, json } = await api.get(path);
    expect(status).toBe(400);
    const fault = json.errors.find((each: Loose) => each.pointer === pointer);
    expect(fault.detail).toContain(named);
    expect(fault.detail).not.toMatch(LIBRARY_WORDS);
  });

  it.each([
    [{ condition: 'x', decision: 'maybe', note: 'n' }, '/decision', "'maybe'"],
    [{ condition: 'x', decision: 'confirm' }, '/note', 'missing'],
    [{ condition: 7, decision: 'confirm', note: 'n' }, '/condition', "'7'"],
    [{ condition: 'x', decision: 'confirm', note: 'half \ud800' }, '/note', 'half a letter'],
    [{ condition: 'x', decision: 'confirm', note: 'n', 'a/b~c': 1 }, '/a~1b~0c', "'a/b~c'"],
    [[], '', 'a list'],
    [undefined, '', 'the body is missing'],
  ])('of a body name the field by a JSON pointer: %j', async (body, pointer, named) => {
    const { status, json } = await api.ask('POST', '/v1/cases/L1/2026-10/decisions', { body });
    expect(status).toBe(400);
    const fault = json.errors.find((each: Loose) => each.pointer === pointer);
    expect(fault?.detail).toContain(named);
    expect(fault.detail).not.toMatch(LIBRARY_WORDS);
  });

  it.each([
    ['/v1/usage?line=L9', 404, '/line'],
    ['/v1/usage?account=L9', 404, '/account'],
    ['/v1/usage/totals?line=L1&destination=Atlantis', 404, '/destination'],
    ['/v1/usage?after=AAAA', 400, '/after'],
    ['/v1/usage/totals?until=AAAA', 400, '/until'],
    ['/v1/lines?account=L9', 404, '/account'],
    ['/v1/lines/L9', 404, '/line'],
    ['/v1/cases?after=x', 400, '/after'],
    ['/v1/quarantine?reason=none', 400, '/reason'],
    ['/v1/calls/nothing', 404, '/call'],
    ['/v1/reports/2026-11?asOf=soon', 400, '/asOf'],
  ])('that a service finds with %s have a pointer, too', async (path, status, pointer) => {
    const { status: answered, json } = await api.get(path);
    expect([answered, json.errors]).toEqual([status, [{ code: json.code, detail: json.detail, pointer }]]);
  });

  it('have no pointer where several places may be meant', async () => {
    const { json } = await api.get('/v1/cases/L1/2026-10');
    expect([json.code, json.errors]).toEqual(['case-unknown', undefined]);
  });

  it('of a body that is no JSON in UTF-8 are said, and nothing else is made of it', async () => {
    const put = (body: string | Buffer, headers: Record<string, string> = {}) =>
      api.send('PUT', '/v1/accounts/L1', body, { 'content-type': 'application/json', ...headers });
    const latin = Buffer.from('{"name":"Agn\u00e8s"}', 'latin1');
    expect((await put(latin)).json).toMatchObject({ status: 400, detail: expect.stringContaining('UTF-8') });
    expect((await put('{"name"')).json).toMatchObject({ status: 400, code: 'bad-request' });
    expect((await put('{"name":"a","__proto__":1}')).json.errors).toMatchObject([{ pointer: '/__proto__' }]);
    for (const [type, encoding, named] of [
      ['application/json; charset=iso-8859-1', 'identity', "'iso-8859-1'"],
      ['text/plain', 'identity', "'text/plain'"],
      ['application/vnd.x+json', 'identity', "'application/vnd.x+json'"],
      ['application/json', 'gzip', "Content-Encoding 'gzip'"],
    ] as const) {
      const body = encoding === 'gzip' ? gzipSync('{"name":"a"}') : '{"name":"a"}';
      const answer = await put(body, { 'content-type': type, 'content-encoding': encoding });
      expect([answer.status, answer.json.code]).toEqual([415, 'unsupported-media-type']);
      expect(answer.json.detail).toContain(named);
    }
    expect((await api.get('/v1/accounts/L1')).json.name).not.toBe('a');
  });

  it('of a change of a line that changes nothing, or contradicts itself, are said', async () => {
    const from = '2026-06-01T00:00:00Z';
    for (const body of [{ from }, { from, note: 'why' }, { from, ends: true, offer: null }]) {
      const { status, json } = await api.ask('POST', '/v1/lines/L1/changes', { body });
      expect([status, json.code]).toEqual([400, 'invalid-request']);
    }
    expect((await api.get('/v1/lines/L1')).json.spans).toHaveLength(1);
  });

  it('of spans that overlap name the other by its pointer, and no row of a file', async () => {
    const span = { from: '2026-01-01', usageClass: 'business' };
    const body = {
      account: 'L1',
      spans: [
        { ...span, to: '2026-06-01' },
        { ...span, from: '2026-05-01' },
      ],
    };
    const { json } = await api.ask('PUT', '/v1/lines/L1', { body });
    expect(json.errors[0].pointer).toBe('/spans/1/from');
    expect(json.errors[0].detail).toContain("'/spans/0'");
    expect(json.errors[0].detail).not.toContain('row');
  });

  it('of a filter with a slip before a word are said: as text it would mean all cases', async () => {
    for (const slip of ['--state:open', '---line:L1', '--nonsense:x']) {
      expect((await api.get(`/v1/cases?filter=${slip}`)).json.code).toBe('filter-word-unknown');
    }
  });

  it('of what is no HTTP are problems that say why', async () => {
    const cases = [
      ['GET /healthz HTTP/1.1\r\n\r\n', 400, /Host/],
      ['BREW /healthz HTTP/1.1\r\nHost: x\r\n\r\n', 400, /HTTP: .*method/i],
      ['GET /healthz HTTP/1.1\r\nHost: x\r\nA B: 1\r\n\r\n', 400, /header/i],
      [
        'POST /v1/me HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
        400,
        /HTTP: .*Content-Length/i,
      ],
    ] as const;
    for (const [text, status, why] of cases) {
      const answer = await sent(text);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(answer).toMatch(/content-type: application\/problem\+json/i);
      expect(answer).toMatch(why);
    }
    expect(await sent('GET /healthz HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 200 /);
  });

  it('lead to a page by their type, and their titles have no holes', async () => {
    const { json } = await api.get('/v1/nothing');
    const page = await (await fetch(new URL(json.type as string, api.origin))).text();
    for (const code of [...Object.keys(HTTP_PROBLEMS), ...Object.keys(REFUSALS)]) {
      expect(page).toContain(`id="${code}"`);
    }
    expect(page).not.toMatch(/[{}|]/);
    const refused = await api.get('/v1/quote?line=L1&number=abc');
    expect(refused.json.title).toBe("Cannot quote a call of line '…' to '…'");
  });

  it.each([
    ['text/csv;q=0, application/json', 'application/json'],
    ['text/csv;q=0.1, application/json', 'application/json'],
    ['application/json, */*', 'application/json'],
    ['*/*', 'application/json'],
    ['text/csv', 'text/csv'],
    ['text/csv, */*;q=0.1', 'text/csv'],
    ['TEXT/CSV', 'text/csv'],
    ['text/*', 'text/csv'],
    ['application/json;q=0.5, text/csv;q=0.8', 'text/csv'],
    ['text/csvish', 'application/json'],
  ])('are not made of Accept: %s', async (accept, type) => {
    expect((await api.get('/v1/cases', { accept })).type).toContain(type);
  });
});
