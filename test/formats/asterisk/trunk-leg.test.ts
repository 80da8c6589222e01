import { describe, expect, it } from 'vitest';
import { createAsteriskCsv } from '../../../formats/asterisk/asterisk-csv.ts';
import { compileCivilTime } from '../../../tariffs/index.ts';
import { readLegs } from '../../../formats/call/whole-call.ts';
import type { Leg } from '../../../formats/call/leg.ts';
import type { LegReading } from '../../../formats/call/leg-reading.ts';
import { type AsteriskRowGiven, asteriskRow } from '../../support/asterisk-rows.ts';
import { ASTERISK } from '../../support/legs-under-test.ts';

const TRUNKS = createAsteriskCsv({
  switchId: 'pbx',
  clock: compileCivilTime('UTC'),
  trunks: ['PJSIP/op', 'IAX2/op', 'DAHDI/*', 'SIP/op'],
});

const CALLER = 'PJSIP/200-00000001';
const TRUNK = 'PJSIP/op-00000002';
const COLLEAGUE = 'PJSIP/300-00000003';

/** 200 calls a mobile by the trunk, and talks for half a minute. */
const CALLED: AsteriskRowGiven = { account: '200', from: CALLER, to: TRUNK, seconds: 30, sequence: 1 };

/** From the trunk's channel on, an hour from the next minute on. */
const REST: AsteriskRowGiven = {
  src: '0612345678',
  dst: '300',
  from: TRUNK,
  to: COLLEAGUE,
  data: 'PJSIP/300,20',
  minute: 1,
  seconds: 3600,
  sequence: 2,
};

/** What each row comes to, in whatever order they are known, with any of them twice. */
function read(rows: readonly AsteriskRowGiven[]): string[] {
  return readWith(ASTERISK, rows);
}

function readWith(format: typeof ASTERISK, rows: readonly AsteriskRowGiven[]): string[] {
  const legs = rows.map((row) => {
    const bytes = Buffer.from(asteriskRow(row));
    return format.decode(bytes, 0, bytes.length).leg!;
  });
  const shown = (some: typeof legs): string[] =>
    readGroups(some).map((reading) => {
      if (reading.kind !== 'call') return reading.reason;
      const { line, dialled, durationMs, diversions, transferredBy } = reading.content;
      const how = [...diversions.map((by) => ` forwarded ${by}`), transferredBy === null ? '' : ' transferred'];
      return `${line} -> ${dialled} ${durationMs / 1000}s${how.join('')}`;
    });
  const outcome = shown(legs);
  expect(shown(legs.toReversed())).toEqual(outcome.toReversed());
  expect(shown([...legs, ...legs]).slice(0, legs.length)).toEqual(outcome);
  return outcome;
}

/** One reading for each leg, of each group by itself. */
function readGroups(legs: readonly Leg[]): readonly LegReading[] {
  const readings = new Map(
    [...Map.groupBy(legs, ({ groupId }) => groupId).values()].flatMap((group) =>
      readLegs(group).map((reading, at) => [group[at]!, reading] as const),
    ),
  );
  return legs.map((leg) => readings.get(leg)!);
}

