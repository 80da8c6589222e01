import { describe, expect, it } from 'vitest';
import { detectFormat } from '../../../formats/detect-format.ts';
import { createAsteriskCel } from '../../../formats/asterisk/asterisk-cel.ts';
import { createAsteriskCsv } from '../../../formats/asterisk/asterisk-csv.ts';
import type { Decoded, Format } from '../../../formats/format.ts';
import type { Leg } from '../../../formats/call/leg.ts';
import { legText, readLegs } from '../../../formats/call/whole-call.ts';
import { compileCivilTime } from '../../../tariffs/index.ts';
import { type AsteriskRowGiven, asteriskRow } from '../../support/asterisk-rows.ts';

const HEADER = 'id,eventtype,eventtime,exten,context,channame,appname,appdata,accountcode,uniqueid,linkedid,peer,extra';
const GROUP = '1793696400.1';
const ROWS = createAsteriskCsv({ switchId: 'pbx', clock: compileCivilTime('UTC'), trunks: ['PJSIP/op'] });

interface EventGiven {
  readonly event: string;
  readonly channel: string;
  readonly extra?: object;
  readonly account?: string;
  readonly appdata?: string;
}

function tableRow({ event, channel, extra = {}, account = '', appdata = '' }: EventGiven): string {
  const fields = ['1', event, '2026-11-03 10:00:00', 's', 'in', channel, 'Dial', appdata, account, '1.9', GROUP, ''];
  return [...fields, JSON.stringify(extra)].map((field) => `"${field.replaceAll('"', '""')}"`).join(',');
}

function decode(format: Format, line: string): Decoded {
  const bytes = Buffer.from(line);
  return format.decode(bytes, 0, bytes.length);
}

function legOf(format: Format, line: string): Leg {
  const { leg } = decode(format, line);
  if (leg === undefined) throw new Error(`Cannot read a leg: ${line}`);
  return leg;
}

/** What the rows come to with the events, whatever the order. */
function read(rows: readonly AsteriskRowGiven[], events: readonly EventGiven[]): string[] {
  const cel = createAsteriskCel({ switchId: 'pbx' }, HEADER);
  const legs = [
    ...rows.map((row) => legOf(ROWS, asteriskRow({ group: GROUP, ...row }))),
    ...events.map((event) => legOf(cel, tableRow(event))),
  ];
  const outcome = readLegs(legs).map((reading) => {
    if (reading.kind !== 'call') return reading.reason;
    const { line, dialled, diversions, transferredBy } = reading.content;
    return [`${line} -> ${dialled}`, ...diversions, ...(transferredBy === null ? [] : [`by ${transferredBy}`])].join(
      ' ',
    );
  });
  const turned = readLegs(legs.toReversed()).toReversed();
  expect(turned).toEqual(readLegs(legs));
  return outcome.slice(0, rows.length);
}

const OUT_OF_LOCAL = { account: '200', from: 'Local/0612345678@in-00000001;2', to: 'PJSIP/op-00000002' };
const FORWARD: EventGiven = {
  event: 'FORWARD',
  channel: 'PJSIP/200-00000001',
  appdata: 'PJSIP/300/sip:300@192.0.2.7:5060,15,tr',
  extra: { forward: '0612345678' },
};
const FROM_TRUNK = { account: '', src: '0140000001', from: 'PJSIP/op-00000001', to: 'PJSIP/op-00000003' };
const TRANSFER: EventGiven = {
  event: 'BLINDTRANSFER',
  channel: 'PJSIP/300-00000002',
  extra: { extension: '0612345678', transferee_channel_name: 'PJSIP/op-00000001' },
};

