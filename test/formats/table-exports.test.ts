import { describe, expect, it } from 'vitest';
import { type Decoded, type FormatOptions, openFormat } from '../../formats/index.ts';
import { looksLike } from '../../formats/looks-like.ts';
import { addressIn } from '../../formats/reading/ip-address.ts';
import { headerNames, headersOfLeg } from '../../formats/reading/header-names.ts';
import { headerValues, userOf } from '../../formats/reading/sip-address.ts';
import { canonicalText } from '../../rater/index.ts';
import { compileCivilTime } from '../../tariffs/index.ts';
import { fixture, READ_AS, readBytes } from './read-fixture.ts';
import { freeSwitchLeg } from '../support/freeswitch-legs.ts';

const NAMES = [
  'calldate',
  'clid',
  'src',
  'dst',
  'dcontext',
  'channel',
  'dstchannel',
  'lastapp',
  'lastdata',
  'duration',
  'billsec',
  'disposition',
  'accountcode',
  'uniqueid',
  'linkedid',
  'sequence',
];
const FIELDS = [
  '2026-11-03 10:00:00',
  '"Alice ""A""" <200>'.replaceAll('""', '"'),
  '200',
  '0612345678',
  'in',
  'PJSIP/200-0000000a',
  'PJSIP/op-0000000b',
  'Dial',
  'PJSIP/0612345678@op,300,T',
  '65',
  '60',
  'ANSWERED',
  '200',
  '1793696400.1',
  '1793696400.1',
  '1',
];

const PBX = { switchId: 'pbx', clock: compileCivilTime('Europe/Paris'), trunks: ['PJSIP/op'] };
const ASTERISK: FormatOptions = { asterisk: PBX, asteriskJson: PBX };

/** The records of a stream whose format is detected. */
function read(text: string, options: FormatOptions = ASTERISK): Decoded[] {
  const bytes = Buffer.from(text);
  const opened = openFormat(bytes, options);
  if (opened.kind !== 'format') throw new Error(JSON.stringify(opened));
  const lines = bytes.subarray(opened.bodyStart).toString().split('\n').filter(Boolean);
  return lines.map((line) => {
    const record = Buffer.from(line);
    return opened.format.decode(record, 0, record.length);
  });
}

function quoted(separator: string, quote: (field: string) => string): (row: readonly string[]) => string {
  return (row) => row.map(quote).join(separator);
}

/** All that a record says as a call. */
function said(decoded: Decoded | undefined): unknown {
  return decoded?.kind === 'call' ? [canonicalText(decoded.cdr), decoded.notes] : decoded;
}

