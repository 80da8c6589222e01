import { describe, expect, it } from 'vitest';
import type { Leg } from '../../../formats/call/leg.ts';
import type { LegReading } from '../../../formats/call/leg-reading.ts';
import { legText, readLegs } from '../../../formats/call/whole-call.ts';
import { type CucmRowGiven, cucmFormat, cucmRow } from '../../support/cucm-rows.ts';

const CUCM = cucmFormat();
const GW = 'SIP-Carrier-1';
const AT = 1_793_697_300;

/** 4201 calls a number outside; `102` is the leg on the trunk. */
const OUT: CucmRowGiven = {
  call: 7,
  pkid: 'p1',
  from: [101, 'SEP4201'],
  to: [102, GW],
  calling: '4201',
  called: '0612345678',
  connect: AT,
  seconds: 60,
};

/** A transfer or a conference goes on with the leg on the trunk. */
const REST: CucmRowGiven = {
  ...OUT,
  pkid: 'p2',
  from: [102, GW],
  to: [104, 'SEP4300'],
  calling: '0612345678',
  called: '4300',
  connect: AT + 60,
  seconds: 120,
  redirected: '4201',
  behalf: 10,
  join: 10,
};

const CONFERENCE: CucmRowGiven = { ...REST, to: [106, 'CFB_2'], called: 'b0029', redirected: '', behalf: 4, join: 4 };

/** A call from outside to 4201. */
const IN: CucmRowGiven = {
  ...OUT,
  pkid: 'i1',
  from: [201, GW],
  to: [202, 'SEP4201'],
  calling: '0140000001',
  called: '4201',
};

function decode(given: CucmRowGiven) {
  const bytes = Buffer.from(cucmRow(given));
  return CUCM.decode(bytes, 0, bytes.length);
}

/** What the rows come to, in their order; it is the same in any other. */
function read(...rows: readonly CucmRowGiven[]): string[] {
  const decoded = rows.map((row) => decode(row));
  const all = decoded.flatMap(({ leg, witnesses = [] }) => [leg!, ...witnesses]);
  const known = new Map<Leg, LegReading>();
  for (const legs of Map.groupBy(all, ({ groupId }) => groupId).values()) {
    const inOrder = readLegs(legs);
    expect(readLegs(legs.toReversed()).toReversed()).toEqual(inOrder);
    expect(readLegs([...legs, ...legs]).slice(0, legs.length)).toEqual(inOrder);
    for (const [index, leg] of legs.entries()) known.set(leg, inOrder[index]!);
  }
  return decoded.map(({ leg }) => {
    const reading = known.get(leg!)!;
    if (reading.kind !== 'call') return reading.kind === 'bad' ? `bad: ${reading.reason}` : reading.reason;
    const { line, dialled, startedAt, durationMs, transferredBy } = reading.content;
    const by = transferredBy === null ? '' : `, transferred by ${transferredBy}`;
    return `${line} -> ${dialled} from ${startedAt / 1000 - AT} for ${durationMs / 1000}${by}`;
  });
}