describe('channel events of Asterisk', () => {
  it('name the phone that forwarded', () => {
    expect(read([OUT_OF_LOCAL], [])).toEqual(['incomplete-call']);
    expect(read([OUT_OF_LOCAL], [FORWARD])).toEqual(['300 -> 0612345678 300']);
    const queue = { account: '200', dst: '600', from: 'PJSIP/200-00000001', to: 'Local/0612345678@in-00000001;1' };
    expect(read([OUT_OF_LOCAL, queue], [FORWARD])).toEqual(['300 -> 0612345678 600 300', 'internal']);
    // Several phones rang: which of them forwarded is not told.
    expect(read([OUT_OF_LOCAL], [{ ...FORWARD, appdata: 'PJSIP/300&PJSIP/301,15' }])).toEqual(['incomplete-call']);
    expect(read([OUT_OF_LOCAL], [{ ...FORWARD, extra: { forward: '0145678901' } }])).toEqual(['incomplete-call']);
  });

  it('name who transferred, and wait where the rows say another', () => {
    expect(read([FROM_TRUNK], [])).toEqual(['no-line']);
    expect(read([FROM_TRUNK], [TRANSFER])).toEqual(['300 -> 0612345678 by 300']);
    expect(read([FROM_TRUNK], [{ ...TRANSFER, event: 'ATTENDEDTRANSFER', account: '301' }])).toEqual([
      '301 -> 0612345678 by 301',
    ]);
    const talked = { dst: '300', from: 'PJSIP/op-00000001', to: 'PJSIP/300-00000002', data: 'PJSIP/300' };
    expect(read([FROM_TRUNK, talked], [TRANSFER])[0]).toBe('300 -> 0612345678 by 300');
    expect(read([FROM_TRUNK, talked], [{ ...TRANSFER, channel: 'PJSIP/201-00000002' }])[0]).toBe('contradiction');
  });

  it('tell of each of two transfers of one channel, by what the rows say', () => {
    const other = { ...TRANSFER, channel: 'PJSIP/201-00000004' };
    const first = { dst: '300', from: 'PJSIP/op-00000001', to: 'PJSIP/300-00000002', data: 'PJSIP/300' };
    const out = { ...FROM_TRUNK, minute: 2 };
    const second = { ...first, dst: '201', to: 'PJSIP/201-00000004', data: 'PJSIP/201', minute: 4 };
    const outAgain = { ...FROM_TRUNK, dst: '0145678901', to: 'PJSIP/op-00000005', minute: 6 };
    for (const events of [
      [TRANSFER, other],
      [other, TRANSFER],
    ]) {
      expect(read([first, out, second, outAgain], events)).toEqual([
        'inbound',
        '300 -> 0612345678 by 300',
        'inbound',
        '201 -> 0145678901 by 201',
      ]);
      expect(read([out], events)).toEqual(['contradiction']);
    }
    // The same by the same is one.
    expect(read([out], [TRANSFER, { ...TRANSFER, event: 'ATTENDEDTRANSFER' }])).toEqual(['300 -> 0612345678 by 300']);
  });

  it('tell of each of two phones that forwarded to one number, by what the rows say', () => {
    const other = { ...FORWARD, appdata: 'PJSIP/301/sip:301@192.0.2.8:5060,15,tr' };
    expect(read([OUT_OF_LOCAL], [FORWARD, other])).toEqual(['contradiction']);
    const called = { account: '200', dst: '301', from: 'PJSIP/200-00000001', to: 'Local/0612345678@in-00000001;1' };
    expect(read([OUT_OF_LOCAL, called], [FORWARD, other])[0]).toBe('301 -> 0612345678 301');
  });

  it('are no calls, whatever they tell, and most are kept by nobody', () => {
    const cel = createAsteriskCel({ switchId: 'pbx' }, HEADER);
    expect(decode(cel, tableRow({ event: 'CHAN_START', channel: 'PJSIP/200-00000001' }))).toEqual({
      kind: 'not-a-call',
      reason: 'other-event',
    });
    expect(decode(cel, tableRow(FORWARD))).toMatchObject({ kind: 'not-a-call', reason: 'other-event' });
    expect(decode(cel, HEADER)).toMatchObject({ reason: 'header' });
    expect(decode(cel, 'a,b')).toMatchObject({ kind: 'bad', reason: 'column-count' });
    expect(legText(legOf(cel, tableRow(FORWARD)))).toBe(
      'FORWARD: PJSIP/200-00000001 dialled 300, who forwarded to 0612345678',
    );
  });

  it('come as JSON, too, by the names of the manager interface or of the table', () => {
    const events = [
      { Event: 'CEL', EventName: 'BLINDTRANSFER', Channel: 'PJSIP/300-00000002', UniqueID: '1.9', LinkedID: GROUP },
      { eventtype: 'BLINDTRANSFER', channame: 'PJSIP/300-00000002', uniqueid: '1.9', linkedid: GROUP },
    ].map((event, index) => {
      const extra = { transferee_channel_name: 'PJSIP/op-00000001' };
      return JSON.stringify({ ...event, ...(index === 0 ? { Extra: JSON.stringify(extra) } : { extra }) });
    });
    const cel = createAsteriskCel({ switchId: 'pbx' });
    for (const event of events) {
      expect(detectFormat(Buffer.from(event))).toBe('asterisk-cel');
      const legs = [legOf(ROWS, asteriskRow({ group: GROUP, ...FROM_TRUNK })), legOf(cel, event)];
      expect(readLegs(legs)[0]).toMatchObject({ kind: 'call', content: { line: '300', transferredBy: '300' } });
    }
    expect(decode(cel, '{"a":1}')).toMatchObject({ kind: 'bad', reason: 'missing-field' });
    expect(decode(cel, '{"a"')).toMatchObject({ kind: 'bad', reason: 'not-json' });
  });

  it('are told by their header', () => {
    expect(detectFormat(Buffer.from(`${HEADER}\n`))).toBe('asterisk-cel');
    expect(detectFormat(Buffer.from(HEADER.replaceAll(',', ';')))).toBe('asterisk-cel');
  });
});

it('a table of events may have tabs, quotes as text, and nothing in its last columns', () => {
  const names = HEADER.replaceAll(',', '\t');
  const cel = createAsteriskCel({ switchId: 'pbx' }, names);
  const extra = JSON.stringify({ transferee_channel_name: 'PJSIP/op-00000001', context: 'in' });
  const fields = [
    '1',
    'BLINDTRANSFER',
    '2026-11-03 10:00:00',
    's',
    'in',
    'PJSIP/200-00000002',
    'Dial',
    '',
    '200',
    '1.9',
  ];
  const told = legOf(cel, [...fields, GROUP, '', extra].join('\t'));
  expect(legText(told)).toContain('PJSIP/op-00000001');
  expect(decode(cel, [...fields, GROUP, '', ''].join('\t'))).toMatchObject({ reason: 'other-event' });
});
