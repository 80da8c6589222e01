import { describe, expect, it } from 'vitest';
import type { FormatSettings } from '../../formats/settings/format-settings.ts';
import { asteriskRow, type AsteriskRowGiven } from '../support/asterisk-rows.ts';
import { fixture, readBytes, told } from './read-fixture.ts';

/** What a record of a format comes to, without its times. */
async function toldOf(records: readonly string[], settings: FormatSettings): Promise<string[]> {
  const { decoded } = await readBytes(Buffer.from(records.map((record) => `${record}\n`).join('')), settings);
  return decoded.map((one) =>
    told(one)
      .replace(/ at .* ms/, '')
      .replace(/; from .*/, ''),
  );
}

const LOCAL: FormatSettings = { switch: 'sw', zone: 'Europe/Paris' };

function asterisk(...rows: readonly AsteriskRowGiven[]): Promise<string[]> {
  return toldOf(
    rows.map((row) => asteriskRow(row)),
    { ...LOCAL, format: 'asterisk-csv', trunk: ['PJSIP/op', 'SIP/op', 'IAX2/op', 'OOH323/op'] },
  );
}

const YEASTAR =
  'id,datetime,clid,src,dst,srctrunk,dstrunk,lastapp,lastdata,duration,billable,disposition,calltype,accountcode,uniqueid';

async function yeastar(more: FormatSettings, ...rows: readonly (readonly string[])[]): Promise<string[]> {
  const lines = rows.map(([dst = '', data = '', app = 'Dial', trunk = 'SIP1'], index) =>
    [
      `0,2026-11-03 11:15:00,A,201,${dst},,${trunk},${app},"${data}"`,
      `66,61,ANSWERED,Outbound,,1793697300.${index}`,
    ].join(','),
  );
  const read = await toldOf([YEASTAR, ...lines], { ...LOCAL, ...more });
  return read;
}

/** A dialog with its answer and its length, of Kamailio. */
function kamailio(...records: readonly object[]): Promise<string[]> {
  const dialog = { from_tag: 'a', to_tag: 'b', answer_time: '1793696405', duration: '60', src_user: '200' };
  const texts = records.map((record, index) => JSON.stringify({ callid: `c${index}`, ...dialog, ...record }));
  return toldOf(texts, { format: 'kamailio-json', switch: 'sw' });
}

function opensips(...lines: readonly string[]): Promise<string[]> {
  const [event = '', ...more] = lines;
  const own = ['callid::c1', 'from_tag::a', 'to_tag::b', 'time::1793696405', 'duration::60', 'src_user::200'];
  return toldOf([[event, ...own, ...more].join('\n'), ''], { format: 'opensips-event', switch: 'sw' });
}

/** A row of FreeSWITCH's template `asterisk`. */
function freeswitchCsv(dst: string, channel: string, app: string, data: string): Promise<string[]> {
  const times = ['2026-11-03 11:15:00', '2026-11-03 11:15:05', '2026-11-03 11:17:05', '125', '120'];
  const own = ['200', '0145670200', dst, 'default', 'A', 'sofia/internal/200@pbx', channel, app, data, ...times];
  const row = [...own, 'NORMAL_CLEARING', '3', 'eb1e406c-8871-4d69-9631-e7130f7ae390', ''];
  return toldOf([row.map((field) => `"${field}"`).join(',')], { ...LOCAL, format: 'freeswitch-csv' });
}

function threeCx(change: Readonly<Record<number, string>>): Promise<string[]> {
  const [row = ''] = fixture('3cx.csv').toString().split('\n');
  const fields = row.split(',').map((field, index) => change[index] ?? field);
  return toldOf([fields.join(',')], { format: '3cx-csv' });
}

function cucm(change: Readonly<Record<string, string>>): Promise<string[]> {
  const [names = '', types = '', row = ''] = fixture('cucm.csv').toString().split('\n');
  const own = names.replaceAll('"', '').split(',');
  const fields = row.split(',').map((field, index) => change[own[index] ?? ''] ?? field);
  return toldOf([names, types, fields.join(',')], { trunk: ['SIP-Carrier-*'] });
}

function jsonOf(file: 'kazoo.ndjson' | 'jambonz.ndjson', change: object): Promise<string[]> {
  const [record = ''] = fixture(file).toString().split('\n');
  return toldOf([JSON.stringify({ ...JSON.parse(record), ...change })], {});
}