const WRITERS: Readonly<Record<string, (row: readonly string[]) => string>> = {
  'CSV, quotes doubled': quoted(',', (field) => `"${field.replaceAll('"', '""')}"`),
  'semicolons, quotes doubled': quoted(';', (field) => `"${field.replaceAll('"', '""')}"`),
  'SELECT INTO OUTFILE of MySQL, a backslash before quotes': quoted(
    ',',
    (field) => `"${field.replaceAll('"', String.raw`\"`)}"`,
  ),
  'mysql --batch, tabs and no quoting': quoted('\t', (field) => field),
  'bars and no quoting': quoted('|', (field) => field),
  'a separator after each row': (row) => `${quoted(';', (field) => field)(row)};`,
};

describe("Asterisk's table of calls, exported", () => {
  it.each(Object.keys(WRITERS))('is read as written by: %s', (name) => {
    const write = WRITERS[name]!;
    expect(read(`${write(NAMES)}\n${write(FIELDS)}\n`)).toMatchObject([
      { kind: 'call', cdr: { line: '200', dialled: '0612345678', durationMs: 60_000, callId: '1793696400.1' } },
    ]);
  });

  it('has a separator after its header alone, or after its rows alone', () => {
    for (const [after, afterRow] of [
      [';', ''],
      ['', ';'],
    ]) {
      const rows = read(`${NAMES.join(';')}${after}\n${FIELDS.join(';')}${afterRow}\n`);
      expect(rows).toMatchObject([{ kind: 'call' }]);
    }
  });

  it.each([
    ['2026-11-03 10:00:00', '2026-11-03T09:00:05.000Z'],
    ['2026-11-03T10:00:00', '2026-11-03T09:00:05.000Z'],
    ['2026-11-03 10:00:00.250', '2026-11-03T09:00:05.250Z'],
    ['2026-11-03 10:00:00+00', '2026-11-03T10:00:05.000Z'],
    ['2026-11-03 10:00:00.250-05:30', '2026-11-03T15:30:05.250Z'],
    ['2026-11-03T10:00:00Z', '2026-11-03T10:00:05.000Z'],
    ['1793696400', '2026-11-03T09:00:05.000Z'],
  ])('has calls from %s on', (calldate, answered) => {
    const [decoded] = read(`${NAMES.join('\t')}\n${[calldate, ...FIELDS.slice(1)].join('\t')}\n`);
    expect(decoded?.kind === 'call' && new Date(decoded.cdr.startedAt).toISOString()).toBe(answered);
  });

  it('is read as JSON, too, and its calls are the same ones', () => {
    const [ofJson] = read(`${JSON.stringify(Object.fromEntries(NAMES.map((name, at) => [name, FIELDS[at]])))}\n`);
    const [ofTable] = read(`${NAMES.join('\t')}\n${FIELDS.join('\t')}\n`);
    expect(ofJson?.kind).toBe('call');
    expect(said(ofJson)).toEqual(said(ofTable));
  });

  it('says of a call of eight days that it is longer than seven', () => {
    const row = FIELDS.with(NAMES.indexOf('billsec'), '691200').with(NAMES.indexOf('duration'), '691205');
    const [decoded] = read(`${NAMES.join('\t')}\n${row.join('\t')}\n`);
    expect(decoded?.kind === 'bad' && decoded.detail).toContain('longer than seven days');
  });
});

describe('a stream of no known format', () => {
  it('looks like what it is', () => {
    expect(looksLike(Buffer.from(`\ufeff${NAMES.join(',')}\r\n`, 'utf16le'))).toContain('UTF-16');
    expect(looksLike(Buffer.from(NAMES.join(','), 'utf16le'))).toContain('UTF-16');
    const event = 'Event: Cdr\r\nSource: 200\r\nDestinationChannel: PJSIP/op-1\r\nBillableSeconds: 60\r\n\r\n';
    expect(looksLike(Buffer.from(event))).toContain("'Event', 'Source', 'DestinationChannel'");
    expect(looksLike(Buffer.from(event))).toContain('nearest to asterisk-json');
  });
});

describe('an address as switches write it', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:5060', '192.0.2.1'],
    ['udp:192.0.2.1:5060', '192.0.2.1'],
    ['sip:200@192.0.2.1:5060;transport=tcp', '192.0.2.1'],
    ['<sips:200@[2001:db8::7]:5061>', '2001:db8::7'],
    ['[2001:db8::7]:5060', '2001:db8::7'],
    ['2001:db8::1:22', '2001:db8::1:22'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['fe80::1%eth0', ''],
    ['pbx.example:5060', ''],
  ])('%s is %s', (text, address) => {
    expect(addressIn(text)).toBe(address);
  });
});

describe('a header', () => {
  it('is found in whatever letter case its name is, with dashes or underscores', () => {
    const names = headerNames(['sip_h_', 'sip_i_'], 'History-Info');
    for (const written of ['History-Info', 'History-info', 'HISTORY-INFO', 'history_info', 'hISTORY-iNFO']) {
      const [ofLeg, ofEvent] = [`sip_h_${written}`, `variable_sip_h_${written}`];
      expect(names.in(headersOfLeg({ uuid: '', sip_h_Other_Header: '', [ofLeg]: '' }))).toEqual([ofLeg]);
      expect(names.in(headersOfLeg({ sip_h_Header: '', [ofEvent]: '' }, 'variable_'))).toEqual([ofLeg]);
    }
    const fields = { [`sip_h_History-info`]: '', uuid: 'a' };
    const [plain, escaped] = [JSON.stringify(fields), JSON.stringify(fields).replace('h_', '\\u0068\\u005f')];
    expect(JSON.parse(escaped)).toEqual(fields);
    for (const text of [plain, plain.toUpperCase(), escaped]) {
      expect(names.in(headersOfLeg(fields, '', text))).toEqual(['sip_h_History-info']);
    }
    const several = ['sip_i_history-info', 'SIP_H_History-Info'];
    expect(names.in(several)).toEqual(several.toReversed());
    expect(names.in(['sip_h_History-Inf', 'History-Info'])).toEqual([]);
  });

  it.each([
    ['diversion', '<sip:300@pbx>;reason=unconditional', { diversions: ['300'] }],
    ['history-info', '<sip:300@pbx>;index=1,<sip:06@op;cause=302>;index=1.1', { diversions: ['300'] }],
    ['referred-by', '<sip:300@pbx>', { transferredBy: '300' }],
  ])('%s tells who sent a call on, however it is spelt, in each format that carries it', (header, value, told) => {
    const dashed = header.replace(/(?<=^|-)./g, (letter) => letter.toUpperCase());
    const spellings = [header, dashed, dashed.replace(/-(.)/, (all) => all.toLowerCase()), header.toUpperCase()];
    for (const name of [...spellings, ...spellings.map((one) => one.replaceAll('-', '_'))]) {
      const leg = freeSwitchLeg({
        uuid: 'b',
        role: 'carrier',
        variables: { accountcode: '200', [`sip_h_${name}`]: value },
      });
      expect(read(`${leg}\n`, { format: 'freeswitch-json' })).toMatchObject([{ kind: 'call', cdr: told }]);
      const { variables } = JSON.parse(leg);
      const headers = Object.entries(variables).map(([key, one]) => [`variable_${key}`, one]);
      const event = {
        'Event-Name': 'CHANNEL_HANGUP_COMPLETE',
        'FreeSWITCH-Switchname': 'fs',
        ...Object.fromEntries(headers),
      };
      expect(read(`${JSON.stringify(event)}\n`, { format: 'freeswitch-event' })).toMatchObject([{ cdr: told }]);
      const call = { callid: 'c1', from_tag: 'a', to_tag: 'b', answer_time: 1793700000, duration: 60 };
      const parties = { src_user: '200', dst_user: '0612345678' };
      for (const field of [name, `hdr_${name}`]) {
        const record = JSON.stringify({ ...call, ...parties, [field]: value });
        const options: FormatOptions = { format: 'kamailio-json', told: { switchId: 'k' } };
        expect(read(`${record}\n`, options)).toMatchObject([{ kind: 'call', cdr: told }]);
      }
    }
  });

  it('has its values though it was encoded as a whole, once or twice', () => {
    const header = '<sip:300@pbx?Reason=SIP%3Bcause%3D302>;index=1, <sip:0612345678@op>;index=1.1';
    for (const packed of [encodeURIComponent(header), encodeURIComponent(encodeURIComponent(header))]) {
      expect(headerValues(packed).map(userOf)).toEqual(['300', '0612345678']);
    }
  });
});

describe('an event of a script', () => {
  const options: FormatOptions = { format: 'kamailio-json', told: { switchId: 'k' } };
  it.each(['ACCOUNTING_STOP', 'ROUTED_CALL_END', 'INVITE_DIALOG_TERMINATED', 'ACCOUNT_CDR'])(
    '%s may tell the end of a call, and waits',
    (event) => {
      expect(read(`${JSON.stringify({ event, callid: 'c1' })}\n`, options)).toMatchObject([{ kind: 'bad' }]);
    },
  );

  it('waits where a field says how long a call was, and is none where none does', () => {
    const event = { event: 'ROUTE_LOOKUP', callid: 'c1' };
    expect(read(`${JSON.stringify({ ...event, talk_time: '60' })}\n`, options)).toMatchObject([{ kind: 'bad' }]);
    expect(read(`${JSON.stringify(event)}\n`, options)).toMatchObject([{ kind: 'not-a-call', reason: 'other-event' }]);
  });
});

/** OpenSIPS' CDR as event_kafka sends it. */
function notification(params: object): string {
  return `${JSON.stringify({ jsonrpc: '2.0', method: 'E_ACC_CDR', params })}\n`;
}

it("OpenSIPS' CDR with a code of failure and a duration waits: it is no call that nobody answered", () => {
  const cdr = { callid: 'c1', from_tag: 'a', to_tag: 'b', time: '1793696405', sip_code: '487', src_user: '200' };
  const options: FormatOptions = { format: 'opensips-json', told: { switchId: 'o' } };
  expect(read(notification({ ...cdr, duration: '60' }), options)).toMatchObject([
    { kind: 'bad', reason: 'contradiction' },
  ]);
  expect(read(notification({ ...cdr, duration: '0' }), options)).toMatchObject([{ reason: 'unanswered' }]);
});

describe('a table that phpMyAdmin exports as JSON', () => {
  const rows = [FIELDS, FIELDS.map((field) => field.replace('6400.1', '6401.1'))].map((fields) =>
    JSON.stringify(Object.fromEntries(NAMES.map((name, index) => [name, fields[index]]))),
  );
  const file = [
    '[',
    '{"type":"header","version":"5.2.1","comment":"Export to JSON plugin for PHPMyAdmin"},',
    '{"type":"database","name":"asteriskcdrdb"},',
    '{"type":"table","name":"cdr","database":"asteriskcdrdb","data":',
    '[',
    rows.join(',\n'),
    ']',
    '}',
    ']',
    '',
  ];

  it.each([7, 64, 65_536])(
    'has its rows, in chunks of %i bytes, and what stands around them is counted',
    async (chunk) => {
      for (const lineEnd of ['\n', '\r\n']) {
        const settings = { switch: 'pbx', zone: 'Europe/Paris', trunk: ['PJSIP/op'] };
        const { format, decoded } = await readBytes(Buffer.from(file.join(lineEnd)), settings, chunk);
        expect(format).toBe('asterisk-json');
        const outcomes = decoded.map((one) => (one.kind === 'call' ? one.cdr.callId : one.reason));
        expect(outcomes).toEqual(['header', 'header', 'header', '1793696400.1', '1793696401.1', 'header']);
      }
    },
  );

  it('that is broken off has the rows that are whole, and what is left of the last one waits', async () => {
    const settings = { switch: 'pbx', zone: 'Europe/Paris', trunk: ['PJSIP/op'] };
    const { decoded } = await readBytes(Buffer.from(file.join('\n').slice(0, -60)), settings);
    expect(decoded.slice(3).map(({ kind }) => kind)).toEqual(['call', 'bad']);
  });
});

describe('a row whose columns are shifted', () => {
  it('waits where it was answered, since no channel stands where one belongs', () => {
    const to = NAMES.indexOf('dstchannel');
    const shifted = [...FIELDS.slice(0, to), ...FIELDS.slice(to + 1, to + 3), '', ...FIELDS.slice(to + 3)];
    const rows = [NAMES, shifted].map(quoted(';', (field) => field)).join('\n');
    expect(read(`${rows}\n`)).toMatchObject([
      { kind: 'bad', reason: 'invalid-field', detail: expect.stringContaining('Dial') },
    ]);
    // The other way round: a channel stands where the application belongs.
    const behind = [...FIELDS.slice(0, to), '', ...FIELDS.slice(to, to + 2), ...FIELDS.slice(to + 3)];
    expect(read(`${[NAMES, behind].map(quoted(';', (field) => field)).join('\n')}\n`)).toMatchObject([
      { kind: 'bad', reason: 'invalid-field', detail: expect.stringContaining('application') },
    ]);
  });
});

/** A file as one line, its line ends being carriage returns. */
function lineOf(file: string): Buffer {
  return Buffer.from(fixture(file).toString('latin1').replaceAll('\n', '\r'), 'latin1');
}

describe('lines that end with carriage returns alone', () => {
  const ofLines = READ_AS.filter(([file]) => /\.(?:csv|psv)$/.test(file));

  it.each(ofLines)('of %s are refused in a sentence, or wait: none is lost in silence', async (file, settings) => {
    const found = await readBytes(lineOf(file), settings).then(
      ({ decoded }) => decoded.map((one) => one.kind),
      (error: Error) => error.message,
    );
    expect([['bad'], expect.stringContaining('carriage returns')]).toContainEqual(found);
  });

  it('of a table of Asterisk are refused', () => {
    const row = quoted(',', (field) => `"${field}"`);
    const table = Buffer.from([NAMES.join(','), row(FIELDS), ''].join('\r'));
    expect(openFormat(table, ASTERISK)).toMatchObject({
      kind: 'unusable',
      problem: expect.stringContaining('carriage returns'),
    });
  });
});
