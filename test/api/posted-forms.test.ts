import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatIds, settingInWords, settingNames } from '../../formats/index.ts';
import { PARIS, call } from '../services/small-ledger.ts';
import { PROJECT_ROOT } from '../support/source-files.ts';
import { type Answer, ApiUnderTest, type Loose } from './api-under-test.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const JSON_TYPE = { 'content-type': 'application/json' };
const CSV = { 'content-type': 'text/csv' };

const fixture = (name: string): string => readFileSync(`${PROJECT_ROOT}/test/formats/fixtures/${name}`, 'utf8');
const reasonsOf = (answer: Answer): string[] =>
  answer.json.records.flatMap((record: Loose) => ('reason' in record ? [record.reason as string] : []));

describe('forms of posts', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.open('pglite');
  });
  afterAll(() => api.close());

  const post = (body: unknown, headers: Record<string, string>, query = ''): Promise<Answer> =>
    api.send('POST', `/v1/cdrs${query}`, body, headers);

  // The media type says how records are parted, and not whose they are.
  it.each(['jambonz', 'kazoo', 'kamailio', 'opensips', 'registrations'])(
    'NDJSON of %s is read as what it is, under each name of the type',
    async (name) => {
      const zone = ['kamailio', 'opensips'].includes(name) ? '&zone=Europe/Paris' : '';
      const query = name === 'registrations' ? '' : `?switch=pbx${zone}`;
      for (const type of ['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'text/plain']) {
        const answer = await post(fixture(`${name}.ndjson`), { 'content-type': type }, query);
        expect(answer.status).toBe(200);
        // As canonical records all of them would be that.
        expect(reasonsOf(answer).some((reason) => reason !== 'unknown-field')).toBe(true);
        expect(answer.json.counts['not-a-call']).toBeGreaterThan(0);
      }
    },
  );

  it('NDJSON that is of no format is kept as unreadable canonical records', async () => {
    const answer = await post('{bad\n{"foo":1}\n', NDJSON);
    expect(reasonsOf(answer)).toEqual(['not-json', 'unknown-field']);
  });

  it('lines in NDJSON that are no JSON wait one by one, though the first looks like a row of another format', async () => {
    const row = '"","100","0612345678","from-internal","","PJSIP/100-1","PJSIP/op-2","Dial","PJSIP/0612345678@op",';
    const times = '"2026-11-02 10:00:00","2026-11-02 10:00:05","2026-11-02 10:01:05",65,60,"ANSWERED","DOCUMENTATION"';
    const answer = await post(`${row}${times},"1.1",""\n${call('after-a-row', PARIS)}\n`, NDJSON);
    expect(answer.json.records).toMatchObject([{ status: 'quarantined', reason: 'not-json' }, { status: 'rated' }]);
  });

  it.each(['jambonz', 'kazoo', 'kamailio', 'opensips', 'registrations'])(
    'canonical records are rated in NDJSON that begins with one of %s, which waits',
    async (name) => {
      const [first = ''] = fixture(`${name}.ndjson`).split('\n', 1);
      const answer = await post(`${first}\n${call(`after-${name}`, PARIS)}\n`, NDJSON);
      expect(answer.json.records).toMatchObject([{ status: 'quarantined' }, { status: 'rated' }]);
    },
  );

  it('an empty list is a post of no records, however it is written', async () => {
    for (const body of ['[]', ' [ ] ', '[\n]\n']) {
      expect((await post(body, JSON_TYPE)).json).toMatchObject({ received: 0, records: [] });
    }
    expect((await post('', NDJSON)).json).toMatchObject({ received: 0 });
  });

  it('names the call of each record that names one, also of what is no call or cannot be read', async () => {
    const record = JSON.parse(call('named-1', PARIS)) as Record<string, unknown>;
    const records = [
      { ...record, answered: null },
      { ...record, kind: 'inbound' },
      { ...record, surprise: 1 },
    ];
    const answer = await post(JSON.stringify(records), JSON_TYPE);
    expect(answer.json.records.map((each: Loose) => [each.id, each.status])).toEqual([
      ['named-1', 'not-a-call'],
      ['named-1', 'not-a-call'],
      ['named-1', 'quarantined'],
    ]);
  });

  it('tells a sender who may not see numbers the ids that he sent, though they look like numbers', async () => {
    const key = await api.keyFor(['cdrs:write']);
    const id = '1796048031657-0612345678';
    const answer = await api.ask('POST', '/v1/cdrs', { key, body: JSON.parse(call(id, PARIS)) as unknown });
    expect(answer.json).toMatchObject({ records: [{ id, status: 'rated' }] });
    const other = { ...(JSON.parse(call(id, PARIS)) as object), to: '+33612345678' };
    const conflict = await api.ask('POST', '/v1/cdrs', { key, body: other });
    expect(conflict.json).toMatchObject({ records: [{ id, status: 'conflict' }] });
    expect(conflict.text).not.toContain('+33612345678');
  });

  it('names the column of a CSV header that is wrong', async () => {
    const header = 'v,switch,call,line,to,answered,durationMs';
    const headers = {
      "unknown column 'DurationMs'": header.replace('durationMs', 'DurationMs'),
      "column 'to' twice": header.replace('durationMs', 'to'),
      "lacks column 'answered'": header.replace(',answered', ''),
      'parted by semicolons': header.replaceAll(',', ';'),
    };
    for (const [fault, line] of Object.entries(headers)) {
      const answer = await post(`${line}\n1,s,c,L1,${PARIS},2026-11-03T10:00:00Z,1\n`, CSV);
      expect(answer.status).toBe(400);
      expect(answer.json.detail).toContain(fault);
      expect(answer.json.detail).not.toContain('canonical-ndjson');
    }
  });

  it('says which type, coding or charset it does not take, and takes them in any letter case', async () => {
    const text = call('coded', PARIS);
    const taken = [
      ['application/json; charset=UTF-8', 'identity'],
      ['Application/JSON', 'GZIP'],
      ['application/json;charset="utf-8"', 'x-gzip'],
    ] as const;
    for (const [type, encoding] of taken) {
      const body = encoding === 'identity' ? text : gzipSync(text);
      const answer = await post(body, { 'content-type': type, 'content-encoding': encoding });
      expect(answer.status).toBe(200);
    }
    const refused = [
      ['application/pdf', 'identity', "'application/pdf'"],
      ['application/json; charset=utf-16', 'identity', "'utf-16'"],
      ['text/csv; charset=iso-8859-1', 'identity', "'iso-8859-1'"],
      ['application/json', 'br', "Content-Encoding 'br'"],
      ['application/json', 'gzip, gzip', "'gzip, gzip'"],
    ] as const;
    for (const [type, encoding, named] of refused) {
      const answer = await post(text, { 'content-type': type, 'content-encoding': encoding });
      expect(answer.status).toBe(415);
      expect(answer.json.detail).toContain(named);
    }
  });

  it('has every setting of formats as a parameter', async () => {
    const { json } = await api.get('/openapi.json');
    const named = json.paths['/v1/cdrs'].post.parameters.map((each: Loose) => each.name as string);
    const settings = settingNames.map(settingInWords);
    expect(named).toEqual(expect.arrayContaining(settings));
    const format = json.paths['/v1/cdrs'].post.parameters.find((each: Loose) => each.name === 'format');
    expect(format.schema.enum).toEqual(formatIds);
    const rows = fixture('kamailio-acc.psv');
    const query = '?switch=k&zone=Europe/Paris&extra-column=auth_user,ruri_user';
    expect((await post(rows, { 'content-type': 'text/plain' }, query)).status).toBe(200);
  });

  it('names the parameter of a setting that is wrong', async () => {
    for (const [query, pointer] of [
      ['zone=Mars', '/zone'],
      ['longest-call=9y', '/longest-call'],
      ['dial-prefix=zz', '/dial-prefix'],
      ['outside-prefix=9', '/outside-prefix'],
      ['format=kamailio-acc&switch=k&zone=Europe/Paris', '/extra-column'],
    ] as const) {
      const answer = await post('x', { 'content-type': 'text/plain' }, `?${query}`);
      expect(answer.json.errors?.map((each: Loose) => each.pointer)).toContain(pointer);
    }
  });
});
