import { describe, expect, it } from 'vitest';
import type { Leg } from '../../../formats/call/leg.ts';
import { legText, readLegs } from '../../../formats/call/whole-call.ts';
import { createFreeSwitchJson } from '../../../formats/freeswitch/freeswitch-json.ts';
import type { FreeSwitchOptions } from '../../../formats/freeswitch/freeswitch-leg.ts';
import { type FreeSwitchLegGiven, freeSwitchLeg } from '../../support/freeswitch-legs.ts';

function decodeLeg(given: FreeSwitchLegGiven, options: FreeSwitchOptions = {}) {
  const bytes = Buffer.from(freeSwitchLeg(given));
  return createFreeSwitchJson(options).decode(bytes, 0, bytes.length);
}

function legsOf(given: readonly FreeSwitchLegGiven[], options: FreeSwitchOptions = {}): Leg[] {
  return given.map((one) => {
    const { leg } = decodeLeg(one, options);
    if (leg === undefined) throw new Error(`Cannot read ${one.uuid} as a leg`);
    // As the ledger has it: evidence, without what was read of it.
    const { family, switchId, groupId, legId, evidence } = leg;
    return { family, switchId, groupId, legId, evidence };
  });
}

/** What each leg comes to: the call as `payer -> number seconds (how)`, or the reason. */
function shown(legs: readonly Leg[]): string[] {
  return readLegs(legs).map((reading) => {
    if (reading.kind !== 'call') return reading.reason;
    const { line, dialled, durationMs, diversions, transferredBy } = reading.content;
    const how = [
      ...diversions.map((by) => `forwarded ${by}`),
      ...(transferredBy === null ? [] : [`transferred ${transferredBy}`]),
    ];
    return [`${line} -> ${dialled} ${durationMs / 1000}s`, ...how].join(', ');
  });
}

/** The same whatever the order of legs, with any of them twice. */
function read(given: readonly FreeSwitchLegGiven[], options: FreeSwitchOptions = {}): string[] {
  const legs = legsOf(given, options);
  const outcome = shown(legs);
  expect(shown(legs.toReversed())).toEqual(outcome.toReversed());
  expect(shown([...legs, ...legs.slice(0, 1)]).slice(0, legs.length)).toEqual(outcome);
  return outcome;
}

const A: FreeSwitchLegGiven = {
  uuid: 'A',
  role: 'caller',
  variables: { sip_auth_username: '200', bridge_uuid: 'B', sip_user_agent: 'Yealink', sip_received_ip: '192.0.2.44' },
};
const B: FreeSwitchLegGiven = { uuid: 'B', call: 'A', role: 'carrier', madeFor: 'A' };
const B_OF_200: FreeSwitchLegGiven = { ...B, variables: { accountcode: '200' } };
/** 200 called 300; the leg to a carrier has the caller's account code still. */
const A_TO_300: FreeSwitchLegGiven = { ...A, first: '300' };