describe('who was called first, and the number that the call went to', () => {
  it('make the first one who forwarded, whatever the switch', async () => {
    const forwarded = '200 to 0612345678; diverted by 300';
    expect(await kamailio({ dst_ouser: '300', dst_user: '0612345678' })).toEqual([forwarded]);
    expect(await kamailio({ to_uri: 'sip:300@a.example', ruri: 'sip:0612345678@b.example' })).toEqual([forwarded]);
    expect(await opensips('E_ACC_CDR', 'dst_ouser::300', 'dst_user::0612345678')).toEqual([forwarded]);
    const bridged = await freeswitchCsv('300', 'sofia/external/0612345678', 'bridge', 'sofia/gateway/op/0612345678');
    expect(bridged).toEqual([forwarded]);
    const redirected = { 8: '300', 10: '300', 11: '300', 19: '', 21: 'Extension' };
    expect(await threeCx(redirected)).toEqual(['201 to +33612345678; diverted by 300']);
    const patterns = {
      callingPartyNumber: String.raw`\+33478000201`,
      finalCalledPartyNumber: String.raw`\+33612345678`,
    };
    const same = { originalCalledPartyNumber: patterns.finalCalledPartyNumber };
    expect((await cucm({ ...patterns, ...same }))[1]).toBe('+33478000201 to +33612345678');
    const changed = { originalCalledPartyNumber: '300', finalCalledPartyNumber: '0612345678' };
    expect((await cucm(changed))[1]).toBe('4201 to 0612345678; diverted by 300');
  });

  it('are one number where a prefix or the notation alone differs', async () => {
    const called = { dst_user: '+33612345678' };
    const same = ['0612345678', '00612345678', '0033612345678', '9#0612345678', '%2B33612345678'];
    expect(await kamailio(...same.map((dst_ouser) => ({ dst_ouser, ...called })))).toEqual(
      same.map(() => '200 to +33612345678'),
    );
    // A service, the line itself, and who was transferred by another: nobody forwarded.
    expect(await kamailio({ dst_ouser: '*21', ...called }, { dst_ouser: '200', ...called })).toEqual([
      '200 to +33612345678',
      '200 to +33612345678',
    ]);
    const transferred = { dst_ouser: '300', referred_by: '<sip:200@a.example>', ...called };
    expect(await kamailio(transferred)).toEqual(['200 to +33612345678; transferred by 200']);
    expect(await kamailio({ dst_ouser: '0612345678' })).toEqual(['200 to 0612345678']);
  });
});

describe('several values of a header', () => {
  it('are read as a list of JSON, as lines of one name, and in the array form', async () => {
    const values = ['<sip:300@a.example>;reason=unconditional', '<sip:+33699887766@b.example>'];
    const expected = ['200 to 0612345678; diverted by +33699887766, 300'];
    const dst = { dst_user: '0612345678' };
    expect(await kamailio({ ...dst, diversion: values })).toEqual(expected);
    expect(await kamailio({ ...dst, diversion: `ARRAY::${values.join('|:')}` })).toEqual(expected);
    const lines = values.map((value) => `diversion::${value}`);
    expect(await opensips('E_ACC_CDR', 'dst_user::0612345678', ...lines)).toEqual(expected);
  });
});

function sent(data: string, to = 'PJSIP/op-00000002', dst = '0612345678'): AsteriskRowGiven {
  return { dst, to, data };
}

describe('a number in its packing', () => {
  it('is unpacked of what Asterisk dialled, too', async () => {
    expect(
      await asterisk(
        sent('PJSIP/0612345678#@op', 'PJSIP/op-00000002', '0612345678#'),
        sent('PJSIP/%2B33612345678@op'),
        sent('SIP/op/0612345678%23', 'SIP/op-00000002'),
        sent('PJSIP/op/sip:+33612345678@sbc.example:5060'),
        sent('PJSIP/%2B33531512345@op', 'PJSIP/op-00000002', '00531512345'),
      ),
    ).toEqual([
      '200 to 0612345678',
      '200 to +33612345678',
      '200 to 0612345678',
      '200 to sip:+33612345678',
      '200 to +33531512345',
    ]);
  });
});

