import { describe, expect, it } from 'vitest';
import { formatIds, type Decoded, type Format, type FormatId } from '../../formats/format.ts';
import { readMapping } from '../../formats/mapped/mapping.ts';
import { openFormat } from '../../formats/open-format.ts';
import { compileCivilTime } from '../../tariffs/index.ts';

const trunks = ['PJSIP/trunk-*', '*-carrier-*'];
const header = 'v,switch,call,line,to,answered,durationMs,ua,diversions';
/** The first line of the formats that begin with one, for the column names. */
const HEADERS: Partial<Record<FormatId, string>> = {
  'canonical-csv': header,
  'cucm-csv':
    'cdrRecordType,globalCallID_callId,callingPartyNumber,finalCalledPartyNumber,dateTimeConnect,' +
    'dateTimeDisconnect,duration,origDeviceName,destDeviceName,pkid',
  'yeastar-csv': 'datetime,src,dst,srctrunk,dstrunk,duration,billable,disposition,calltype,uniqueid',
};
const MAPPING = readMapping(
  '{"form":"json","call":"id","line":"a","to":"b","answered":"t","duration":{"field":"d","unit":"s"}}',
  'test',
);
const FORMATS = new Map(formatIds.map((id) => [id, formatOf(id)]));

function formatOf(format: FormatId): Format {
  if ('faults' in MAPPING) throw new Error(MAPPING.faults.join());
  const clock = compileCivilTime('UTC');
  const opened = openFormat(Buffer.from(`${HEADERS[format] ?? ''}\n`), {
    format,
    asterisk: { switchId: 'pbx', clock, trunks },
    asteriskJson: { trunks },
    told: { switchId: 'pbx', clock, trunks, extraColumns: ['src_user', 'dst_user'], mapping: MAPPING.mapping },
  });
  if (opened.kind === 'unusable') throw new Error(opened.problem);
  return opened.format;
}

function decode(format: Format['id'], text: string): Decoded {
  const bytes = Buffer.from(text);
  const found = FORMATS.get(format);
  if (found === undefined) throw new Error(`no format ${format}`);
  return found.decode(bytes, 0, bytes.length);
}

const CANONICAL = {
  v: 1,
  switch: 'k',
  call: 'c',
  leg: 'l',
  line: 'L1',
  to: '+33612345678',
  from: '1',
  answered: '2026-11-19T17:29:00.808Z',
  durationMs: 1000,
  ua: 'u',
  ip: '1.2.3.4',
  diversions: ['1'],
  transferredBy: '1',
  mobility: true,
  revision: 1,
  kind: 'call',
};
const ASTERISK = {
  channel: 'PJSIP/L1-0000001f',
  dstchannel: 'PJSIP/trunk-a-0000001e',
  start: '2026-11-03T10:15:00.250+0100',
  answer: '2026-11-03T10:15:01.250+0100',
  end: '2026-11-03T10:16:01.250+0100',
  billsec: '60',
  disposition: 'ANSWERED',
  lastapp: 'Dial',
  lastdata: 'PJSIP/33612345678@trunk-a,60',
  dst: '33612345678',
  src: '1',
  accountcode: 'L1',
  linkedid: '1',
  sequence: '1',
  uniqueid: '1',
  userfield: '',
};
const VARIABLES = {
  uuid: 'u',
  direction: 'inbound',
  start_stamp: '2026',
  sip_auth_username: 'L1',
  sip_history_info: '<sip:1@h>;index=1',
  sip_h_Diversion: '<sip:1@h>',
  sip_redirected_by: '<sip:1@h>',
  sip_gateway_name: 'carrier',
  last_app: 'bridge',
  last_arg: 'sofia/gateway/carrier/33612345678',
  answer_uepoch: '1',
  bridge_uepoch: '1',
  end_uepoch: '1',
};

