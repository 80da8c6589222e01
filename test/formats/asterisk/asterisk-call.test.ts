import { describe, expect, it } from 'vitest';
import { createAsteriskCsv, type AsteriskOptions } from '../../../formats/asterisk/asterisk-csv.ts';
import { parseDialPrefix } from '../../../formats/call/dialled-prefix.ts';
import type { Leg } from '../../../formats/call/leg.ts';
import { readLegs } from '../../../formats/call/whole-call.ts';
import { compileCivilTime } from '../../../tariffs/index.ts';
import { type AsteriskRowGiven, asteriskRow } from '../../support/asterisk-rows.ts';

const OPTIONS: AsteriskOptions = {
  switchId: 'pbx',
  clock: compileCivilTime('Europe/Paris'),
  trunks: ['PJSIP/op', 'DAHDI/*', 'IAX2/op'],
};

function legsOf(rows: readonly AsteriskRowGiven[], options: Partial<AsteriskOptions> = {}): Leg[] {
  const format = createAsteriskCsv({ ...OPTIONS, ...options });
  return rows.map((row) => {
    const bytes = Buffer.from(asteriskRow(row));
    const { leg } = format.decode(bytes, 0, bytes.length);
    if (leg === undefined) throw new Error('Cannot read the row as a leg');
    return leg;
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
function read(rows: readonly AsteriskRowGiven[], options: Partial<AsteriskOptions> = {}): string[] {
  const legs = legsOf(rows, options);
  const outcome = shown(legs);
  expect(shown(legs.toReversed())).toEqual(outcome.toReversed());
  expect(shown([...legs, ...legs.slice(0, 1)]).slice(0, legs.length)).toEqual(outcome);
  return outcome;
}

/** The options with rules of `dial-prefix`. */
function prefixed(...rules: readonly string[]): Partial<AsteriskOptions> {
  return { dialPrefixes: rules.flatMap((rule) => parseDialPrefix(rule) ?? []) };
}

/** 300 is called, and forwards to a mobile: the account code of who called is left on the leg. */
const FORWARDED: readonly AsteriskRowGiven[] = [
  {
    account: '200',
    src: '200',
    dst: '300',
    from: 'PJSIP/200-00000001',
    to: 'Local/FMPR-300@in-00000001;1',
    data: 'Local/FMPR-300@in,20',
  },
  { account: '200', src: '200', from: 'Local/FMPR-300@in-00000001;2', to: 'PJSIP/op-00000002' },
];

describe('the rows of one call of Asterisk', () => {
  it('charge a forwarded leg to who was called, and forwarded', () => {
    expect(read(FORWARDED)).toEqual(['internal', '300 -> 0612345678 60s, forwarded 300']);
    // Alone the leg does not say who: nobody is charged.
    expect(read(FORWARDED.slice(1))).toEqual(['incomplete-call']);
    const byDialplan = [FORWARDED[0]!, { ...FORWARDED[1]!, account: 'L-300' }];
    expect(read(byDialplan)).toEqual(['internal', 'L-300 -> 0612345678 60s, forwarded 300, forwarded L-300']);
  });

  it('charge a forward from outside to who was called', () => {
    const inbound = { account: '', src: '0140000001', dst: '0245670300', from: 'PJSIP/op-00000001' };
    const rows = [
      { ...inbound, to: 'Local/300@in-00000001;1', data: 'Local/300@in' },
      { ...inbound, dst: '0612345678', from: 'Local/300@in-00000001;2', to: 'PJSIP/op-00000002' },
    ];
    expect(read(rows)).toEqual(['inbound', '0245670300 -> 0612345678 60s, forwarded 0245670300']);
    const rung = [
      { ...inbound, to: 'PJSIP/300-00000002', data: 'PJSIP/300', disposition: 'NO ANSWER' },
      { ...inbound, to: 'PJSIP/op-00000003', data: 'PJSIP/0612345678@op' },
    ];
    expect(read(rung)).toEqual(['inbound', '0245670300 -> 0612345678 60s, forwarded 0245670300']);
    // In the dialplan of the number that was called.
    expect(read(rung.slice(1))).toEqual(['0245670300 -> 0612345678 60s, forwarded 0245670300']);
  });

  it('charge a forward from outside by what had rung before, whoever answers the caller later', () => {
    const inbound = { account: '', src: '0140000001', from: 'PJSIP/op-00000001' };
    const rows = [
      { ...inbound, dst: '201', to: 'PJSIP/201-00000002', data: 'PJSIP/201', disposition: 'NO ANSWER' },
      { ...inbound, dst: '0612345678', to: 'PJSIP/op-00000003', minute: 1 },
      { ...inbound, dst: '202', to: 'PJSIP/202-00000004', data: 'PJSIP/202', minute: 3 },
    ];
    const expected = ['inbound', '201 -> 0612345678 60s, forwarded 201', 'inbound'];
    expect(read(rows.slice(0, 2))).toEqual(expected.slice(0, 2));
    expect(read(rows)).toEqual(expected);
  });

  it('take no forward from a call that the line placed itself through Local channels', () => {
    const clickToDial = [
      { account: '200', src: '0145670200', from: 'Local/0612345678@in-0000000a;2', to: 'PJSIP/op-00000002' },
      {
        account: '200',
        dst: 's',
        from: 'PJSIP/200-0000000c',
        to: 'Local/0612345678@in-0000000a;1',
        app: 'AppDial2',
        data: '(Outgoing Line)',
      },
    ];
    expect(read(clickToDial)).toEqual(['200 -> 0612345678 60s', 'internal']);
    const dialplan = [
      { account: '', from: 'PJSIP/200-0000000c', to: 'Local/0612345678@out-0000000a;1', data: 'Local/0612345678@out' },
      { account: '', src: '0145670200', from: 'Local/0612345678@out-0000000a;2', to: 'PJSIP/op-00000002' },
    ];
    expect(read(dialplan)).toEqual(['internal', '200 -> 0612345678 60s']);
    // A second Local channel in between.
    const twice = [
      dialplan[0]!,
      {
        account: '',
        from: 'Local/0612345678@out-0000000a;2',
        to: 'Local/0612345678@lcr-0000000b;1',
        data: 'Local/0612345678@lcr',
      },
      { account: '', from: 'Local/0612345678@lcr-0000000b;2', to: 'PJSIP/op-00000002' },
    ];
    expect(read(twice)).toEqual(['internal', 'internal', '200 -> 0612345678 60s']);
  });

  it('charge a transferred leg to who transferred it, which is no forward', () => {
    const out = { account: '200', from: 'PJSIP/200-00000011', to: 'PJSIP/op-00000012' };
    const blind = [
      out,
      {
        account: '200',
        src: '0612345678',
        dst: '0145678901',
        from: 'PJSIP/op-00000012',
        to: 'PJSIP/op-00000013',
        minute: 2,
        seconds: 240,
      },
    ];
    // The mobile's leg is up while the other number is connected to it.
    expect(read(blind)).toEqual(['200 -> 0612345678 360s', '200 -> 0145678901 240s, transferred 200']);
    const inbound = [
      {
        account: '',
        src: '0140000001',
        dst: '300',
        from: 'PJSIP/op-00000001',
        to: 'PJSIP/300-00000002',
        data: 'PJSIP/300',
      },
      { account: '', src: '0140000001', from: 'PJSIP/op-00000001', to: 'PJSIP/op-00000003', minute: 2 },
    ];
    expect(read(inbound)).toEqual(['inbound', '300 -> 0612345678 60s, transferred 300']);
    // Attended: 300 is connected to what 200 had called.
    const attended = [
      out,
      {
        account: '',
        from: 'PJSIP/300-00000014',
        to: 'PJSIP/op-00000012',
        dst: '300',
        app: 'AppDial',
        data: '(Outgoing Line)',
        minute: 2,
      },
    ];
    expect(read(attended)).toEqual(['200 -> 0612345678 60s', '200 -> 0612345678 60s, transferred 200']);
  });

  it('take the number from the row that dialled the channel where another row has a stale one', () => {
    const first = { account: '200', from: 'PJSIP/200-00000021', to: 'PJSIP/op-00000022', seconds: 120 };
    const second = {
      account: '200',
      dst: '0899123456',
      from: 'PJSIP/200-00000021',
      to: 'PJSIP/op-00000024',
      minute: 1,
      seconds: 60,
    };
    const stale = { ...second, data: 'PJSIP/0612345678@op', minute: 2, seconds: 480 };
    expect(read([first, second, stale])).toEqual([
      '200 -> 0612345678 120s',
      '200 -> 0899123456 60s',
      '200 -> 0899123456 480s',
    ]);
    expect(read([first, stale])).toEqual(['200 -> 0612345678 120s', 'contradiction']);
  });

  it('bill no leg twice of a conference whose parties were called by a third', () => {
    const rows = [
      { account: '200', from: 'PJSIP/200-00000001', to: 'PJSIP/op-00000002', seconds: 120 },
      { account: '200', dst: '0899123456', from: 'PJSIP/200-00000001', to: 'PJSIP/op-00000003', seconds: 120 },
      {
        account: '',
        dst: '',
        from: 'PJSIP/op-00000002',
        to: 'PJSIP/op-00000003',
        app: 'AppDial',
        data: '(Outgoing Line)',
        seconds: 180,
      },
    ];
    expect(read(rows)).toEqual([
      // Both legs are up after 200 has gone.
      '200 -> 0612345678 180s',
      '200 -> 0899123456 120s',
      '200 -> 0899123456 60s, transferred 200',
    ]);
    expect(read([...rows.slice(0, 2), { ...rows[2]!, seconds: 120 }])[2]).toBe('other-leg');
  });

  it.each<[string, AsteriskRowGiven, string]>([
    [
      'dst with the outside line, DAHDI',
      { dst: '00531512345', to: 'DAHDI/i1/0531512345-1a', data: 'DAHDI/g0/0531512345,300' },
      '0531512345',
    ],
    ['dst with the outside line and nothing sent', { dst: '00531512345', app: 'Hangup', data: '16' }, 'unclear-number'],
    ['dst without, and nothing sent', { dst: '0531512345', app: 'Macro', data: 'hangupcall,' }, '0531512345'],
    ['two numbers on one trunk', { data: 'PJSIP/0612345678@op&PJSIP/0899123456@op,30' }, 'unclear-number'],
    [
      'two on an ISDN trunk, one of them in the channel',
      { to: 'DAHDI/i1/0899123456-3', dst: '600', data: 'DAHDI/g0/0612345678&DAHDI/g0/0899123456' },
      'contradiction',
    ],
    ['one number twice', { data: 'PJSIP/0612345678@op&PJSIP/0612345678@op,30' }, '0612345678'],
    ['another number in lastdata', { dst: '0612345678', data: 'PJSIP/0899123456@op' }, 'contradiction'],
    ['an extension that went out', { dst: '300', data: 'PJSIP/0899123456@op' }, 'contradiction'],
    ['an extension that the number ends with', { dst: '300', data: 'PJSIP/0145670300@op' }, 'contradiction'],
    ['a trunk of IAX2', { to: 'IAX2/op-4711', data: 'IAX2/op/0612345678,60' }, '0612345678'],
    ['a trunk of IAX2 with a password', { to: 'IAX2/op-4711', data: 'IAX2/me:secret@op/0612345678,60' }, '0612345678'],
    ['a technical prefix of digits before', { data: 'PJSIP/99330612345678@op' }, '99330612345678'],
    ['a technical prefix with #', { data: 'PJSIP/123#0612345678@op' }, '123#0612345678'],
  ])('of a row with %s', (_, row, expected) => {
    const [outcome] = read([{ account: '200', from: 'PJSIP/200-00000001', to: 'PJSIP/op-00000002', ...row }]);
    expect(outcome).toBe(/^[a-z]/.test(expected) ? expected : `200 -> ${expected} 60s`);
  });

  it('strip prefixes by trunk, of what was sent and of dst', () => {
    const row = { account: '200', from: 'PJSIP/200-00000001', to: 'PJSIP/op-00000002' };
    const outside = prefixed('PJSIP/op:0=');
    expect(read([{ ...row, dst: '00531512345', app: 'Hangup', data: '16' }], outside)).toEqual([
      '200 -> 0531512345 60s',
    ]);
    const none = prefixed('=');
    expect(read([{ ...row, dst: '0033531512345', app: 'Hangup', data: '16' }], none)).toEqual([
      '200 -> 0033531512345 60s',
    ]);
    const technical = prefixed('123=999', 'PJSIP/op:123#=', 'PJSIP/op:00117#=+');
    expect(read([{ ...row, data: 'PJSIP/123#0612345678@op' }], technical)).toEqual(['200 -> 0612345678 60s']);
    expect(read([{ ...row, data: 'PJSIP/00117#33612345678@op' }], technical)).toEqual(['200 -> +33612345678 60s']);
    // The dialplan took the 9 off already: another that the number begins with is its own.
    const nine = { ...row, dst: '99195551234', data: 'PJSIP/9195551234@op' };
    expect(read([nine], prefixed('op:9='))).toEqual(['200 -> 9195551234 60s']);
    const both = prefixed('9=', 'PJSIP/op:123#=');
    expect(read([{ ...row, dst: '90612345678', data: 'PJSIP/123#0612345678@op' }], both)).toEqual([
      '200 -> 0612345678 60s',
    ]);
    expect(read([{ ...row, dst: '00531512345', app: 'Hangup', data: '16' }], prefixed('PJSIP/other:0='))).toEqual([
      'unclear-number',
    ]);
  });

  it('wait where they lasted longer than calls do, and are internal where they went to an extension', () => {
    const row = { account: '200', from: 'PJSIP/200-00000001', to: 'PJSIP/op-00000002', seconds: 3 * 86_400 };
    expect(read([row])).toEqual(['call-too-long']);
    expect(read([row], { longestCallMs: 4 * 86_400_000 })).toEqual(['200 -> 0612345678 259200s']);
    expect(read([{ ...row, seconds: 3601 }], { longestCallMs: 3_600_000 })).toEqual(['call-too-long']);
    const extensions = { isExtension: (number: string) => /^4\d\d$/.test(number) };
    expect(read([{ ...row, seconds: 9, dst: '412' }], extensions)).toEqual(['internal']);
    const [call] = readLegs(legsOf([{ ...row, seconds: 9 }], { clockAheadMs: 2000 }));
    const [plain] = readLegs(legsOf([{ ...row, seconds: 9 }]));
    if (call?.kind !== 'call' || plain?.kind !== 'call') throw new Error('Cannot read the row as a call');
    expect(plain.content.startedAt - call.content.startedAt).toBe(2000);
  });

  it('read each of two contents of one leg with the others, and let one stand for it', () => {
    const twice = [FORWARDED[0]!, { ...FORWARDED[0]!, dst: '301' }, FORWARDED[1]!].map((row, index) => ({
      ...row,
      sequence: index < 2 ? 1 : 2,
    }));
    expect(read(twice)).toEqual(['internal', 'internal', '300 -> 0612345678 60s, forwarded 300']);
    const conflicting = [
      { account: '200', from: 'PJSIP/200-00000001', to: 'PJSIP/op-00000002', sequence: 1 },
      { account: '200', from: 'PJSIP/200-00000001', to: 'PJSIP/op-00000002', seconds: 59, sequence: 1 },
    ];
    expect(read(conflicting)).toEqual(['200 -> 0612345678 60s', '200 -> 0612345678 59s']);
  });

  it('wait, naming both, where two rows say who called', () => {
    const rows = [...FORWARDED, { ...FORWARDED[0]!, dst: '301', sequence: 7 }];
    expect(read(rows)[1]).toBe('contradiction');
    const reading = readLegs(legsOf(rows))[1];
    expect(reading).toMatchObject({ detail: expect.stringMatching(/leg '.*' says '30.'.*leg '.*' '30.'/) });
  });
});

/** Rows without `linkedid`. */
function unnamed(rows: readonly AsteriskRowGiven[]): AsteriskRowGiven[] {
  return rows.map((row, index) => ({ ...row, group: '', uniqueid: `1793696400.${index}`, sequence: index }));
}

describe('rows that name no call', () => {
  const CLICK: readonly AsteriskRowGiven[] = [
    { account: '200', src: '0145670200', from: 'Local/0612345678@in-0000000a;2', to: 'PJSIP/op-00000002' },
    {
      account: '200',
      dst: 's',
      from: 'PJSIP/200-0000000c',
      to: 'Local/0612345678@in-0000000a;1',
      app: 'AppDial2',
      data: '(Outgoing Line)',
    },
  ];

  it('are of one call where they name the halves of one Local channel at one time', () => {
    expect(read(unnamed(CLICK))).toEqual(['200 -> 0612345678 60s', 'internal']);
    expect(read(unnamed(FORWARDED))).toEqual(['internal', '300 -> 0612345678 60s, forwarded 300']);
  });

  it('keep the identity that they have alone', () => {
    const [reading] = readLegs(legsOf(unnamed(CLICK)));
    expect(reading).toMatchObject({ content: { callId: '1793696400.0', legId: '1793696400.0#0' } });
  });

  it('say nothing of one another at another time, or where one has not come: who called is unknown', () => {
    const [leg, half] = unnamed(CLICK);
    expect(read([leg!])).toEqual(['incomplete-call']);
    expect(read([leg!, { ...half!, minute: 30 }])).toEqual(['incomplete-call', 'internal']);
    // The channel's number began anew: 300 was called through one of the same name, hours before.
    const earlier = unnamed(FORWARDED.map((row) => ({ ...row, minute: -180 })));
    const again = unnamed(FORWARDED.map((row) => ({ ...row, account: '201', src: '201' })));
    const rows = [...earlier, ...again.map((row, index) => ({ ...row, uniqueid: `1793699.${index}` }))];
    expect(read(rows)).toEqual([
      'internal',
      '300 -> 0612345678 60s, forwarded 300',
      'internal',
      '300 -> 0612345678 60s, forwarded 300',
    ]);
  });

  it('wait where two Local channels follow one another: who called the first is of another group', () => {
    const rows = [
      { account: '', from: 'PJSIP/200-0000000c', to: 'Local/0612345678@out-0000000a;1', data: 'Local/0612345678@out' },
      {
        account: '200',
        from: 'Local/0612345678@out-0000000a;2',
        to: 'Local/0612345678@lcr-0000000b;1',
        data: 'Local/0612345678@lcr',
      },
      { account: '200', from: 'Local/0612345678@lcr-0000000b;2', to: 'PJSIP/op-00000002' },
    ];
    expect(read(rows)).toEqual(['internal', 'internal', '200 -> 0612345678 60s']);
    const [first, between, out] = legsOf(unnamed(rows));
    expect(first!.groupId).not.toBe(between!.groupId);
    expect(shown([between!, out!])).toEqual(['internal', 'incomplete-call']);
  });

  it('stand alone where neither a Local channel nor one on a trunk joins them', () => {
    const call = { account: '200', from: 'PJSIP/200-00000001', to: 'PJSIP/op-00000002' };
    expect(groupOf(call)).toBe('PJSIP/op-00000002 20760');
    expect(groupOf({ ...call, disposition: 'NO ANSWER' })).toBeUndefined();
    expect(groupOf({ ...call, to: 'PJSIP/300-00000002' })).toBeUndefined();
  });
});

/** The group of a row that names no call; `undefined` where it stands alone. */
function groupOf(given: AsteriskRowGiven): string | undefined {
  const bytes = Buffer.from(asteriskRow({ ...given, isLinked: false }));
  return createAsteriskCsv(OPTIONS).decode(bytes, 0, bytes.length).leg?.groupId;
}