describe("an outside line's prefix, and what was sent", () => {
  it('are told apart by what a trunk was sent, where the record says it', async () => {
    expect(
      await yeastar({}, ['00531512345', 'PJSIP/0531512345@SIP1,60'], ['00531512345', 'DAHDI/g2/0531512345,60']),
    ).toEqual(['201 to 0531512345', '201 to 0531512345']);
    expect(await freeswitchCsv('00531512345', 'sofia/external/0531512345', 'hangup', '')).toEqual([
      '200 to 0531512345',
    ]);
  });

  it('wait where nothing says it, and where it contradicts', async () => {
    const silent = ['00531512345', '', 'Hangup'];
    expect(await yeastar({}, silent)).toEqual(['bad: unclear-number']);
    expect(await yeastar({ dialPrefix: ['SIP1:0='] }, silent)).toEqual(['201 to 0531512345']);
    const other = 'PJSIP/0899123456@SIP1,60';
    expect(
      await yeastar({}, ['0612345678', other], ['300', other], ['0612345678', `PJSIP/0612345678@SIP1&${other}`]),
    ).toEqual(['bad: contradiction', 'bad: contradiction', 'bad: unclear-number']);
    expect(await freeswitchCsv('0612345678', 'sofia/external/0899123456', 'hangup', '')).toEqual([
      'bad: contradiction',
    ]);
  });
});

