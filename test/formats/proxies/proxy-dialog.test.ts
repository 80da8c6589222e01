import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodedOf } from '../../../formats/call/decoded-leg.ts';
import { type Leg, legKey } from '../../../formats/call/leg.ts';
import { legText, readLegs } from '../../../formats/call/whole-call.ts';
import type { Decoded, Format } from '../../../formats/format.ts';
import { createAccRows, createKamailioJson } from '../../../formats/proxies/kamailio.ts';
import { createOpenSipsJson } from '../../../formats/proxies/opensips.ts';
import type { ProxyOptions } from '../../../formats/proxies/proxy-call.ts';
import { told } from '../read-fixture.ts';

const OPTIONS = { switchId: 'k', extraColumns: ['src_user', 'dst_user'] };

/** Rows of a flat file, and Kamailio's or OpenSIPS' JSON, of one proxy. */
function decode(text: string, more: Partial<ProxyOptions> = {}): Decoded {
  const options = { ...OPTIONS, ...more };
  const format: Format = !text.startsWith('{')
    ? createAccRows(options)
    : text.includes('jsonrpc')
      ? createOpenSipsJson(options)
      : createKamailioJson(options);
  const bytes = Buffer.from(text);
  return format.decode(bytes, 0, bytes.length);
}

/** What each record comes to once all are known; as the ledger does it, from the evidence alone. */
function outcomes(texts: readonly string[], more: Partial<ProxyOptions> = {}): string[] {
  const decoded = texts.map((text) => decode(text, more));
  const legs = new Map<string, Leg>();
  for (const { leg } of decoded) {
    if (leg === undefined) continue;
    const { family, switchId, groupId, legId, evidence } = leg;
    legs.set(`${groupId} ${legKey(leg)}`, { family, switchId, groupId, legId, evidence });
  }
  const readings = new Map<string, string>();
  for (const group of Map.groupBy(legs.entries(), ([, { groupId }]) => groupId).values()) {
    const read = readLegs(group.map(([, leg]) => leg));
    for (const [index, [key]] of group.entries()) readings.set(key, told(decodedOf(read[index]!)));
  }
  return decoded.map((one) =>
    one.leg === undefined ? told(one) : readings.get(`${one.leg.groupId} ${legKey(one.leg)}`)!,
  );
}

const INVITE = 'INVITE|a|b|c@h|200|OK|1793697304|L1|0612345678';
const BYE = 'BYE|b|a|c@h|200|OK|1793697365||';
const CALL = 'L1 to 0612345678 at 2026-11-03T09:15:04.000 for 61000 ms';
/** A dialog CDR that begins at the INVITE, 4 s before the answer. */
const RINGING = JSON.stringify({
  callid: 'c@h',
  from_tag: 'a',
  to_tag: 'b',
  start_time: '1793697300.100',
  end_time: '1793697365.600',
  duration: '65.500',
});
const EVENT = JSON.stringify({
  event: 'CGR_CALL_END',
  callid: 'c@h',
  from_tag: 'a',
  to_tag: 'b',
  cgr_account: 'L1',
  cgr_destination: '0612345678',
  cgr_answertime: '1793697304',
  cgr_duration: '61',
});
/** The same call without its tags. */
const UNTAGGED = EVENT.replace('"from_tag":"a","to_tag":"b",', '');
/** A BYE of another dialog of the same Call-ID. */
const GONE = 'BYE|a|x|c@h|481|Gone|1793697366||';
const UNTAGGED_OUTCOMES = ['other-leg', 'other-leg', 'bad: half-a-call', CALL];

function json(row: string): string {
  const [method, from_tag, to_tag, callid, sip_code, sip_reason, time, src_user = '', dst_user = ''] = row.split('|');
  return JSON.stringify({ method, from_tag, to_tag, callid, sip_code, sip_reason, time, src_user, dst_user });
}