describe('the records of one call of FreeSWITCH', () => {
  it('say alone what they said before there were others', () => {
    expect(read([B_OF_200])).toEqual(['200 -> 0612345678 60s']);
    expect(read([B])).toEqual(['no-line']);
    expect(read([A])).toEqual(['other-leg']);
  });

  it('tell the line of a leg that names none, and its phone', () => {
    expect(read([B, A])).toEqual(['200 -> 0612345678 60s', 'other-leg']);
    const [reading] = readLegs(legsOf([B, A]));
    expect(reading).toMatchObject({ content: { userAgent: 'Yealink', sourceIp: '192.0.2.44' } });
  });

  it('take the line of the leg itself, where both name one by different variables', () => {
    expect(read([{ ...B, variables: { accountcode: 'L200' } }, A])[0]).toBe('L200 -> 0612345678 60s');
  });

  it('wait, naming both, where one variable says different things of a call that nobody sent on', () => {
    const caller = { ...A, variables: { ...A.variables, accountcode: '200' } };
    const rows = [{ ...B, variables: { accountcode: '201' } }, caller];
    expect(read(rows)[0]).toBe('contradiction');
    expect(readLegs(legsOf(rows))[0]).toMatchObject({
      detail: "Cannot tell who pays: leg 'B' says '201', and leg 'A', which it was made for, says '200'",
    });
  });

  it('wait, naming both, where the dial string of the caller has another number', () => {
    const caller = { ...A, variables: { ...A.variables, last_app: 'bridge', last_arg: 'sofia/gateway/op/0899123456' } };
    expect(read([B_OF_200, caller])[0]).toBe('contradiction');
    const prefixed = {
      ...A,
      variables: { ...A.variables, last_app: 'bridge', last_arg: 'sofia/gateway/op/90612345678' },
    };
    expect(read([B_OF_200, prefixed])[0]).toBe('200 -> 0612345678 60s');
  });

  it('charge a forwarded leg to who was called', () => {
    const rang: FreeSwitchLegGiven = { uuid: 'Y', call: 'A', role: 'phone', madeFor: 'A', to: '300', ring: null };
    const caller = { ...A_TO_300, ring: 15 };
    const forwarded = '300 -> 0612345678 60s, forwarded 300';
    expect(read([{ ...B_OF_200, at: 10 }, caller])[0]).toBe(forwarded);
    expect(read([{ ...B_OF_200, at: 10 }, rang, caller])).toEqual([forwarded, 'internal', 'other-leg']);
    // Called by a number of its own, and named by the leg.
    const byNumber = { ...caller, first: '0245670300' };
    const own = { ...B, at: 10, variables: { accountcode: '300' } };
    expect(read([own, byNumber])[0]).toBe('300 -> 0612345678 60s, forwarded 0245670300, forwarded 300');
    expect(read([own, { ...rang, to: '300' }, byNumber])[0]).toBe(
      '300 -> 0612345678 60s, forwarded 0245670300, forwarded 300',
    );
  });

  it('do not take the phone of the caller for the forwarder', () => {
    const [reading] = readLegs(
      legsOf([
        { ...B_OF_200, at: 10 },
        { ...A_TO_300, ring: 15 },
      ]),
    );
    expect(reading).toMatchObject({ content: { userAgent: null, sourceIp: null } });
  });

  it('charge a leg that was transferred to the transferor', () => {
    const talked: FreeSwitchLegGiven = { uuid: 'Y', call: 'A', role: 'phone', madeFor: 'A', to: '300' };
    expect(read([{ ...B_OF_200, at: 60 }, talked, A_TO_300])[0]).toBe('300 -> 0612345678 60s, transferred 300');
    // From outside, in by the number of 300.
    const outside = { ...A_TO_300, role: 'from-carrier' as const, first: '0245670300', variables: {} };
    expect(read([{ ...B, at: 60 }, talked, outside])).toEqual([
      '300 -> 0612345678 60s, transferred 300',
      'internal',
      'inbound',
    ]);
  });

  it('charge a second call to whoever placed it while the first was up, an attended transfer or not', () => {
    const talked: FreeSwitchLegGiven = { uuid: 'Y', call: 'A', role: 'phone', madeFor: 'A', to: '300', seconds: 600 };
    const caller = { ...A_TO_300, seconds: 600 };
    // The caller, who has 300 on hold.
    expect(read([{ ...B_OF_200, at: 60 }, talked, caller])[0]).toBe('200 -> 0612345678 60s');
    // 300, who has the caller on hold.
    const byCalled: FreeSwitchLegGiven = { ...B, madeFor: 'Y', at: 60 };
    expect(read([byCalled, talked, caller])[0]).toBe('300 -> 0612345678 60s, transferred 300');
    // The caller sent 300 on, and was gone.
    expect(read([byCalled, talked, { ...caller, seconds: 55 }])[0]).toBe('200 -> 0612345678 60s, transferred 200');
    // Nobody outside sends a phone of ours on.
    const outside = { ...caller, role: 'from-carrier' as const, seconds: 55, variables: {} };
    expect(read([byCalled, talked, outside])[0]).toBe('300 -> 0612345678 60s, transferred 300');
    // Somebody outside was called first: only the caller can have called another.
    const second: FreeSwitchLegGiven = { ...B, uuid: 'C', to: '0145678901', at: 90 };
    expect(read([second, A, B_OF_200])[0]).toBe('200 -> 0145678901 60s');
  });

  it('do not charge a phone that a group rang beside the number that answered', () => {
    const rang: FreeSwitchLegGiven = { uuid: 'Y', call: 'A', role: 'phone', madeFor: 'A', to: '201', ring: null };
    const caller = { ...A_TO_300, first: '600', ring: 15 };
    expect(read([B_OF_200, rang, caller])[0]).toBe('600 -> 0612345678 60s, forwarded 600');
    expect(read([{ ...B_OF_200, at: 10 }, rang, caller])[0]).toBe(
      '201 -> 0612345678 60s, forwarded 600, forwarded 201',
    );
  });

  it('charge the second leg of a call that its caller transferred from carrier to carrier', () => {
    const second: FreeSwitchLegGiven = {
      uuid: 'C',
      call: 'A',
      role: 'carrier',
      madeFor: 'B',
      to: '0145678901',
      at: 90,
    };
    expect(read([A, B_OF_200, second])).toEqual([
      'other-leg',
      '200 -> 0612345678 60s',
      '200 -> 0145678901 60s, transferred 200',
    ]);
  });

  it('wait where who was called had talked or forwarded, and no record says which', () => {
    const rows = [{ ...B_OF_200, at: 60 }, A_TO_300];
    expect(read(rows)[0]).toBe('incomplete-call');
    // The leg names another line than the caller's: unknown is no breach.
    expect(read([{ ...B, at: 60, variables: { accountcode: '300' } }, A_TO_300])[0]).toBe('300 -> 0612345678 60s');
  });

  it('charge what an outside call forwarded to whom it had called, where a phone rang or none answered', () => {
    const outside: FreeSwitchLegGiven = {
      ...A_TO_300,
      role: 'from-carrier',
      first: '0245670300',
      ring: 15,
      variables: {},
    };
    expect(read([{ ...B, at: 10, variables: { accountcode: '300' } }, outside])[0]).toBe(
      '300 -> 0612345678 60s, forwarded 0245670300, forwarded 300',
    );
    expect(read([{ ...B, at: 10 }, outside])[0]).toBe('0245670300 -> 0612345678 60s, forwarded 0245670300');
  });

  it('know a click-to-dial by the phone that the switch called first', () => {
    const phone: FreeSwitchLegGiven = { uuid: 'P', role: 'phone', to: '200', variables: { bridge_uuid: 'B' } };
    expect(read([{ ...B, call: 'P', madeFor: 'P' }, phone])).toEqual(['200 -> 0612345678 60s', 'internal']);
  });

  it('look through loopback channels', () => {
    const legs: readonly FreeSwitchLegGiven[] = [
      { ...B_OF_200, madeFor: 'lb' },
      { uuid: 'lb', call: 'A', role: 'loopback', variables: { other_loopback_leg_uuid: 'la' } },
      { uuid: 'la', call: 'A', role: 'loopback', madeFor: 'A', variables: { other_loopback_leg_uuid: 'lb' } },
    ];
    expect(read([...legs, { ...A, variables: { sip_auth_username: '200' } }])[0]).toBe('200 -> 0612345678 60s');
    expect(read([...legs, { ...A_TO_300, ring: 15, variables: { sip_auth_username: '200' } }])[0]).toBe(
      '300 -> 0612345678 60s, forwarded 300',
    );
    expect(read(legs)[0]).toBe('200 -> 0612345678 60s');
  });

  it.each([
    ['a service code', '*61'],
    ['the number with an outside prefix', '90612345678'],
    ['the number in another notation', '0033612345678'],
    ['an application', 'conference'],
  ])('know no forward by %s', (_, first) => {
    expect(read([B_OF_200, { ...A, first }])[0]).toBe('200 -> 0612345678 60s');
  });

  it('leave what a leg says of itself: diversions and who transferred', () => {
    const referred = { ...B_OF_200, variables: { 'sip_h_Referred-By': '<sip:300@pbx>' } };
    expect(read([referred, A_TO_300])[0]).toBe('300 -> 0612345678 60s, transferred 300');
    const diverted = { ...B, variables: { accountcode: '200', sip_h_Diversion: 'ARRAY::<sip:+336@x>|:<sip:300@x>' } };
    expect(read([diverted, A])[0]).toBe('200 -> 0612345678 60s, forwarded 300, forwarded +336');
  });

  it('wait where a line called a number outside by a profile that nobody named, without a gateway', () => {
    const out = { ...B, variables: { sip_gateway_name: '', channel_name: 'sofia/external/0612345678' } };
    expect(read([out, A])).toEqual(['unnamed-trunk', 'other-leg']);
    expect(read([{ ...out, variables: { ...out.variables, accountcode: '200' } }])).toEqual(['unnamed-trunk']);
    const detail =
      "Cannot tell whether a carrier bills it: it left for '0612345678' by profile 'external', without a gateway. Name " +
      "the profile with 'profile', or such numbers of phones with 'extension'";
    expect(decodeLeg({ ...out, variables: { ...out.variables, accountcode: '200' } })).toMatchObject({ detail });
    // A carrier's call for a phone whose name is a number, and one that leaves as it came.
    const toPhone = { ...out, variables: { ...out.variables, channel_name: 'sofia/internal/0612345678@192.0.2.7' } };
    const cameIn: FreeSwitchLegGiven = { ...A, role: 'from-carrier', variables: {} };
    expect(read([toPhone, cameIn])).toEqual(['internal', 'inbound']);
    expect(read([out, cameIn])).toEqual(['unnamed-trunk', 'inbound']);
    const unnamed = { ...A, variables: { channel_name: 'sofia/external/0140000001@op.example' } };
    expect(read([out, unnamed])[0]).toBe('unnamed-trunk');
    // Headers say that a phone of ours sent it outside.
    for (const by of [{ sip_h_Diversion: '<sip:300@x>' }, { sip_referred_by_user: '300' }]) {
      expect(read([{ ...toPhone, variables: { ...toPhone.variables, ...by } }, cameIn])[0]).toBe('unnamed-trunk');
    }
    expect(read([{ ...out, ring: null, variables: { ...out.variables, accountcode: '200' } }, A])[0]).toBe('internal');
  });

  it.each([
    // channel                          number                 profiles        outcome
    ['sofia/external/0612345678@x', '123%230612345678', undefined, 'unnamed-trunk'],
    ['sofia/external/0612345678@x', '*31#0612345678', undefined, 'unnamed-trunk'],
    ['sofia/external/118218@x', '118218', undefined, 'unnamed-trunk'],
    ['sofia/internal/2201@192.0.2.7', '2201', undefined, 'internal'],
    ['sofia/external/0612345678@x', '0612345678', ['external'], '200 -> 0612345678 60s'],
    ['sofia/external/0612345678@x', '0612345678', ['other'], 'internal'],
    ['FreeTDM/1:1/0612345678', '0612345678', undefined, 'unnamed-trunk'],
    ['FreeTDM/1:1/0612345678', '0612345678', ['FreeTDM'], '200 -> 0612345678 60s'],
    ['gsmopen/sim1/0612345678', '0612345678', ['gsm*'], '200 -> 0612345678 60s'],
    ['OpenZAP/1:2/0612345678', '0612345678', undefined, 'unnamed-trunk'],
    ['verto.rtc/201', '201', undefined, 'internal'],
    ['sofia/external/3639@x', '3639', undefined, 'unnamed-trunk'],
    ['sofia/external/3639', '123#3639', undefined, 'unnamed-trunk'],
    ['sofia/external/15@x', '15', undefined, 'unnamed-trunk'],
    ['sofia/external/1023@x', '1023', ['external'], '200 -> 1023 60s'],
    ['FreeTDM/1:1/3639', '3639', undefined, 'unnamed-trunk'],
    ['sofia/external/support@x', 'support', undefined, 'internal'],
  ])('to %s, %s, profiles %j: %s', (channel_name, to, profiles, expected) => {
    const out = { ...B, to, variables: { sip_gateway_name: '', channel_name } };
    expect(read([out, { ...A, to }], profiles === undefined ? {} : { profiles })[0]).toBe(expected);
  });

  it('wait where a line dialled them by loopback channels, which leave nothing, or a phone that was called did', () => {
    const out = { ...B, madeFor: 'Lb', variables: { sip_gateway_name: '', channel_name: 'sofia/external/0612345678' } };
    const halves = [loopback('La', 'Lb', 'A'), loopback('Lb', 'La')];
    expect(read([out, ...halves, A])).toEqual(['unnamed-trunk', 'internal', 'internal', 'other-leg']);
    const short = { ...shortBy('external'), madeFor: 'Lb' };
    expect(read([short, ...halves, { ...A, to: '3639' }])[0]).toBe('unnamed-trunk');
    const phone: FreeSwitchLegGiven = { uuid: 'P', call: 'A', role: 'phone', madeFor: 'A', to: '300' };
    const cameIn: FreeSwitchLegGiven = { ...A, role: 'from-carrier', to: '300', variables: {} };
    expect(read([{ ...short, madeFor: 'P' }, phone, cameIn])[0]).toBe('unnamed-trunk');
  });

  it('are in doubt where a short number left by its caller’s profile, or nothing names that', () => {
    const doubtful = { kind: 'not-a-call', reason: 'internal', doubt: 'short-number' };
    const caller = { ...A, to: '3639' };
    expect(readLegs(legsOf([shortBy('internal'), caller]))[0]).toEqual(doubtful);
    const own = shortBy('external');
    expect(decodeLeg({ ...own, variables: { ...own.variables, accountcode: '200' } })).toMatchObject(doubtful);
    // A phone that was called by its name, and an extension, are known.
    const phone = { ...own, variables: { ...own.variables, dialed_user: '3639' } };
    expect(readLegs(legsOf([phone, caller]))[0]).toEqual({ kind: 'not-a-call', reason: 'internal' });
    expect(readLegs(legsOf([own, caller], { isExtension: () => true }))[0]).toEqual({
      kind: 'not-a-call',
      reason: 'internal',
    });
    // A carrier's call for a phone, and one that leaves as it came.
    const cameIn: FreeSwitchLegGiven = { ...caller, role: 'from-carrier', variables: {} };
    expect(readLegs(legsOf([shortBy('internal'), cameIn]))[0]).toEqual({ kind: 'not-a-call', reason: 'internal' });
    expect(read([own, cameIn])[0]).toBe('unnamed-trunk');
  });

  it('are no leg where nothing of them names another, or callers are billed', () => {
    expect(decodeLeg({ uuid: 'A', role: 'caller', ring: null }).leg).toBeUndefined();
    expect(decodeLeg({ uuid: 'P', role: 'phone', ring: null }).leg).toBeUndefined();
    expect(
      decodeLeg({ uuid: 'B', role: 'carrier', ring: null, variables: { accountcode: '200' } }).leg,
    ).toBeUndefined();
    // The same leg may be told once more, by a document that names its caller.
    expect(decodeLeg({ uuid: 'B', role: 'carrier', variables: { accountcode: '200' } }).leg).toBeDefined();
    expect(decodeLeg(B_OF_200, { billedLeg: 'caller' }).leg).toBeUndefined();
  });

  it('say what they said, for people', () => {
    expect(legsOf([A_TO_300, B_OF_200]).map(legText)).toEqual([
      'a subscriber called by sofia/internal/200@pbx.example; line 200; dialled 300; answered',
      'to a carrier by sofia/external/0612345678; line 200; number 0612345678, 60000 ms; made for A; answered',
    ]);
  });
});

/** A leg to a short number by a profile, without a gateway. */
function shortBy(profile: string) {
  return { ...B, to: '3639', variables: { sip_gateway_name: '', channel_name: `sofia/${profile}/3639@x` } };
}

function loopback(uuid: string, other: string, madeFor?: string): FreeSwitchLegGiven {
  const variables = { other_loopback_leg_uuid: other };
  return { uuid, call: 'A', role: 'loopback', ...(madeFor === undefined ? {} : { madeFor }), variables };
}
