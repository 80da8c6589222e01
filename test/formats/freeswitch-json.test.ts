import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Decoded } from '../../formats/format.ts';
import { diversionsOf } from '../../formats/freeswitch-diversions.ts';
import { createFreeSwitchJson } from '../../formats/freeswitch-json.ts';
import type { FreeSwitchOptions } from '../../formats/freeswitch-leg.ts';

const carrierLeg = readFileSync(`${import.meta.dirname}/../fixtures/cdr/freeswitch-carrier-leg.json`, 'utf8');

function decode(document: string, options: FreeSwitchOptions = {}): Decoded {
  const bytes = Buffer.from(document);
  return createFreeSwitchJson(options).decode(bytes, 0, bytes.length);
}

/** The carrier's leg with some variables changed; an empty text takes one away. */
function legWith(variables: Readonly<Record<string, string>>): string {
  const document = JSON.parse(carrierLeg);
  return JSON.stringify({ ...document, variables: { ...document.variables, ...variables } });
}

const callerLeg = legWith({
  direction: 'inbound',
  uuid: 'a1e6c0de-0000-4000-8000-00000000000a',
  sip_gateway_name: '',
  sofia_profile_name: 'internal',
  channel_name: 'sofia%2Finternal%2FL000201',
  sip_auth_username: 'L000201',
  sip_user_agent: 'Yealink%20SIP-T46U',
  sip_received_ip: '192.0.2.44',
  bridge_uepoch: '1793697304500700',
  bridge_uuid: 'b1e6c0de-0000-4000-8000-00000000000b',
  last_app: 'bridge',
  last_arg: '%7Bx%3D1%7Dsofia%2Fgateway%2Fcarrier-one%2F%2B33612345678',
});