/** A record with one of its fields set to a text of JSON, of each format that has JSON, by field. */
function* withField(json: string): Generator<[string, Decoded]> {
  const set = (fields: object, name: string): string =>
    JSON.stringify({ ...fields, [name]: '@' }).replace(`"${name}":"@"`, () => `"${name}":${json}`);
  for (const name of [...Object.keys(CANONICAL), 'strange']) {
    yield [`canonical ${name}`, decode('canonical-ndjson', set(CANONICAL, name))];
  }
  for (const name of [...Object.keys(ASTERISK), 'strange']) {
    yield [`asterisk ${name}`, decode('asterisk-json', set(ASTERISK, name))];
  }
  for (const name of [...Object.keys(VARIABLES), 'strange']) {
    const document = `{"core-uuid":"c","switchname":"fs","variables":${set(VARIABLES, name)},"callflow":[]}`;
    yield [`freeswitch ${name}`, decode('freeswitch-json', document)];
    const prefixed = Object.fromEntries(Object.entries(VARIABLES).map(([key, value]) => [`variable_${key}`, value]));
    const event = set({ 'Event-Name': 'CHANNEL_HANGUP_COMPLETE', ...prefixed }, `variable_${name}`);
    yield [`event ${name}`, decode('freeswitch-event', event)];
  }
  for (const name of ['variables', 'callflow', 'channel_data', 'app_log', 'switchname']) {
    const document = set({ switchname: 'fs', variables: VARIABLES, callflow: [] }, name);
    yield [`freeswitch ${name}`, decode('freeswitch-json', document)];
  }
}

describe('JSON that is nested deep', () => {
  it.each([
    ['lists', '['.repeat(20_000), ']'.repeat(20_000)],
    ['a hundred thousand lists', '['.repeat(100_000), ']'.repeat(100_000)],
    ['objects', '{"a":'.repeat(20_000) + '1', '}'.repeat(20_000)],
    ['both, around a text', '[{"a":'.repeat(20_000) + '"x"', '}]'.repeat(20_000)],
  ])('is read or refused with a reason in every field of every format: %s', (_name, open, close) => {
    for (const [, decoded] of withField(open + close)) expect(['bad', 'not-a-call', 'call']).toContain(decoded.kind);
    for (const format of formatIds) {
      expect([format, decode(format, open + close).kind]).toEqual([format, 'bad']);
      expect([format, decode(format, open).kind]).toEqual([format, 'bad']);
    }
    const shown = decode('canonical-ndjson', JSON.stringify(CANONICAL).replace('"+33612345678"', open + close));
    expect(shown).toMatchObject({ kind: 'bad', reason: 'invalid-field' });
    expect('detail' in shown && shown.detail.length).toBeLessThan(300);
  });
});

describe('texts of 200,000 characters', () => {
  it.each([
    ['<'],
    ['"'],
    ['<"'],
    ['@'],
    ['&'],
    ['/'],
    ['-'],
    ['-carrier-'],
    ['-0000001f'],
    [','],
    ['{'],
    ['}'],
    ['['],
    [';cause=30'],
    ['%'],
    ['\\'],
    ['PJSIP/1&'],
    ['sofia/gateway/'],
    [' '],
    ['0'],
  ])('take no time in any field of any format: %s', (unit) => {
    for (const end of ['', '\n']) {
      const text = unit.repeat(Math.floor(200_000 / unit.length)) + end;
      let before = performance.now();
      // What looks at each character anew for each takes a minute; a record is read within some milliseconds.
      const isQuick = (name: string): void => {
        const now = performance.now();
        expect([name, now - before < 3_000]).toEqual([name, true]);
        before = now;
      };
      for (const [name, decoded] of withField(JSON.stringify(text))) {
        expect(decoded.kind.length).toBeGreaterThan(0);
        isQuick(name);
      }
      for (const format of ['canonical-csv', 'asterisk-csv'] as const) {
        const row = `"","1","2","ctx","""x""","PJSIP/L1-0000001f","PJSIP/trunk-a-0000001e","Dial","${text}"`;
        expect(decode(format, row).kind).toBe('bad');
        expect(decode(format, text).kind).toBe('bad');
        isQuick(format);
      }
    }
  });
});
