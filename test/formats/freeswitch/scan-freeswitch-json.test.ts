import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readFreeSwitchDocument } from '../../../formats/freeswitch/freeswitch-document.ts';
import { createFreeSwitchJson } from '../../../formats/freeswitch/freeswitch-json.ts';
import {
  decodeFreeSwitchLeg,
  type FreeSwitchOptions,
  freeSwitchSettings,
} from '../../../formats/freeswitch/freeswitch-leg.ts';
import { VARIABLES } from '../../../formats/freeswitch/scan-freeswitch-json.ts';
import { FREESWITCH_ROWS } from '../../../bench/switch-rows.ts';
import { holdScannedLeg, mutated, oneOf, randomFrom, recordBytes } from '../scanned-legs.ts';

type Fields = Record<string, unknown>;

/** Values of each variable, the first of an ordinary leg to a carrier; `undefined` where it has none. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  direction: ['outbound', 'inbound', '', undefined],
  uuid: ['b1e6c0de-0000-4000-8000-00000000000b', '', 12, undefined, 'x'.repeat(1025), 'x'.repeat(400)],
  is_outbound: ['true', undefined],
  call_uuid: ['a1e6c0de-0000-4000-8000-00000000000a', '', undefined, 'x'.repeat(700)],
  channel_name: ['sofia%2Fexternal%2F%2B33612345678', 'sofia/external/0612345678', 'loopback/1-a', 'loopback%2F1', ''],
  sip_gateway_name: ['carrier-one', '', undefined, 'carrier%2Dtwo', 'other', null],
  sip_gateway: [undefined, 'carrier-one'],
  sofia_profile_name: ['external', 'internal', undefined],
  sip_req_user: ['%2B33612345678', '+33612345678', '0612345678', '0612345678%23', '', 'a%40b', 33612345678, 'x y', 'é'],
  sip_to_user: ['%2B33612345678', '123'],
  sip_from_user: ['L000201', '', undefined, '%22a%22', 'caf%C3%A9', ['a', 'b'], 100],
  sip_from_uri: ['L000201%40pbx.example', 'L000201@pbx.example', 'L%2540pbx', undefined, 'L%2540pbx%40x'],
  sip_to_uri: [undefined, 'x%40y', 'x@y'],
  sip_req_uri: ['%2B33612345678%40198.51.100.20%3A5060', '+33612345678@x', undefined],
  originating_leg_uuid: [undefined, 'c1', ''],
  originator: [undefined, 'd1', 'a%2520b'],
  bridge_uuid: ['a1e6c0de-0000-4000-8000-00000000000a', undefined, ''],
  last_bridge_to: [undefined, 'e1'],
  signal_bond: [undefined, 'f1'],
  other_loopback_leg_uuid: [undefined, 'g1'],
  originated_legs: [undefined, 'x'],
  start_stamp: ['2026-11-03%2010%3A15%3A00', '2026-11-03 10:15:00', '2026-11-03%252010', '', undefined, null],
  start_uepoch: ['1793697300100200', '0', '', undefined, '0x10', '99', 1793697300, '9999999999999999'],
  answer_uepoch: ['1793697304500700', '0', '', undefined, '-1', '1e15', '00793697304500700', '99'],
  answer_epoch: [undefined, '1793697304', 'x', '-5'],
  end_uepoch: ['1793697365600700', '0', '', undefined, '1793697367600700', '1793697304500600', '9007199254740993'],
  bridge_uepoch: [undefined, '0', '1793697304600700', 'x'],
  billsec: ['61', '', undefined, '61.5', 61],
  billmsec: ['61100', undefined, '', '-1', '61102', 'x'],
  billusec: ['61100000', undefined, '', '61100499', '61100500', '-1', '0', '70000000', '69000000000000'],
  sip_redirected_by: [undefined, '', '%3Csip%3A0612345670%40x%3E'],
  sip_referred_by_user: [undefined, '', 'L2'],
  sip_auth_username: [undefined, 'L1', '%3Csip%3AL1%40x%3E', 'sip:L1@x', ''],
  accountcode: ['L000201', '', undefined, 'x'.repeat(1024), 'L%25', 'a%5Cb', 'a%0Ab', 'a%7Fb', 'a%zz', 'tel:1'],
  user_name: [undefined, 'L3'],
  sip_h_Diversion: [undefined, '', '<sip:0612345670@x>'],
  'sip_i_history-info': [undefined, '<sip:0612345670@x>'],
  sip_history_info: [undefined, '<sip:0612345670@x>'],
  Sip_H_referred_by: [undefined, '<sip:0612345670@x>'],
  'sip_h_X-FS-Support': ['update_display%2Csend_info', 'é', '\\"/', ''],
  hangup_cause: ['NORMAL_CLEARING', true, 1.5, ['a', { b: [] }], { c: {} }, '\u0007'],
};

const PROFILES: Readonly<Record<string, readonly unknown[]>> = {
  username: ['L000201', '', undefined, 'é', 'a%20b'],
  caller_id_name: ['A B', 'a"b', 'é', undefined],
  caller_id_number: ['+33240000009', '', undefined, 'a\\b', 'x'.repeat(1025), 7],
  destination_number: ['+33612345678', undefined],
  network_addr: ['192.0.2.44', '', undefined, '192.0.2.44:5060', '2001:db8::1', 'none'],
  uuid: ['c1e6c0de-0000-4000-8000-00000000000c', '', undefined],
};

/** Some of the fields at random: each most often as an ordinary leg has it. */
function fieldsOf(values: Readonly<Record<string, readonly unknown[]>>, random: () => number, change: number): Fields {
  const entries = Object.entries(values).map(([name, all]) => [name, random() < change ? oneOf(all, random) : all[0]]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function documentOf(random: () => number, change: number): Fields {
  const profile = fieldsOf(PROFILES, random, change);
  const first = fieldsOf(PROFILES, random, change);
  const rare = <Value>(usual: Value, ...others: readonly Value[]): Value =>
    random() < change ? oneOf(others, random) : usual;
  const originators = rare<unknown>([first], [], [first, { username: 'other' }], {}, [1], null, undefined);
  const originator = rare<unknown>({ originator_caller_profiles: originators }, {}, null, undefined, []);
  const flow = { dialplan: 'XML', times: { created_time: '1' }, caller_profile: { ...profile, originator } };
  const stamp = rare('1793697300200000', '1793697399200000', 'x', '', '1793697366000000');
  const applications = rare<unknown>([{ app_name: 'set', app_stamp: '1' }, { app_stamp: stamp }], [], [2], 'x');
  return Object.fromEntries(
    Object.entries({
      'core-uuid': '0f0e0d0c',
      switchname: rare<unknown>('fs-nantes-1', '', undefined, 'é', 'a"b', 5, 'fs-2'),
      channel_data: { state: 'CS_REPORTING', direction: 'outbound' },
      variables: rare<unknown>(fieldsOf(VALUES, random, change), {}, [], 'x'),
      app_log: rare<unknown>({ applications }, undefined, {}, null, []),
      callflow: rare<unknown>([flow, { caller_profile: { username: 'older' } }], [], undefined, flow, [flow], [null]),
    }).filter(([, value]) => value !== undefined),
  );
}

const OPTIONS: readonly FreeSwitchOptions[] = [
  {},
  {
    switchId: 'pbx-1',
    gateways: ['carrier*'],
    profiles: ['external'],
    lineFrom: ['uuid', 'accountcode', 'sip_h_X-FS-Support'],
    clockAheadMs: 90_000,
    longestCallMs: 61_100,
  },
];

const plain = documentOf(() => 0.5, 0);
const taken = (document: string): boolean => holdScannedLeg(createFreeSwitchJson(), recordBytes(document));

/** The ordinary leg with some variables changed. */
function legWith(variables: Fields): string {
  return JSON.stringify({ ...plain, variables: { ...(plain['variables'] as Fields), ...variables } });
}

describe('the fast way to legs of mod_json_cdr', () => {
  test('it takes an ordinary leg, however it is laid out, and reads it as the plain way does', () => {
    expect(taken(JSON.stringify(plain))).toBe(true);
    expect(taken(JSON.stringify(plain, null, 2))).toBe(true);
    expect(taken(JSON.stringify(plain, null, '\t').replaceAll('\n', '\r\n'))).toBe(true);
    const call = {
      call: 'c1',
      line: 'L1',
      to: '+33612345678',
      answered: '2026-11-03T10:15:00.250Z',
      durationMs: 61_000,
    };
    expect(taken(FREESWITCH_ROWS.rowsOf(call).trimEnd())).toBe(true);
    const many = Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`rtp_audio_${at}`, 'some%20value']));
    expect(taken(legWith(many))).toBe(true);
    for (const own of [{ call_uuid: '' }, { start_stamp: '' }, { billusec: '' }, { sip_auth_username: 'L1' }]) {
      expect({ own, isTaken: taken(legWith(own)) }).toEqual({ own, isTaken: true });
    }
  });

  test('it takes the leg of a fixture once nothing in it was diverted', () => {
    const fixture = readFileSync(
      `${import.meta.dirname}/../../fixtures/cdr/freeswitch-carrier-leg.json`,
      'utf8',
    ).trim();
    expect(taken(fixture)).toBe(false);
    const dialled = '"sip_req_user": "%2B33612345678", "sip_h_X-Diverted"';
    expect(taken(fixture.replace('"sip_h_Diversion"', dialled))).toBe(true);
  });

  test('documents with one name twice are read the plain way', () => {
    const text = JSON.stringify(plain);
    for (const [name, value] of [
      ['variables', '{}'],
      ['switchname', '"b"'],
      ['callflow', '[]'],
    ]) {
      expect(taken(text.replace(/\}$/, `,"${name}":${value}}`))).toBe(false);
    }
    expect(taken(text.replace('"uuid":', '"uuid":"first","uuid":'))).toBe(false);
    expect(taken(text.replace('"caller_profile":', '"caller_profile":{},"caller_profile":'))).toBe(false);
  });

  test.each([1, 2])('whatever it takes, it reads as the plain way does: settings %i', (which) => {
    const random = randomFrom(11 * which);
    const format = createFreeSwitchJson(OPTIONS[which - 1]);
    let count = 0;
    for (let at = 0; at < 15_000; at++) {
      const document = documentOf(random, oneOf([0, 0.01, 0.03, 0.1], random));
      let text = JSON.stringify(document, null, random() < 0.1 ? 1 : 0);
      if (random() < 0.5) text = mutated(text, random);
      if (holdScannedLeg(format, recordBytes(text))) count++;
    }
    expect(count).toBeGreaterThan(3_000);
  });

  test('it knows each field that the plain way reads of a leg that it takes', () => {
    const known = new Set<string>([...VARIABLES, 'sip_auth_username', 'accountcode', 'user_name']);
    for (const name of ['username', 'caller_id_number']) known.add(`profile ${name}`);
    for (const name of ['username', 'uuid', 'network_addr']) known.add(`originator ${name}`);
    const asked = new Set<string>();
    for (const own of [{}, { call_uuid: '' }, { billusec: '' }, { billmsec: '', billusec: '' }, { start_stamp: '' }]) {
      const whole = readFreeSwitchDocument(JSON.parse(legWith(own)))!;
      const noting =
        (what: string, read: (name: string) => string) =>
        (name: string): string => {
          asked.add(what + name);
          return read(name);
        };
      const document = {
        ...whole,
        variable: noting('', whole.variable),
        profile: noting('profile ', whole.profile),
        originator: noting('originator ', whole.originator),
      };
      expect(decodeFreeSwitchLeg(document, freeSwitchSettings({})).kind).toBe('call');
    }
    expect([...asked].filter((name) => !known.has(name))).toEqual([]);
    expect(asked.size).toBeGreaterThan(20);
  });

  test('settings that change what is read have no fast way', () => {
    for (const options of [
      { dialPrefixes: [{ isTrunk: () => true, prefix: '9', replacement: '' }] },
      { billedLeg: 'caller' },
      { userAgentFrom: ['ua'] },
      { sourceIpFrom: ['ip'] },
      { isExtension: () => false },
      { switchId: 'a"b' },
      { lineFrom: ['sip_h_Diversion'] },
      { lineFrom: ['sip_to_uri'] },
    ] as const) {
      expect(createFreeSwitchJson(options as FreeSwitchOptions).scanLeg).toBeUndefined();
    }
  });
});