describe('createFreeSwitchJson()', () => {
  test('makes the answered leg towards a carrier the call, decoding percent signs once', () => {
    const decoded = decode(carrierLeg);
    if (decoded.kind !== 'call') throw new Error(JSON.stringify(decoded));
    const { recordBuffer, recordEnd, ...said } = decoded.cdr;
    expect(said).toEqual({
      switchId: 'fs-nantes-1',
      callId: 'a1e6c0de-0000-4000-8000-00000000000a',
      legId: 'b1e6c0de-0000-4000-8000-00000000000b',
      revision: 0,
      line: 'L000201',
      dialled: '+33612345678',
      calling: '+33240000009',
      startedAt: 1_793_697_304_500,
      durationMs: 61_100,
      // The user agent of this leg is the carrier's; the address is the caller's, from the originator's profile.
      userAgent: null,
      sourceIp: '192.0.2.44',
      diversions: ['+33240000001', '+33240000002'],
      transferredBy: null,
      mobilityUsed: null,
      recordStart: 0,
    });
    expect(recordBuffer.length).toBe(recordEnd);
  });

  test.each<[string, string, FreeSwitchOptions, string]>([
    ['the caller’s leg, the carrier’s having its own', callerLeg, {}, 'other-leg'],
    ['an unanswered leg', legWith({ answer_uepoch: '0', answer_stamp: '' }), {}, 'unanswered'],
    ['a leg towards a phone', legWith({ sip_gateway_name: '' }), {}, 'internal'],
    ['a gateway that is no carrier', carrierLeg, { gateways: ['trunk-*'] }, 'internal'],
    ['a loopback leg', legWith({ channel_name: 'loopback/0612-b' }), {}, 'internal'],
    ['a call that a carrier sent in', legWith({ direction: 'inbound', sip_gateway: 'carrier-one' }), {}, 'inbound'],
    ['a call to voicemail', legWith({ direction: 'inbound' }), {}, 'application'],
    ['a carrier’s leg where callers’ legs are billed', carrierLeg, { billedLeg: 'caller' }, 'other-leg'],
    ['no uuid', legWith({ uuid: '' }), {}, 'no-identity'],
    ['nobody’s leg', carrierLeg.replaceAll('"L000201"', '""'), {}, 'no-line'],
    ['a bill 6 s off', legWith({ billusec: '67100001' }), {}, 'duration-mismatch'],
    ['a negative bill', legWith({ billusec: '-100', end_uepoch: '1793697304500600' }), {}, 'invalid-field'],
    ['half a document', carrierLeg.slice(0, 900), {}, 'not-json'],
    ['no variables', '{"core-uuid":"x"}', {}, 'missing-field'],
    ['a list', '[]', {}, 'not-an-object'],
  ])('answers for %s', (_what, document, options, reason) => {
    expect(decode(document, options)).toMatchObject({ reason });
  });

  test('takes a leg through a carrier profile without gateway, if told so', () => {
    expect(decode(legWith({ sip_gateway_name: '' }), { profiles: ['external'] }).kind).toBe('call');
  });

  test('bills the caller’s leg where only that is reported, with the phone’s own evidence', () => {
    const decoded = decode(callerLeg, { billedLeg: 'caller' });
    expect(decoded.kind === 'call' && decoded.cdr).toMatchObject({
      line: 'L000201',
      dialled: '+33612345678',
      startedAt: 1_793_697_304_500,
      durationMs: 61_100,
      userAgent: 'Yealink SIP-T46U',
      sourceIp: '192.0.2.44',
    });
  });

  test('bills a caller’s leg that an announcement answered from its bridge on', () => {
    const document = JSON.parse(callerLeg);
    document.variables.bridge_uepoch = '1793697314500700';
    const decoded = decode(JSON.stringify(document), { billedLeg: 'caller' });
    expect(decoded.kind === 'call' && decoded.cdr).toMatchObject({ startedAt: 1_793_697_314_500, durationMs: 51_100 });
  });

  test.each([
    // variables                                                    ms      notes
    [{ billusec: '67539896', billmsec: '', end_uepoch: '1793697372040596' }, 67_540, []],
    [{ billusec: '', billmsec: '61099' }, 61_099, []],
    [{ billusec: '', billmsec: '', billsec: '62' }, 61_100, []],
    [{ billusec: '', billmsec: '', billsec: '62', end_uepoch: '0' }, 62_000, []],
    [{ billusec: '63100000' }, 61_100, ['duration-differs']],
    [{ billusec: '0', end_uepoch: '1793697304500700' }, 0, []],
  ])('takes the finest duration of %j', (variables, durationMs, notes) => {
    const decoded = decode(legWith(variables));
    expect(decoded.kind === 'call' && decoded.cdr.durationMs).toBe(durationMs);
    expect(decoded.kind === 'call' && decoded.notes).toEqual(notes);
  });

  test('notes a clock that jumped while the call was up, and bills the call as the switch measured it', () => {
    const document = JSON.parse(carrierLeg);
    document.app_log.applications[0].app_stamp = '1793701865600700';
    const decoded = decode(JSON.stringify(document));
    expect(decoded.kind === 'call' && [decoded.cdr.durationMs, decoded.notes]).toEqual([61_100, ['clock-jump']]);
  });

  test('reads values that are not percent-encoded as they are', () => {
    const plain = legWith({
      start_stamp: '2026-11-03 10:15:00',
      sip_req_uri: '+33612345678@198.51.100.20',
      accountcode: 'L%20X',
    });
    const decoded = decode(plain);
    expect(decoded.kind === 'call' && decoded.cdr).toMatchObject({ dialled: '+33612345678', line: 'L%20X' });
  });
});

const of = (variables: Readonly<Record<string, string>>) => diversionsOf((name) => variables[name] ?? '');

describe('diversionsOf()', () => {
  test('reads History-Info oldest first, up to the target of the leg', () => {
    const history =
      '<sip:+33140000001@a>;index=1,<sip:+33140000002@a;cause=302>;index=1.1;mp=1,"X, Y" <sip:+33612345678@b;cause=480>;index=1.1.1';
    expect(of({ sip_history_info: history })).toEqual(['+33140000001', '+33140000002']);
    expect(of({ sip_history_info: '<sip:+33140000001@a>;index=1,<sip:+33612345678@b>;index=1.1' })).toEqual([]);
  });

  test('adds a redirection by the phone last, and collapses a phone that redirects to itself', () => {
    expect(of({ sip_h_Diversion: '<tel:+33140000002>', sip_redirected_by: '"B" <sip:L000301@pbx>' })).toEqual([
      '+33140000002',
      'L000301',
    ]);
    expect(of({ sip_redirected_by: '<sip:L1@pbx>,<sip:L1@pbx>' })).toEqual(['L1']);
  });
});