describe('a leg that was called on a trunk and goes on after a transfer', () => {
  it.each<readonly [where: string, rest: AsteriskRowGiven]>([
    ['a colleague', REST],
    ['a colleague, by a Local channel', { ...REST, to: 'Local/300@in-00000009;1' }],
    ['a queue', { ...REST, to: '', app: 'Queue', data: 'support' }],
    ['a parking place', { ...REST, to: '', app: 'Park', data: '' }],
    ['a conference', { ...REST, to: '', app: 'ConfBridge', data: '800' }],
    ['a phone that it was connected with', { ...REST, dst: '', app: 'AppDial', data: '(Outgoing Line)' }],
  ])('is paid to its end by who called: to %s', (_, rest) => {
    expect(read([CALLED, rest])).toEqual(['200 -> 0612345678 30s', '200 -> 0612345678 3600s transferred']);
  });

  it('is the forwarder’s where a forward had called it', () => {
    const toForwarder = { account: '200', dst: '300', from: CALLER, to: 'Local/x@in-00000009;1', sequence: 3 };
    const out = { ...CALLED, from: 'Local/x@in-00000009;2' };
    const readings = read([toForwarder, out, { ...REST, to: '', app: 'Queue', data: 'support' }]);
    expect(readings.slice(1)).toEqual(['300 -> 0612345678 30s forwarded 300', '300 -> 0612345678 3600s forwarded 300']);
  });

  it('is billed once while two rows show it', () => {
    const joined = { ...REST, minute: 0, app: 'ConfBridge', data: '800' };
    expect(read([CALLED, { ...joined, seconds: 30 }])).toEqual(['200 -> 0612345678 30s', 'other-leg']);
    expect(read([CALLED, { ...joined, seconds: 90 }])[1]).toBe('200 -> 0612345678 60s transferred');
    const third = { ...REST, to: 'PJSIP/301-00000004', sequence: 4 };
    expect(read([CALLED, REST, third])[2]).toBe('other-leg');
  });

  it('waits with the row that called it where that one can not be read', () => {
    const unclear = { ...CALLED, data: 'PJSIP/0612345678@op&PJSIP/0145678901@op' };
    expect(read([unclear, REST])).toEqual(['unclear-number', 'unclear-number']);
  });
});

describe('a leg that was called on a trunk and is connected to another trunk', () => {
  const OTHER = 'PJSIP/op-00000005';
  /** 200 transferred the mobile to a number outside: half an hour from the next minute on. */
  const AWAY: AsteriskRowGiven = {
    account: '200',
    src: '0612345678',
    dst: '0145678901',
    from: TRUNK,
    to: OTHER,
    minute: 1,
    seconds: 1800,
    sequence: 2,
  };

  it('is billed to the end of that row, and the other leg beside it', () => {
    // From 10:00:05 to 10:31:05.
    expect(read([CALLED, AWAY])).toEqual(['200 -> 0612345678 1860s', '200 -> 0145678901 1800s transferred']);
  });

  it('is as long in an attended transfer, in which both numbers had been called', () => {
    const second = { ...CALLED, dst: '0145678901', to: OTHER, sequence: 3 };
    const joined = { ...AWAY, dst: '', app: 'AppDial', data: '(Outgoing Line)' };
    expect(read([CALLED, second, joined])).toEqual([
      '200 -> 0612345678 1860s',
      '200 -> 0145678901 30s',
      '200 -> 0145678901 1800s transferred',
    ]);
  });

  it('goes on from the row that bills it last, and bills no time twice', () => {
    const later = { ...AWAY, minute: 61, sequence: 4 };
    // With a colleague from 10:01:05 to 11:01:05, then away to 11:31:05.
    expect(read([CALLED, REST, later])).toEqual([
      '200 -> 0612345678 30s',
      '200 -> 0612345678 5400s transferred',
      '200 -> 0145678901 1800s transferred',
    ]);
    // Away first, then back with a colleague, whose row overlaps by 5 minutes.
    const back = { ...REST, minute: 26, sequence: 5 };
    expect(read([CALLED, AWAY, back])[2]).toBe('200 -> 0612345678 3300s transferred');
    // A third party by another transfer: each row is the call on its own trunk, and the leg before is up meanwhile.
    const third = { ...AWAY, dst: '0145678902', from: OTHER, to: 'PJSIP/op-00000006', minute: 31, sequence: 6 };
    expect(read([CALLED, AWAY, third]).slice(0, 2)).toEqual([
      '200 -> 0612345678 1860s',
      '200 -> 0145678901 3600s transferred',
    ]);
  });

  it('is told by rows of other places in whatever order, and not by a row that nobody answered', () => {
    expect(read([CALLED, { ...AWAY, disposition: 'NO ANSWER' }])).toEqual(['200 -> 0612345678 30s', 'unanswered']);
    const days = { ...AWAY, seconds: 6 * 86_400 };
    expect(read([CALLED, days])).toEqual(['200 -> 0612345678 30s', 'call-too-long']);
  });

  it('is nobody’s where it came in: no carrier bills it here', () => {
    const cameIn = { ...REST, src: '0140000001', minute: 0, seconds: 30, sequence: 1 };
    expect(read([cameIn, { ...AWAY, account: '', src: '0140000001' }])).toEqual([
      'inbound',
      '300 -> 0145678901 1800s transferred',
    ]);
  });
});