describe('rows of CUCM', () => {
  it('are one call on the trunk from its answer to its end, whoever transfers it to whom', () => {
    expect(read(OUT)).toEqual(['4201 -> 0612345678 from 0 for 60']);
    expect(read(OUT, REST)).toEqual(['4201 -> 0612345678 from 0 for 180', 'other-leg']);
    const again = { ...REST, pkid: 'p3', to: [108, 'SEP4400'] as const, connect: AT + 180, redirected: '4300' };
    expect(read(OUT, REST, again)).toEqual(['4201 -> 0612345678 from 0 for 300', 'other-leg', 'other-leg']);
  });

  it('are one call on the trunk where a conference goes on with it, and where that ends again', () => {
    expect(read(OUT, CONFERENCE)).toEqual(['4201 -> 0612345678 from 0 for 180', 'other-leg']);
    const after = { ...OUT, pkid: 'p3', connect: AT + 180, join: 4 };
    expect(read(OUT, CONFERENCE, after)).toEqual(['4201 -> 0612345678 from 0 for 240', 'other-leg', 'other-leg']);
  });

  it('are the call of who transferred it, where it was answered after that', () => {
    const ringing = { ...OUT, connect: 0, seconds: 0 };
    expect(read(ringing, REST)).toEqual(['unanswered', '4201 -> 0612345678 from 60 for 120, transferred by 4201']);
  });

  it('are two calls where two trunks are joined: the second is whose who transferred', () => {
    const joined = { ...REST, to: [304, 'SIP-Carrier-2'] as const, called: '0145678901' };
    expect(read(OUT, joined)).toEqual([
      '4201 -> 0612345678 from 0 for 180',
      '4201 -> 0145678901 from 60 for 120, transferred by 4201',
    ]);
  });

  it('are one call on the trunk, though a consultation that it began with has a call id of its own', () => {
    const consultation: CucmRowGiven = {
      ...OUT,
      call: 8,
      pkid: 'c1',
      from: [103, 'SEP4201'],
      to: [104, GW],
      called: '0145678901',
      connect: AT + 40,
      seconds: 20,
    };
    const joined: CucmRowGiven = { ...REST, to: [104, GW], called: '0145678901' };
    const calls = ['4201 -> 0612345678 from 0 for 180', '4201 -> 0145678901 from 40 for 140'];
    expect(read(OUT, consultation, joined)).toEqual([...calls, 'other-leg']);
    const ofTrunk = { ...CONFERENCE, pkid: 'p3', from: [104, GW] as const, calling: '0145678901' };
    expect(read(OUT, consultation, CONFERENCE, ofTrunk)).toEqual([...calls, 'other-leg', 'other-leg']);
    // The first call came in; to the end the two outside talk to each other.
    const came = { ...REST, from: [201, GW] as const, to: [104, GW] as const, redirected: 'b0029', behalf: 4, join: 4 };
    const outcome = ['inbound', '4201 -> 0145678901 from 40 for 140', 'other-leg'];
    expect(read(IN, consultation, came)).toEqual(outcome);
    expect(read(came)).toEqual(['bad: no-line']);
    // The consultation was answered after the transfer alone.
    const ringing = { ...consultation, connect: 0, seconds: 0 };
    expect(read(ringing, { ...joined, from: [301, 'SEP4400'], calling: '4400' })).toEqual([
      'unanswered',
      '4400 -> 0145678901 from 60 for 120, transferred by 4201',
    ]);
  });

  it('are two calls where a leg that was answered between two trunks was dialled before', () => {
    const joined = { ...REST, to: [304, 'SIP-Carrier-2'] as const, called: '0145678901' };
    expect(read({ ...OUT, connect: 0, seconds: 0 }, joined)).toEqual([
      '4201 -> 0612345678 from 60 for 120, transferred by 4201',
      '4201 -> 0145678901 from 60 for 120, transferred by 4201',
    ]);
  });

  it('are of two legs where an id comes again after a pause', () => {
    const later = { ...OUT, call: 9, pkid: 'p9', connect: AT + 90_000, calling: '4300' };
    expect(read(OUT, later)).toEqual(['4201 -> 0612345678 from 0 for 60', '4300 -> 0612345678 from 90000 for 60']);
  });

  it('are inbound where a row shows that the leg called in, though a transfer or a conference goes on with it', () => {
    expect(read(IN)).toEqual(['inbound']);
    const rest = { ...REST, from: [201, GW] as const };
    expect(read(IN, rest)).toEqual(['inbound', 'inbound']);
    expect(read(IN, { ...CONFERENCE, from: [201, GW] as const })).toEqual(['inbound', 'inbound']);
    // Forwards and pickups redirect a call that rings: nothing went before.
    expect(read({ ...IN, redirected: '4300', behalf: 5 })).toEqual(['inbound']);
    expect(read({ ...IN, redirected: '4300', behalf: 16, join: 16 })).toEqual(['inbound']);
  });

  it('wait where only a transfer or a conference is known of a leg on a trunk', () => {
    expect(read(REST)).toEqual(['bad: incomplete-call']);
    expect(read(CONFERENCE)).toEqual(['bad: incomplete-call']);
    expect(read({ ...REST, from: [0, GW] })).toEqual(['bad: incomplete-call']);
    const [reading] = readLegs([decode(REST).leg!]);
    expect(reading).toMatchObject({
      detail:
        "Cannot tell whether leg '102' of trunk 'SIP-Carrier-1' was called or called in: a transfer or a conference " +
        'joined it, and no row shows where it began',
    });
  });

  it('wait where their talk is longer than a call can be, or can not be told', () => {
    expect(read(OUT, { ...REST, seconds: 90_000 })).toEqual(['bad: call-too-long', 'other-leg']);
    const crooked = cucmRow(REST).replace(`,${REST.connect + REST.seconds},`, `,${REST.connect},`);
    const bytes = Buffer.from(crooked);
    expect(readLegs([decode(OUT).leg!, CUCM.decode(bytes, 0, bytes.length).leg!])).toMatchObject([
      { kind: 'call', content: { durationMs: 60_000 } },
      { kind: 'bad', reason: 'duration-mismatch' },
    ]);
  });

  it('are no legs where none of both sides is a trunk', () => {
    expect(decode({ ...OUT, to: [102, 'SEP4300'] })).toEqual({ kind: 'not-a-call', reason: 'internal' });
  });

  it('say for people what they are', () => {
    expect(legText(decode(OUT).leg!)).toBe(
      'row p1; leg 101 (SEP4201) to leg 102 (trunk SIP-Carrier-1); line 4201; number 0612345678; talked from ' +
        '2026-11-03T09:15:00.000Z',
    );
    expect(legText(decode(REST).leg!)).toContain('joined by 4201');
    expect(legText(decode({ ...OUT, connect: 0, seconds: 0 }).leg!)).toContain('never connected');
  });
});
