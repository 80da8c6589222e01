import { describe, expect, test } from 'vitest';
import { recordOf, standingOf } from '../../../engine/legs/leg-group.ts';
import { legKey, ScannedLeg } from '../../../formats/index.ts';
import type { Format } from '../../../formats/format.ts';
import { createAccRows } from '../../../formats/proxies/kamailio.ts';
import type { ProxyOptions } from '../../../formats/proxies/proxy-call.ts';
import { compileCivilTime } from '../../../tariffs/index.ts';
import {
  canonicalOf,
  decodedIn,
  holdScannedLeg,
  mutated,
  oneOf,
  randomFrom,
  recordBytes,
  scannedCall,
} from '../scanned-legs.ts';

const EXTRA = ['auth_user', 'ruri_user', 'user_agent', 'src_ip', 'to_user', 'diversion', 'from_user'];
const OPTIONS: readonly ProxyOptions[] = [
  { switchId: 'sbc-1', extraColumns: ['auth_user', 'ruri_user'] },
  { switchId: 'sbc-1', extraColumns: EXTRA, clock: compileCivilTime('Europe/Paris'), longestCallMs: 3_600_000 },
  {
    switchId: 'sbc-1',
    extraColumns: ['who', ...EXTRA, 'direction', 'Referred_By', 'duration', 'P-Asserted-Identity'],
    lineFrom: ['who', 'auth_user'],
    numberFrom: ['to_user', 'ruri_user'],
    clockAheadMs: 1_500,
  },
];
const TIMES = ['1793700900', '1793700960', '1793700960', '1793700899.5', '2026-11-03 10:15:00', '', '99', '1893700960'];
const TEXTS = [
  'L1',
  'L1',
  '+33612345678',
  '0612345678',
  'sip:L1@host',
  'NULL',
  '<null>',
  '',
  'a b',
  '10.0.0.1',
  'x:y',
  'anonymous',
  'Unknown',
  '61',
];

/** What columns hold in most rows; nothing where it is not said. */
const USUAL: Readonly<Record<string, string>> = {
  auth_user: 'L1',
  ruri_user: '0612345678',
  user_agent: 'Phone 1.2',
  src_ip: '10.0.0.1',
};

function anyRow(extras: readonly string[], random: () => number): string {
  const isInvite = random() < 0.5;
  const fixed = [
    random() < 0.9 ? (isInvite ? 'INVITE' : 'BYE') : oneOf(['ACK', 'CANCEL', 'invite', ''], random),
    ...(random() < 0.8
      ? oneOf(
          [
            ['a', 'b'],
            ['b', 'a'],
          ],
          random,
        )
      : [oneOf(['a', '', 'c'], random), oneOf(['b', ''], random)]),
    'call-1@host',
    random() < 0.8 ? '200' : oneOf(['202', '401', '407', '408', '487', '', '999', '20x'], random),
    'OK',
    random() < 0.7 ? oneOf(TIMES.slice(0, 3), random) : oneOf(TIMES, random),
  ];
  const added = extras.map((name) => (random() < 0.7 ? (USUAL[name] ?? '') : oneOf(TEXTS, random)));
  const row = [...fixed, ...added].join('|');
  return random() < 0.15 ? mutated(row, random) : row;
}

const leg = new ScannedLeg();

/** Holds the fast way to the call of two rows to the plain one; returns whether it took them. */
function holdPair(format: Format, one: string, other: string): boolean {
  const records = [recordBytes(one), recordBytes(other)] as const;
  if (!records.every((record) => holdScannedLeg(format, record))) return false;
  const legs = records.map((record) => decodedIn(format, record).leg!);
  const isOneGroup = legs[0]!.groupId === legs[1]!.groupId && legKey(legs[0]!) !== legKey(legs[1]!);
  const call = isOneGroup ? format.scanPair!(records[0], records[1], leg) : null;
  if (call === null) return false;
  const standing = standingOf(legs.map((each) => ({ leg: each, known: 2, receipt: null, recordHash: null })));
  const readings = legs.map((each) => recordOf(standing.get(legKey(each))!, each));
  const [isCall, isNone] = call === 'first' ? readings : readings.toReversed();
  expect({ one, other, call: scannedCall(leg), none: 'other-leg' }).toEqual({
    one,
    other,
    call: canonicalOf(isCall!),
    none: isNone!.kind === 'not-a-call' ? isNone!.reason : isNone!.kind,
  });
  return true;
}

describe('the fast way to rows of a flat file of accounting', () => {
  test('an INVITE and a BYE are the call that they are read as', () => {
    const format = createAccRows(OPTIONS[0]!);
    const invite = 'INVITE|a|b|call-1@host|200|OK|1793700900|L1|0612345678';
    const bye = 'BYE|b|a|call-1@host|200|OK|1793700960||';
    expect(holdPair(format, invite, bye)).toBe(true);
    expect(holdPair(format, bye, invite)).toBe(true);
    expect(holdPair(format, invite, 'BYE|c|a|call-1@host|200|OK|1793700960||')).toBe(false);
    expect(holdPair(format, invite, 'BYE|a|b|call-1@host|200|OK|1793700899||')).toBe(false);
    expect(holdPair(format, invite, 'BYE|||call-1@host|200|OK|1793700960||')).toBe(false);
  });

  test.each([1, 2, 3])('whatever it takes, it reads as the plain way does: settings %i', (which) => {
    const random = randomFrom(11 * which);
    const options = OPTIONS[which - 1]!;
    const format = createAccRows(options);
    let [taken, pairs] = [0, 0];
    for (let at = 0; at < 20_000; at++) {
      const [one, other] = [anyRow(options.extraColumns!, random), anyRow(options.extraColumns!, random)];
      if (holdScannedLeg(format, recordBytes(one))) taken++;
      if (holdPair(format, one, other)) pairs++;
    }
    expect(taken).toBeGreaterThan(1_000);
    expect(pairs).toBeGreaterThan(50);
  });

  test('settings that change numbers have no fast way', () => {
    const rules = [{ isTrunk: () => true, prefix: '9', replacement: '' }];
    expect(createAccRows({ ...OPTIONS[0]!, dialPrefixes: rules }).scanLeg).toBeUndefined();
    expect(createAccRows({ ...OPTIONS[0]!, isExtension: () => false }).scanLeg).toBeUndefined();
    expect(createAccRows({ ...OPTIONS[0]!, extraColumns: ['from_tag'] }).scanLeg).toBeUndefined();
  });
});