describe('a channel without a name', () => {
  it.each(['SIP/', 'PJSIP/-00000003', 'AsyncGoto/'])('is no payer: %s', (nameless) => {
    const cameIn = { ...REST, src: '0140000001', to: nameless, minute: 0, sequence: 1 };
    const out = { ...CALLED, account: '', from: TRUNK, to: 'PJSIP/op-00000005', minute: 1, sequence: 2 };
    expect(read([cameIn, out])).toEqual(['inbound', 'no-line']);
    expect(read([{ ...CALLED, account: '', from: nameless }])).toEqual(['no-line']);
    expect(read([{ ...CALLED, account: '', from: nameless }, REST])).toEqual(['no-line', 'no-line']);
  });
});

describe('a trunk’s channel that the switch called itself', () => {
  const originated = { ...REST, dst: 's', app: 'AppDial2', data: '(Outgoing Line)', account: '200' };

  it.each([
    ['for a phone', originated],
    ['for an application', { ...originated, to: '' }],
    ['for a queue', { ...originated, app: 'AppQueue' }],
    ['for another trunk', { ...originated, dst: '0145678901', to: 'PJSIP/op-00000005' }],
  ])('waits %s: a carrier bills it, and no row says for which number', (_, row) => {
    expect(read([row])).toEqual(['no-number']);
  });

  it('is no call where nobody answered, and one that goes on where a row shows who had it called', () => {
    expect(read([{ ...originated, disposition: 'NO ANSWER' }])).toEqual(['inbound']);
    expect(read([originated, CALLED])[0]).toBe('200 -> 0612345678 3600s transferred');
  });
});

describe('a leg that came in by a trunk', () => {
  it('stays inbound, however it goes on', () => {
    const cameIn = { ...REST, src: '0140000001', minute: 0, seconds: 30, sequence: 1 };
    const picked = { ...REST, src: '0140000001', to: 'PJSIP/301-00000004' };
    expect(read([cameIn, picked])).toEqual(['inbound', 'inbound']);
    expect(read([cameIn, { ...picked, to: '', app: 'Queue', data: 'support' }])).toEqual(['inbound', 'application']);
    // A colleague fetched it from its parking place, and it was transferred once more.
    const fetched = { ...CALLED, from: 'PJSIP/301-00000004', dst: '701', app: 'ParkedCall', data: '701', minute: 2 };
    expect(read([cameIn, fetched, { ...picked, minute: 5, sequence: 5 }])[2]).toBe('inbound');
  });

  it('is inbound alone: no row shows that it was called', () => {
    expect(read([REST])).toEqual(['inbound']);
  });

  it('was not called by a row that did not reach a trunk', () => {
    expect(read([{ ...CALLED, to: COLLEAGUE, data: 'PJSIP/300' }, REST])).toEqual(['internal', 'inbound']);
  });
});

function alone(row: AsteriskRowGiven): AsteriskRowGiven {
  return { ...row, isLinked: false };
}

