import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readServeMappings } from '../../bin/serve-mappings.ts';
import { type Answer, ApiUnderTest } from './api-under-test.ts';

const CALLS = {
  call: 'uuid',
  line: 'account',
  to: 'callee',
  answered: 'connected',
  duration: { field: 'talk', unit: 's' },
  noCalls: [{ field: 'result', is: ['BUSY'], reason: 'unanswered' }],
  calls: [{ field: 'result', is: ['ANSWER'] }],
};
const ROWS = [
  'uuid;account;callee;connected;talk;result',
  'm-1;L1;+33145000000;2026-11-03T10:00:00Z;61;ANSWER',
  'm-2;L1;+33145000000;2026-11-03T10:05:00Z;0;BUSY',
  'm-3;L1;+33145000000;2026-11-03T10:10:00Z;61;SPLIT',
  '',
].join('\n');
const RECORDS = [
  { uuid: 'j-1', account: 'L2', callee: '+33145000000', connected: 1_793_700_000, talk: 61, result: 'ANSWER' },
  { uuid: 'j-2', account: 'L2', callee: '+33145000000', connected: 1_793_700_100, talk: 0, result: 'BUSY' },
];

const said = ({ json }: Answer): unknown =>
  json.records.map(({ id, status, reason }: Record<string, unknown>) => [id, status, reason]);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-mappings-'));
  writeFileSync(join(folder, 'csv.json'), JSON.stringify({ form: 'csv', ...CALLS }));
  writeFileSync(join(folder, 'json.json'), JSON.stringify({ form: 'json', ...CALLS }));
  writeFileSync(join(folder, 'faulty.json'), JSON.stringify({ form: 'csv', ...CALLS, callee: 1, to: [] }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('posts by a mapping', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.open('postgres', {
      mappings: readServeMappings(['table=csv.json', 'objects=json.json'], folder),
    });
  });
  afterAll(() => api.close());

  const post = (query: string, body: unknown, type: string): Promise<Answer> =>
    api.send('POST', `/v1/cdrs?${query}`, body, { 'content-type': type });

  it('reads a table, compressed or not, and says the same of it when it comes again', async () => {
    const query = 'mapping=table&switch=pbx';
    const first = await post(query, ROWS, 'text/csv');
    expect(said(first)).toEqual([
      ['m-1', 'rated', undefined],
      ['m-2', 'not-a-call', 'unanswered'],
      ['m-3', 'quarantined', 'invalid-field'],
    ]);
    const again = await post(`${query}&format=mapped`, gzipSync(ROWS), 'application/gzip');
    expect(again.json.counts).toMatchObject({ duplicate: 1, 'not-a-call': 1, quarantined: 1 });
    const explained = await api.ask('GET', '/v1/calls/m-1');
    expect(explained.json.calls).toMatchObject([{ call: 'm-1', line: 'L1', durationMs: 61_000 }]);
  });

  it('reads objects by line, in an array, and one by itself', async () => {
    const query = 'mapping=objects&switch=pbx';
    const lines = RECORDS.map((record) => JSON.stringify(record)).join('\n');
    const expected = [
      ['j-1', 'rated', undefined],
      ['j-2', 'not-a-call', 'unanswered'],
    ];
    expect(said(await post(query, lines, 'application/x-ndjson'))).toEqual(expected);
    const array = await post(query, JSON.stringify(RECORDS), 'application/json');
    expect(array.json.counts).toMatchObject({ duplicate: 1, 'not-a-call': 1 });
    const one = await post(query, JSON.stringify({ ...RECORDS[0], uuid: 'j-3' }, null, 2), 'application/json');
    expect(said(one)).toEqual([['j-3', 'rated', undefined]]);
    const unusable = [
      { ...RECORDS[0], uuid: 'j-4', talk: 'x' },
      { ...RECORDS[0], uuid: '' },
      { ...RECORDS[0], uuid: 'j'.repeat(20_000) },
    ];
    const named = await post(query, JSON.stringify(unusable), 'application/json');
    expect(named.json.records.map(({ id }: { readonly id: unknown }) => id)).toEqual(['j-4', null, null]);
  });

  it.each([
    [
      'mapping=tables',
      `Cannot use parameter mapping 'tables': this server has the mappings table, objects`,
      '/mapping',
    ],
    [
      'format=mapped',
      'Cannot read mapped records without parameter mapping: which of their fields says what?',
      '/mapping',
    ],
    [
      'mapping=table&format=cucm-csv&trunk=a',
      `Cannot use parameter mapping with format 'cucm-csv': it is for mapped`,
      '/mapping',
    ],
  ])('refuses ?%s', async (query, detail, pointer) => {
    const answer = await post(query, ROWS, 'text/csv');
    expect(answer.status).toBe(400);
    expect(answer.json.errors).toEqual([{ code: 'invalid-value', detail, pointer }]);
  });
});

it('a server without mappings says how it gets one', async () => {
  const api = await ApiUnderTest.open('postgres');
  try {
    const answer = await api.send('POST', '/v1/cdrs?mapping=table', ROWS, { 'content-type': 'text/csv' });
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0].detail).toContain(`started without '--mapping NAME=FILE'`);
  } finally {
    await api.close();
  }
});

it('serve names every fault of its mappings at once', () => {
  const given = ['table', '=csv.json', 'a/b=csv.json', 'twice=csv.json', 'twice=json.json', 'x=faulty.json', 'y=none'];
  let faults = '';
  try {
    readServeMappings(given, folder);
  } catch (error) {
    faults = String(error);
  }
  for (const part of [`'table'`, `'=csv.json'`, `'a/b=csv.json'`, `'twice=json.json'`, 'callee', `'to'`, '/none']) {
    expect(faults).toContain(part);
  }
});