describe('readProxyLegs()', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['an INVITE and its BYE', [INVITE, BYE], [CALL, 'other-leg']],
    ['the BYE first', [BYE, INVITE], ['other-leg', CALL]],
    ['rows that stand twice', [INVITE, BYE, INVITE, BYE], [CALL, 'other-leg', CALL, 'other-leg']],
    ['one end', [INVITE], ['bad: half-a-call']],
    ['the other end', [BYE], ['bad: half-a-call']],
    ['a BYE of another dialog', [INVITE, 'BYE|b|x|c@h|200|OK|1793697365'], ['bad: half-a-call', 'bad: half-a-call']],
    ['a BYE of another call', [INVITE, 'BYE|b|a|d@h|200|OK|1793697365'], ['bad: half-a-call', 'bad: half-a-call']],
    ['a BYE that names one tag', [INVITE, 'BYE|a||c@h|408|Timeout|1793697365'], [CALL, 'other-leg']],
    ['a re-INVITE in between', [INVITE, 'INVITE|b|a|c@h|200|OK|1793697330||', BYE], [CALL, 'other-leg', 'other-leg']],
    ['a BYE of both sides', [INVITE, BYE, 'BYE|a|b|c@h|481|Gone|1793697366||'], [CALL, 'other-leg', 'other-leg']],
    [
      'a BYE asked for its password',
      [INVITE, 'BYE|a|b|c@h|407|Auth|1793697360||', BYE],
      [CALL, 'other-event', 'other-leg'],
    ],
    [
      'a busy branch besides',
      ['INVITE|a|z|c@h|486|Busy|1793697302|L1|0612345678', INVITE, BYE],
      ['unanswered', CALL, 'other-leg'],
    ],
    [
      'two answers of a forked INVITE',
      [INVITE, 'INVITE|a|z|c@h|200|OK|1793697305|L1|0612345679', BYE, 'BYE|a|z|c@h|200|OK|1793697306||'],
      [CALL, 'L1 to 0612345679 at 2026-11-03T09:15:05.000 for 1000 ms', 'other-leg', 'other-leg'],
    ],
    [
      'an ACK that is accounted, too',
      [INVITE, 'ACK|a|b|c@h|200|OK|1793697304||', BYE],
      [CALL, 'other-leg', 'other-leg'],
    ],
    ['an ACK alone', ['ACK|a|b|c@h|200|OK|1793697304|L1|0612345678', BYE], [CALL, 'other-leg']],
    ['a missed call', ['INVITE|a||c@h|404|Not Found|1793697304|L1|0612345678'], ['unanswered']],
    ['an end before the answer', [INVITE, 'BYE|b|a|c@h|200|OK|1793697300||'], ['bad: duration-mismatch', 'other-leg']],
    [
      'two rows of one answer that contradict each other',
      [INVITE, 'INVITE|a|b|c@h|200|OK|1793697304|L2|0612345678', BYE],
      ['bad: contradiction', 'other-leg', 'other-leg'],
    ],
    ['a time that is none', [INVITE, 'BYE|b|a|c@h|200|OK|later||'], ['bad: invalid-field', 'other-leg']],
    ['rows as JSON beside rows of a file', [json(INVITE), BYE], [CALL, 'other-leg']],
    ['a CDR beside the rows', [INVITE, EVENT, BYE], ['other-leg', CALL, 'other-leg']],
    ['a CDR that rings, and the row that answers', [RINGING, INVITE], [CALL.replace('61000', '61600'), 'other-leg']],
    ['a CDR that rings alone', [RINGING], ['bad: half-a-call']],
    ['a CDR that rings, and a BYE', [RINGING, BYE], ['bad: half-a-call', 'bad: half-a-call']],
    [
      'two CDRs that contradict each other',
      [EVENT, EVENT.replace('"61"', '"161"')],
      ['bad: contradiction', 'other-leg'],
    ],
    ['a CDR without tags, and a BYE of another dialog', [INVITE, BYE, GONE, UNTAGGED], UNTAGGED_OUTCOMES],
    [
      'a CDR without tags, where two dialogs were answered',
      [INVITE, BYE, UNTAGGED, 'INVITE|a|z|c@h|200|OK|1793697305|L1|0612345679', 'BYE|a|z|c@h|200|OK|1793697306||'],
      [CALL, 'other-leg', 'bad: contradiction', 'L1 to 0612345679 at 2026-11-03T09:15:05.000 for 1000 ms', 'other-leg'],
    ],
    [
      'a CDR without tags beside rows with one',
      [INVITE.replace('|b|', '||'), 'BYE|a||c@h|200|OK|1793697365||', UNTAGGED],
      ['other-leg', 'other-leg', CALL],
    ],
    [
      'a BYE that names one tag, and one of another dialog',
      [INVITE, 'BYE|a||c@h|408|Timeout|1793697365', GONE],
      [CALL, 'other-leg', 'bad: half-a-call'],
    ],
    [
      'a BYE that names one tag, where two dialogs were answered',
      [INVITE, 'INVITE|a|z|c@h|200|OK|1793697305|L1|0612345679', 'BYE|a||c@h|408|Timeout|1793697365'],
      ['bad: half-a-call', 'bad: half-a-call', 'bad: contradiction'],
    ],
    ['a row without the other tag, and the BYE', [INVITE.replace('|b|', '||'), BYE], [CALL, 'other-leg']],
    [
      'an event of OpenSIPS',
      [
        JSON.stringify({ jsonrpc: '2.0', method: 'E_ACC_EVENT', params: JSON.parse(json(INVITE)) as unknown }),
        JSON.stringify({ jsonrpc: '2.0', method: 'E_ACC_EVENT', params: JSON.parse(json(BYE)) as unknown }),
      ],
      [CALL, 'other-leg'],
    ],
  ])('reads %s', (_what, given, expected) => expect(outcomes(given)).toEqual(expected));

  test('applies what is said of the switch', () => {
    expect(outcomes([INVITE, BYE], { longestCallMs: 60_000 })).toEqual(['bad: call-too-long', 'other-leg']);
    expect(outcomes([INVITE, BYE], { clockAheadMs: 1_000 })[0]).toContain('at 2026-11-03T09:15:03.000 for 61000 ms');
    expect(outcomes([INVITE, BYE], { isExtension: (number) => number.endsWith('78') })).toEqual([
      'internal',
      'other-leg',
    ]);
    // No end has to come for what is no call anyway.
    expect(outcomes([INVITE], { isExtension: (number) => number.endsWith('78') })).toEqual(['internal']);
    expect(outcomes([INVITE, BYE], { extraColumns: [] })[0]).toBe('bad: no-line');
  });

  test('takes times of a local clock, in the hour that it has twice, too', () => {
    const clock = {
      offsetMs: (at: number) => (at < Date.UTC(2026, 9, 25, 1) ? 7_200_000 : 3_600_000),
      covers: () => true,
    };
    const at = (from: string, to: string) =>
      outcomes([INVITE.replace('1793697304', `2026-10-25 ${from}`), BYE.replace('1793697365', `2026-10-25 ${to}`)], {
        clock,
      })[0];
    expect(at('02:05:00', '02:50:00')).toContain('at 2026-10-25T00:05:00.000 for 2700000 ms; local-time-ambiguous');
    expect(at('02:50:00', '02:10:00')).toContain('at 2026-10-25T00:50:00.000 for 1200000 ms; local-time-ambiguous');
  });

  test('shows people what a leg says', () => {
    expect(legText(decode(INVITE).leg!)).toBe(
      'INVITE 200 at 2026-11-03T09:15:04.000Z; tags a and b; line L1; to 0612345678',
    );
  });

  test('comes to the same in any order, whatever stands twice', () => {
    const given = [
      INVITE,
      BYE,
      'INVITE|b|a|c@h|200|OK|1793697330||',
      'INVITE|b|a|c@h|200|OK|1793697304||',
      'INVITE|a|z|c@h|486|Busy|1793697302|L1|06',
      'INVITE|a|b|c@h|200|OK|1793697304|L2|0612345678',
      'INVITE|a|z|c@h|200|OK|1793697304|L2|0612345678',
      'BYE|a|z|c@h|200|OK|1793697310||',
      'BYE|a||c@h|200|OK|1793697309||',
      RINGING,
      EVENT,
      EVENT.replace('"61"', '"60"'),
      UNTAGGED,
      GONE,
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(given), fc.array(fc.nat({ max: 99 })), (some, again) => {
        const ordered = given.filter((text) => some.includes(text));
        const expected = new Map(outcomes(ordered).map((outcome, index) => [ordered[index], outcome]));
        const come = [...some, ...again.flatMap((at) => some[at] ?? [])];
        for (const [index, outcome] of outcomes(come).entries()) expect(outcome).toBe(expected.get(come[index]));
      }),
      { numRuns: 300, seed: 20_261_129 },
    );
  });
});