describe('what is not understood', () => {
  it('waits, and is never counted as no call', async () => {
    expect(await threeCx({ 22: 'Ligne externe' })).toEqual(['bad: invalid-field']);
    expect(await threeCx({ 20: 'Poste' })).toEqual(['bad: invalid-field']);
    // It went outside first, and then to a colleague or into a conference.
    for (const inside of ['Extension', 'ConfPlace', 'Queue']) {
      const on = { 12: 'ReplacedSrc', 13: 'Ext.990', 14: '990', 22: inside };
      expect(await threeCx(on)).toEqual(['bad: contradiction']);
      expect(await threeCx({ ...on, 4: '' })).toEqual(['internal']);
      expect(await threeCx({ ...on, 10: '990', 21: 'Extension' })).toEqual(['internal']);
    }
    // It went to one number outside, and then to another; not where the two are one, with a prefix.
    expect(await threeCx({ 8: '0145678901', 10: '10021', 21: 'Line' })).toEqual(['bad: contradiction']);
    expect((await threeCx({ 8: '00612345678', 10: '10021', 21: 'Line', 13: '0612345678' }))[0]).toMatch(/^201 to /);
    expect(await threeCx({ 4: '', 8: '0145678901', 10: '10021', 21: 'Line' })).toEqual(['unanswered']);
    expect(await threeCx({ 21: 'OutboundRule', 22: 'Extension' })).toEqual(['bad: invalid-field']);
    expect((await threeCx({ 21: 'OutboundRule' }))[0]).toMatch(/^201 to /);
    expect((await threeCx({ 22: 'external_line' }))[0]).toMatch(/^201 to /);
    expect((await cucm({ destDeviceName: '""' }))[1]).toBe('bad: missing-field');
    const channel = { 'Authorizing-Type': 'softphone', Username: 'L000201' };
    expect(await jsonOf('kazoo.ndjson', { 'Custom-Channel-Vars': channel })).toEqual(['bad: invalid-field']);
    // A callflow or a queue, no device, sent a call from outside on to a carrier.
    const onward = { 'Resource-ID': 'r1', Inception: '+33478000201@carrier.example' };
    const sentOn = { 'Call-Direction': 'outbound', 'Custom-Channel-Vars': onward };
    expect(await jsonOf('kazoo.ndjson', sentOn)).toEqual(['bad: no-line']);
    const redirected = await jsonOf('kazoo.ndjson', { ...sentOn, 'Redirected-By': 'L000300' });
    expect(redirected[0]).toMatch(/^L000300 to 0612345678; diverted by L000300/);
    const placed = { ...sentOn, 'Custom-Channel-Vars': { ...onward, Inception: 'on-net' } };
    expect(await jsonOf('kazoo.ndjson', placed)).toEqual(['other-leg']);
    const toPhone = { ...sentOn, 'Custom-Channel-Vars': { Inception: onward.Inception } };
    expect(await jsonOf('kazoo.ndjson', toPhone)).toEqual(['other-leg']);
    // What the platform calls by itself has no device's leg: its own is the call, of whoever it names.
    for (const type of ['outbound_fax', 'fax', 'clicktocall', 'acdc', 'voicemail', 'conference']) {
      const own = { 'Resource-ID': 'r1', 'Authorizing-Type': type };
      const made = { 'Call-Direction': 'outbound', 'Custom-Channel-Vars': own };
      expect(await jsonOf('kazoo.ndjson', made)).toEqual(['bad: no-line']);
      const of300 = { ...made, 'Custom-Channel-Vars': { ...own, Username: 'L000300' } };
      expect((await jsonOf('kazoo.ndjson', of300))[0]).toMatch(/^L000300 to 0612345678/);
      const inside = { ...made, 'Custom-Channel-Vars': { 'Authorizing-Type': type } };
      expect(await jsonOf('kazoo.ndjson', inside)).toEqual(['other-leg']);
    }
    // The switch had called the phone, too (quickcall, callbacks): no leg that came in is the call.
    for (const [type, other, outcome] of [
      ['device', 'inbound', 'other-leg'],
      ['device', '', 'other-leg'],
      ['device', 'outbound', 'bad: incomplete-call'],
      ['callback', 'outbound', 'bad: incomplete-call'],
      ['callback', '', 'bad: incomplete-call'],
      ['click2call', 'inbound', 'other-leg'],
    ] as const) {
      const made = { 'Resource-ID': 'r1', 'Authorizing-Type': type, Username: 'L000300' };
      const leg = { 'Call-Direction': 'outbound', 'Other-Leg-Direction': other, 'Custom-Channel-Vars': made };
      expect(await jsonOf('kazoo.ndjson', leg)).toEqual([outcome]);
      expect(await jsonOf('kazoo.ndjson', { ...leg, 'Billing-Seconds': '0' })).toEqual(['other-leg']);
    }
    expect((await jsonOf('kazoo.ndjson', { Request: '*670612345678@x' }))[0]).toMatch(/^L000201 to 0612345678/);
    expect((await jsonOf('kazoo.ndjson', { Request: '*67+33612345678@x' }))[0]).toMatch(/^L000201 to \+33612345678/);
    expect(await jsonOf('kazoo.ndjson', { Request: '*310612345678@x' })).toEqual(['bad: unclear-number']);
    for (const code of ['*720612345678', '*97', '*67', '*0300', '**201']) {
      expect(await jsonOf('kazoo.ndjson', { Request: `${code}@x` })).toEqual(['application']);
    }
    const trunk = { 'Authorizing-Type': 'sys_info', Username: 'L000201' };
    expect((await jsonOf('kazoo.ndjson', { 'Custom-Channel-Vars': trunk }))[0]).toMatch(/^L000201 to /);
    expect(await jsonOf('kazoo.ndjson', { 'Event-Name': 'CHANNEL_HANGUP' })).toEqual(['bad: invalid-field']);
    expect(await jsonOf('jambonz.ndjson', { trunk: '' })).toEqual(['bad: missing-field']);
    expect(await jsonOf('jambonz.ndjson', { answered: false })).toEqual(['bad: duration-mismatch']);
    expect(await yeastar({}, ['0612345678', '', 'Dial', ''])).toEqual(['bad: missing-field']);
    expect(await opensips('E_ACC_LEG_END', 'dst_user::0612345678')).toEqual(['bad: invalid-field']);
    const row = fixture('broadworks.csv').toString().split('\n')[1]!;
    expect(await toldOf([row.replace(',Yes,', ',No,')], { format: 'broadworks-csv' })).toEqual([
      'bad: duration-mismatch',
    ]);
  });

  it('is no header row, which is counted', async () => {
    const names = 'historyid,callid,duration,time-start,time-answered,time-end,reason-terminated,from-no,to-no,from-dn';
    const more = 'to-dn,dial-no,reason-changed,final-number,final-dn,bill-code,bill-rate,bill-cost,bill-name,chain';
    const header = `${names},${more},from-type,to-type,final-type`;
    expect(await toldOf([header], { format: '3cx-csv' })).toEqual(['other-event']);
  });
});