describe('rows that name no call', () => {
  // 200 talks until the colleague does.
  const called = alone({ ...CALLED, seconds: 55 });
  const rest = alone(REST);

  it('are read together where one goes on with the trunk’s channel that another had called', () => {
    const third = alone({ ...REST, to: 'PJSIP/301-00000004', minute: 61, sequence: 4 });
    expect(read([called, rest, third])).toEqual([
      '200 -> 0612345678 55s',
      '200 -> 0612345678 3600s transferred',
      '200 -> 0612345678 3600s transferred',
    ]);
    const away = alone({ ...REST, dst: '0145678901', to: 'PJSIP/op-00000005', data: 'PJSIP/0145678901@op' });
    expect(read([called, away])).toEqual(['200 -> 0612345678 3660s', '200 -> 0145678901 3600s transferred']);
  });

  it('are not where the channel’s name came again later', () => {
    const again = alone({ ...REST, minute: 300, uniqueid: madeAt(300) });
    expect(read([called, again])).toEqual(['200 -> 0612345678 55s', 'inbound']);
    const groupOf = (to: string, minute = 0, given: AsteriskRowGiven = {}): string | undefined => {
      const row = { ...called, to, minute, data: 'PJSIP/0612345678@op', ...given };
      const bytes = Buffer.from(asteriskRow(row));
      return TRUNKS.decode(bytes, 0, bytes.length).leg?.groupId;
    };
    expect([0, 59, 60].map((minute) => groupOf('IAX2/op-4711', minute))).toEqual([
      'IAX2/op-4711 498250h',
      'IAX2/op-4711 498250h',
      'IAX2/op-4711 498251h',
    ]);
    expect(groupOf('PJSIP/op-00000002', 60)).toBe('PJSIP/op-00000002 20760');
  });

  it('stay inbound where the call came in, and name who transferred it out', () => {
    const cameIn = alone({ ...REST, src: '0140000001', minute: 0, seconds: 55, sequence: 1, uniqueid: madeAt(0) });
    const out = alone({
      ...CALLED,
      account: '',
      src: '0140000001',
      from: TRUNK,
      to: 'PJSIP/op-00000005',
      minute: 1,
      sequence: 2,
    });
    expect(read([cameIn, out])).toEqual(['inbound', '300 -> 0612345678 30s transferred']);
  });

  it('have the day on which the channel was made, also after midnight', () => {
    const [before, after] = [
      { ...called, minute: 839, uniqueid: '1793747940.17' },
      { ...rest, minute: 840, uniqueid: '1793747941.18' },
    ];
    expect(read([before, after])[1]).toBe('200 -> 0612345678 3600s transferred');
  });

  describe.each(['IAX2/op-4711', 'DAHDI/1-1', 'DAHDI/i1/0612345678-1a', 'SIP/op-b7d0a8e8', 'PJSIP/op-00000002'])(
    'on %s',
    (trunk) => {
      const out = { ...called, to: trunk, data: dialOf(trunk), uniqueid: '1793700000.1' };
      const goesOn = { ...rest, from: trunk, uniqueid: '1793700002.2' };
      const cameIn = { ...rest, from: trunk, uniqueid: '1793700000.2', minute: 0, seconds: 55, sequence: 5 };

      it('are read together where the channel was made while the other row had it called', () => {
        expect(readThere([out, goesOn])).toEqual(['200 -> 0612345678 55s', '200 -> 0612345678 3600s transferred']);
        const queued = { ...goesOn, to: '', app: 'Queue', data: 'support' };
        expect(readThere([out, queued])[1]).toBe('200 -> 0612345678 3600s transferred');
      });

      it('wait where a row begins after its channel was made, and none shows what for', () => {
        expect(readThere([goesOn])).toEqual(['incomplete-call']);
        expect(readThere([{ ...goesOn, to: '', app: 'Queue', data: 'support' }])).toEqual(['incomplete-call']);
        // It went out of a Local channel, whose rows do not meet this one.
        const forwarded = { ...out, from: 'Local/x@in-00000009;2' };
        expect(readThere([forwarded, goesOn])[1]).toBe('incomplete-call');
      });

      it('are inbound where the channel called in, however they go on', () => {
        expect(readThere([cameIn])).toEqual(['inbound']);
        const later = { ...cameIn, minute: 30, to: 'PJSIP/301-00000004', sequence: 6 };
        expect(readThere([cameIn, later])).toEqual(['inbound', 'inbound']);
        expect(readThere([{ ...cameIn, disposition: 'NO ANSWER' }, later])).toEqual(['inbound', 'inbound']);
        const mailbox = { ...later, to: '', app: 'VoiceMail', data: '300' };
        expect(readThere([cameIn, mailbox])).toEqual(['inbound', 'application']);
      });

      it('are told apart from a call that comes in, or goes out, when the one before has ended', () => {
        const next = { ...cameIn, minute: 1, uniqueid: '1793700060.7' };
        expect(readThere([out, next])).toEqual(['200 -> 0612345678 55s', 'inbound']);
        if (trunk.startsWith('PJSIP')) return;
        const other = { ...out, account: '201', src: '201', from: 'PJSIP/201-00000008', minute: 1, sequence: 8 };
        expect(readThere([out, { ...other, dst: '0145678901', data: dialOf(trunk, '0145678901') }])).toEqual([
          '200 -> 0612345678 55s',
          '201 -> 0145678901 55s',
        ]);
      });

      it('count as inbound, in doubt, by a Local channel', () => {
        const bytes = Buffer.from(asteriskRow({ ...goesOn, to: 'Local/300@in-00000009;1' }));
        expect(TRUNKS.decode(bytes, 0, bytes.length)).toMatchObject({ reason: 'inbound', doubt: 'goes-on' });
        const first = Buffer.from(asteriskRow({ ...cameIn, to: 'Local/300@in-00000009;1' }));
        expect(TRUNKS.decode(first, 0, first.length)).not.toHaveProperty('doubt');
      });
    },
  );

  it.each(['AsyncGoto/', 'Parked/', 'Transfered/', 'Bridge/'])('name a channel that is moved: %s', (moved) => {
    const out = { ...called, to: 'SIP/op-00000002', data: 'SIP/op/0612345678' };
    const goesOn = { ...rest, from: `${moved}SIP/op-00000002`, uniqueid: madeAt(1) };
    expect(readThere([out, goesOn])).toEqual(['200 -> 0612345678 55s', '200 -> 0612345678 3600s transferred']);
    expect(readThere([goesOn])).toEqual(['incomplete-call']);
    const linked = [out, goesOn].map((row) => ({ ...row, isLinked: true }));
    expect(readThere(linked)[1]).toBe('200 -> 0612345678 3600s transferred');
    const dead = { ...out, to: 'SIP/op-00000002<ZOMBIE>' };
    expect(readThere([dead])).toEqual(['200 -> 0612345678 55s']);
  });

  it('have the hour that comes twice as their channels were made', () => {
    const paris = createAsteriskCsv({ switchId: 'pbx', clock: compileCivilTime('Europe/Paris'), trunks: ['IAX2/op'] });
    // 02:10:02 for the second time, on 25 October 2026; the caller's row began two seconds before.
    const made = Date.UTC(2026, 9, 25, 1, 10, 2) / 1000;
    const out = { ...called, to: 'IAX2/op-4711', data: 'IAX2/op/0612345678', minute: 10, uniqueid: `${made - 2}.1` };
    const goesOn = { ...rest, from: 'IAX2/op-4711', minute: 11, seconds: 60, uniqueid: `${made}.2` };
    const legs = [out, goesOn].map((row) => {
      const bytes = Buffer.from(asteriskRow(row).replace(/2026-11-03 10:/g, '2026-10-25 02:'));
      return paris.decode(bytes, 0, bytes.length).leg!;
    });
    expect(readGroups(legs)).toMatchObject([{ kind: 'call' }, { kind: 'call', content: { transferredBy: '200' } }]);
  });
});

/** The epoch at a minute after 10:00, as a `uniqueid`. */
function madeAt(minute: number): string {
  return `${1_793_700_000 + minute * 60}.9`;
}

function dialOf(trunk: string, number = '0612345678'): string {
  const [driver = '', peer = ''] = trunk.split('/');
  if (driver === 'PJSIP') return `PJSIP/${number}@op,300,T`;
  return driver === 'DAHDI' ? `DAHDI/g0/${number},300` : `${driver}/${peer.replace(/-.*$/, '')}/${number},300`;
}

/** What each row comes to on a switch with trunks of several drivers, in whatever order. */
function readThere(rows: readonly AsteriskRowGiven[]): string[] {
  return readWith(TRUNKS, rows);
}
