import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Decoded } from '../../formats/format.ts';
import { createFreeSwitchEvent } from '../../formats/freeswitch-event.ts';
import { createFreeSwitchJson } from '../../formats/freeswitch-json.ts';
import type { FreeSwitchOptions } from '../../formats/freeswitch-leg.ts';

const document = JSON.parse(readFileSync(`${import.meta.dirname}/../fixtures/cdr/freeswitch-carrier-leg.json`, 'utf8'));

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

describe('createFreeSwitchEvent()', () => {
  test('reads the event of a leg as the document of the same leg', () => {
    const bytes = Buffer.from(JSON.stringify(document));
    const ofDocument = createFreeSwitchJson().decode(bytes, 0, bytes.length);
    const ofEvent = decode(carrierLeg);
    expect(ofEvent.kind).toBe('call');
    expect(ofEvent).toEqual(ofDocument);
  });

  test('counts every other event as none of a call', () => {
    expect(reasonOf(decode({ 'Event-Name': 'HEARTBEAT', 'Core-UUID': 'x' }))).toBe('other-event');
    expect(reasonOf(decode({ ...carrierLeg, 'Event-Name': 'CHANNEL_HANGUP' }))).toBe('other-event');
  });

  test.each<[string, Record<string, string>, FreeSwitchOptions, string]>([
    ['an unanswered leg', { variable_answer_uepoch: '0', variable_answer_epoch: '0' }, {}, 'unanswered'],
    ['a leg towards a phone', { variable_sip_gateway_name: '' }, {}, 'internal'],
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
