import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Decoded } from '../../../formats/format.ts';
import { canonicalText } from '../../../rater/index.ts';
import { createFreeSwitchEvent } from '../../../formats/freeswitch/freeswitch-event.ts';
import { createFreeSwitchJson } from '../../../formats/freeswitch/freeswitch-json.ts';
import type { FreeSwitchOptions } from '../../../formats/freeswitch/freeswitch-leg.ts';

const document = JSON.parse(
  readFileSync(`${import.meta.dirname}/../../fixtures/cdr/freeswitch-carrier-leg.json`, 'utf8'),
);

/** The event of the leg that the fixture's document reports: variables under another name, and not encoded. */
const carrierLeg: Readonly<Record<string, string>> = {
  'Event-Name': 'CHANNEL_HANGUP_COMPLETE',
  'FreeSWITCH-Switchname': document.switchname,
  'Call-Direction': 'outbound',
  'Caller-Caller-ID-Number': '+33240000009',
  'Other-Type': 'originator',
  'Other-Leg-Username': 'L000201',
  'Other-Leg-Network-Addr': '192.0.2.44',
  ...Object.fromEntries(
    Object.entries<string>(document.variables).map(([name, value]) => [`variable_${name}`, decodeURIComponent(value)]),
  ),
};

function decode(fields: Readonly<Record<string, unknown>>, options: FreeSwitchOptions = {}): Decoded {
  const bytes = Buffer.from(JSON.stringify(fields));
  return createFreeSwitchEvent(options).decode(bytes, 0, bytes.length);
}

function reasonOf(decoded: Decoded): string {
  return decoded.kind === 'call' ? `call of ${decoded.cdr.line}` : decoded.reason;
}

/** All that a record says as a call. */
function said(decoded: Decoded): unknown {
  return decoded.kind === 'call' ? [canonicalText(decoded.cdr), decoded.notes] : decoded;
}

describe('createFreeSwitchEvent()', () => {
  test('reads the event of a leg as the document of the same leg', () => {
    const bytes = Buffer.from(JSON.stringify(document));
    const ofDocument = createFreeSwitchJson().decode(bytes, 0, bytes.length);
    const ofEvent = decode(carrierLeg);
    expect(ofEvent.kind).toBe('call');
    expect(said(ofEvent)).toEqual(said(ofDocument));
  });

  test('reads several values of a header, which are a list in JSON', () => {
    const several = { variable_sip_h_Diversion: ['<sip:L000300@x>', '<sip:L000301@x>'] };
    const decoded = decode({ ...carrierLeg, ...several });
    expect(decoded.kind === 'call' && decoded.cdr.diversions).toEqual(['L000301', 'L000300']);
    const one = decode({ ...carrierLeg, variable_sip_h_Diversion: ['<sip:L000300@x>'] });
    expect(one.kind === 'call' && one.cdr.diversions).toEqual(['L000300']);
  });

  test('takes the line from a header', () => {
    const decoded = decode(
      { ...carrierLeg, 'variable_sip_h_X-Line': '"A" <sip:L000205@x>' },
      { lineFrom: ['sip_h_X-Line'] },
    );
    expect(reasonOf(decoded)).toBe('call of L000205');
  });

  test('is not Kazoo’s, which bears the same names', () => {
    const decoded = decode({ 'Event-Name': 'CHANNEL_DESTROY', 'Event-Category': 'call_event' });
    expect(reasonOf(decoded)).toBe('invalid-field');
    expect('detail' in decoded && decoded.detail).toContain("it is Kazoo's");
  });

  test('counts every other event as none of a call', () => {
    expect(reasonOf(decode({ 'Event-Name': 'HEARTBEAT', 'Core-UUID': 'x' }))).toBe('other-event');
    expect(reasonOf(decode({ ...carrierLeg, 'Event-Name': 'CHANNEL_HANGUP' }))).toBe('other-event');
  });

  test.each<[string, Record<string, string>, FreeSwitchOptions, string]>([
    ['an unanswered leg', { variable_answer_uepoch: '0', variable_answer_epoch: '0' }, {}, 'unanswered'],
    ['a leg towards a phone', { variable_sip_gateway_name: '', variable_dialed_user: '201' }, {}, 'internal'],
    ['a leg outside without a gateway', { variable_sip_gateway_name: '' }, {}, 'unnamed-trunk'],
    ['a gateway that is no carrier', {}, { gateways: ['trunk-*'] }, 'internal'],
    ['a carrier’s leg where callers’ legs are billed', {}, { billedLeg: 'caller' }, 'other-leg'],
    ['a leg made for no other', { 'Other-Type': '', variable_direction: '', 'Call-Direction': '' }, {}, 'application'],
    ['a leg whose user stands on the other leg only', {}, { lineFrom: ['none'] }, 'call of L000201'],
    ['a leg without its id', { variable_uuid: '' }, {}, 'no-identity'],
    ['the same with the header', { variable_uuid: '', 'Unique-ID': 'u1' }, {}, 'call of L000201'],
    ['something without a name', { 'Event-Name': '' }, {}, 'missing-field'],
  ])('says of %s', (_, fields, options, expected) => {
    expect(reasonOf(decode({ ...carrierLeg, ...fields }, options))).toBe(expected);
  });
});
