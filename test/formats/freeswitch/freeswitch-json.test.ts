import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Decoded } from '../../../formats/format.ts';
import { canonicalText } from '../../../rater/index.ts';
import { type DialPrefix, parseDialPrefix } from '../../../formats/call/dialled-prefix.ts';
import { createFreeSwitchJson } from '../../../formats/freeswitch/freeswitch-json.ts';
import type { FreeSwitchOptions } from '../../../formats/freeswitch/freeswitch-leg.ts';

const carrierLeg = readFileSync(`${import.meta.dirname}/../../fixtures/cdr/freeswitch-carrier-leg.json`, 'utf8');

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

const NO_PREFIX: DialPrefix = { isTrunk: () => false, prefix: '', replacement: '' };
const NO_BILL = { billusec: '', billmsec: '', billsec: '' };
const nobodysLeg = legWith({ sip_h_Diversion: '' }).replaceAll('"L000201"', '""');

/** The carrier's leg, so many days long. */
function lastingLeg(days: number): string {
  const micros = days * 86_400_000_000;
  return legWith({ billusec: String(micros), end_uepoch: String(1_793_697_304_500_600 + micros) });
}

describe('createFreeSwitchJson()', () => {
  test('makes the answered leg towards a carrier the call, decoding percent signs once', () => {
    const decoded = decode(carrierLeg);
    if (decoded.kind !== 'call') throw new Error(JSON.stringify(decoded));
    const { recordBuffer, recordStart, recordEnd, ...said } = decoded.cdr;
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
    });
    expect(recordBuffer.toString('utf8', recordStart, recordEnd)).toBe(canonicalText(decoded.cdr));
  });

  test.each<[string, string, FreeSwitchOptions, string]>([
    ['the caller’s leg, the carrier’s having its own', callerLeg, {}, 'other-leg'],
    ['an unanswered leg', legWith({ answer_uepoch: '0', answer_stamp: '' }), {}, 'unanswered'],
    ['a leg towards a phone', legWith({ sip_gateway_name: '', dialed_user: '201' }), {}, 'internal'],
    ['a leg to an extension', legWith({ sip_gateway_name: '', sip_req_user: '201' }), {}, 'internal'],
    ['a leg by another profile than those named', legWith({ sip_gateway_name: '' }), { profiles: ['op'] }, 'internal'],
    ['a gateway that is no carrier', carrierLeg, { gateways: ['trunk-*'] }, 'internal'],
    ['a loopback leg', legWith({ channel_name: 'loopback/0612-b' }), {}, 'internal'],
    ['a call that a carrier sent in', legWith({ direction: 'inbound', sip_gateway: 'carrier-one' }), {}, 'inbound'],
    ['a call to voicemail', legWith({ direction: 'inbound' }), {}, 'application'],
    ['a carrier’s leg where callers’ legs are billed', carrierLeg, { billedLeg: 'caller' }, 'other-leg'],
    ['no uuid', legWith({ uuid: '' }), {}, 'no-identity'],
    ['nobody’s leg', nobodysLeg, {}, 'no-line'],
    [
      'no answer time, and yet seconds billed',
      legWith({ answer_uepoch: '', answer_epoch: '' }),
      {},
      'duration-mismatch',
    ],
    ['no end and no duration', legWith({ end_uepoch: '', ...NO_BILL }), {}, 'invalid-field'],
    ['a stuck call of three days', lastingLeg(3), {}, 'call-too-long'],
    ['a call of nine days', lastingLeg(9), { longestCallMs: 604_800_000 }, 'invalid-field'],
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

  test('says that a call of nine days is longer than seven', () => {
    const decoded = decode(lastingLeg(9));
    expect('detail' in decoded && decoded.detail).toContain('longer than seven days');
  });

  test('takes a call of three days where the longest call is set so', () => {
    expect(decode(lastingLeg(3), { longestCallMs: 4 * 86_400_000 }).kind).toBe('call');
  });

  test.each<[string, Record<string, string>, Record<string, unknown>]>([
    // FreeSWITCH keeps several headers of one name as an array, the newest diversion first.
    [
      'several Diversion headers in the array form',
      {
        sip_h_Diversion: 'ARRAY%3A%3A%3Csip%3A%2B33699000002%40x%3E%3Breason%3Dno-answer%7C%3A%3Csip%3AL000300%40x%3E',
      },
      { diversions: ['L000300', '+33699000002'] },
    ],
    [
      'the headers of the INVITE that came in',
      { sip_h_Diversion: '', sip_i_diversion: 'ARRAY::<sip:L000300@x>|:<sip:L000301@x>' },
      { diversions: ['L000301', 'L000300'] },
    ],
    [
      'History-Info',
      { sip_h_Diversion: '', sip_i_history_info: '<sip:L000300@x>;index=1,<sip:06@x;cause=302>;index=1.1' },
      { diversions: ['L000300'] },
    ],
    ['a user part that was encoded once more', { sip_req_user: '%252B33612345678' }, { dialled: '+33612345678' }],
    ['a number with the # that ends dialling', { sip_req_user: '0612345678%2523' }, { dialled: '0612345678' }],
    ['the same, not encoded', { sip_req_user: '0612345678#' }, { dialled: '0612345678' }],
    ['a service code, whose # is its own', { sip_req_user: '*21#' }, { dialled: '*21#' }],
  ])('reads %s', (_what, variables, expected) => {
    const decoded = decode(legWith(variables));
    expect(decoded.kind === 'call' && decoded.cdr).toMatchObject(expected);
  });

  test('has the transferor pay a leg that names no line', () => {
    const byHeader = JSON.parse(nobodysLeg);
    byHeader.variables['sip_h_Referred-By'] = '<sip:L000200@pbx.example>';
    const decoded = decode(JSON.stringify(byHeader));
    expect(decoded.kind === 'call' && decoded.cdr).toMatchObject({ line: 'L000200', transferredBy: 'L000200' });
  });

  test('has the diverter pay a leg that names no line', () => {
    const decoded = decode(carrierLeg.replaceAll('"L000201"', '""'));
    expect(decoded.kind === 'call' && decoded.cdr).toMatchObject({ line: '+33240000002' });
  });

  test('reads a document whose values were encoded twice', () => {
    const twice = JSON.parse(carrierLeg);
    for (const [name, value] of Object.entries<string>(twice.variables)) {
      twice.variables[name] = value.replaceAll('%', '%25');
    }
    expect(decode(JSON.stringify(twice))).toMatchObject({ kind: 'call', cdr: { dialled: '+33612345678' } });
  });

  test('takes off the prefixes of a gateway', () => {
    const dialPrefixes = [parseDialPrefix('carrier-*:123#=') ?? NO_PREFIX];
    const decoded = decode(legWith({ sip_req_user: '123%230612345678' }), { dialPrefixes });
    expect(decoded.kind === 'call' && decoded.cdr.dialled).toBe('0612345678');
  });

  test('puts a clock that is ahead right', () => {
    const decoded = decode(carrierLeg, { clockAheadMs: 3_600_000 });
    expect(decoded.kind === 'call' && decoded.cdr.startedAt).toBe(1_793_697_304_500 - 3_600_000);
  });

  test.each([
    // dial string                                                          answered by                  outcome
    ['sofia/gateway/carrier-one/061,sofia/gateway/carrier-one/062', 'sofia/external/062', 'call to 062'],
    ['sofia/gateway/carrier-one/061|sofia/gateway/carrier-two/061', '', 'call to 061'],
    ['sofia/gateway/carrier-one/061,sofia/gateway/carrier-one/062', '', 'no-number'],
    ['user/201,sofia/gateway/carrier-one/061', 'sofia/internal/201@192.0.2.1', 'internal'],
    ['user/201,sofia/gateway/carrier-one/061', 'sofia/external/061', 'call to 061'],
    ['user/201,sofia/gateway/carrier-one/061', '', 'no-number'],
    ['user/201', '', 'internal'],
    ['sofia/external/0612345678@203.0.113.5', '', 'unnamed-trunk'],
    ['user/201,sofia/external/0612345678@203.0.113.5', 'sofia/external/0612345678', 'unnamed-trunk'],
    ['sofia/internal/201@192.0.2.1', '', 'internal'],
    ['sofia/external/3639@203.0.113.5', '', 'unnamed-trunk'],
    ['FreeTDM/1/a/0612345678', '', 'unnamed-trunk'],
    ['user/0145670201', '', 'internal'],
    ['loopback/0612345678', '', 'internal'],
  ])('tells which target of %s answered, by %j: %s', (last_arg, bridge_channel, expected) => {
    const leg = JSON.parse(callerLeg);
    Object.assign(leg.variables, { last_arg, bridge_channel });
    const decoded = decode(JSON.stringify(leg), { billedLeg: 'caller' });
    expect(decoded.kind === 'call' ? `call to ${decoded.cdr.dialled}` : decoded.reason).toBe(expected);
  });
});
