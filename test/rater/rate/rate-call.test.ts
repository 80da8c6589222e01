import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CallFlag, Directory, type Cdr, type Hold, type LineState } from '../../../rater/index.ts';
import { rateCall } from '../../../rater/rate/rate-call.ts';
import { formatMicros, MAX_DURATION_MS, micros } from '../../../tariffs/index.ts';
import { rateDeckOf } from '../../tariffs/decks/deck-for-test.ts';
import { at, cdr, civilTime, contextOf, line, lineState, plan, ratedOf, smallDeck, span } from '../rating-for-test.ts';

const DECK_FILE = new URL('../../../tariffs/decks/full-illimite-2026.csv', import.meta.url);
const deck = rateDeckOf(readFileSync(DECK_FILE, 'utf8'));

const START = at('2026-11-01');
const HELD_FROM = at('2026-11-15 12:00');
const END = at('2026-12-01');

function hold(given: Partial<Hold>): Hold {
  return {
    condition: 'distinct-numbers',
    period: 202611,
    from: START,
    to: END,
    onlyBreakingCalls: false,
    classes: ['national-fixed', 'national-mobile', 'international'],
    ...given,
  };
}

function held(state: LineState, ...holds: readonly Hold[]): LineState {
  state.holds = holds;
  return state;
}

/**
 * L1 all well; L2 without offer; L3 a call centre since 10 November; L4 over its numbers; L5 suspended from the 15th
 * on, for national fixed alone; L6 held twice; L7 of December 2026 alone, by its number too.
 */
const LINES: readonly LineState[] = [
  lineState(line('L1', { spans: [span({ number: 33_140_000_001 })] })),
  lineState(line('L2', { spans: [span({ offer: null })] })),
  held(
    lineState(
      line('L3', {
        spans: [span({ to: at('2026-11-10') }), span({ from: at('2026-11-10'), usageClass: 'call-centre' })],
      }),
    ),
    hold({ condition: 'usage-class', onlyBreakingCalls: true }),
  ),
  held(lineState(line('L4')), hold({})),
  held(
    lineState(line('L5')),
    hold({ condition: 'equipment', from: HELD_FROM, to: Number.POSITIVE_INFINITY, classes: ['national-fixed'] }),
  ),
  held(lineState(line('L6')), hold({ condition: 'conversational-use' }), hold({ condition: 'sip-mobility' })),
  lineState(line('L7', { spans: [span({ number: 33_140_000_007, from: END, to: at('2027-01-01') })] })),
];

const directory = new Directory(plan);
for (const state of LINES) directory.put(state);
const context = contextOf(directory, deck);

/**
 * Under `line`, `L1>L2` is a call of L1 that L2 diverted, `L1/L2` one that L2 transferred. `at` is Paris time. The
 * price by the minute stands under `at stake` also where nothing is charged.
 */
const TABLE = `
  line     at                   to               seconds | coverage  charge    at stake  why
  L1       2026-11-03 10:00     +33612345678          61 | included  0.000000  0.180000  national-mobile
  L1       2026-11-03 10:00     0612345678            60 | included  0.000000  0.090000  national-mobile
  L1       2026-11-03 10:00     0123456789            59 | included  0.000000  0.020000  national-fixed
  L1       2026-11-03 10:00     0806123456            60 | included  0.000000  0.020000  national-fixed
  L1       2026-11-03 10:00     +34911234567         600 | included  0.000000  0.300000  international
  L1       2026-11-03 10:00     +12125550100          61 | included  0.000000  0.060000  international
  L1       2026-11-03 10:00     +12465550100          61 | metered   0.800000  0.800000  not-in-offer
  L1       2026-11-03 10:00     0892123456            61 | metered   1.320000  1.320000  not-in-offer
  L1       2026-11-03 10:00     0639123456            61 | metered   0.380000  0.380000  not-in-offer
  L1       2026-11-03 10:00     118218                60 | metered   3.800000  3.800000  not-in-offer
  L1       2026-11-03 10:00     3949                  61 | metered   1.000000  1.000000  not-in-offer
  L1       2026-11-03 10:00     15                   600 | free      0.000000  0.000000  emergency
  L1       2026-11-03 10:00     112                    1 | free      0.000000  0.000000  emergency
  L1       2026-11-03 10:00     0800123456          3600 | free      0.000000  0.000000  toll-free
  L1       2026-11-03 10:00     0612345678             0 | included  0.000000  0.000000  national-mobile
  0140000001  2026-11-03 10:00  0123456789            60 | included  0.000000  0.020000  national-fixed
  L2       2026-11-03 10:00     0123456789            61 | metered   0.040000  0.040000  no-offer
  L2       2026-11-03 10:00     0892123456            60 | metered   0.660000  0.660000  no-offer
  L2       2026-11-03 10:00     17                    60 | free      0.000000  0.000000  emergency
  L2       2026-11-03 10:00     0612345678             0 | metered   0.000000  0.000000  no-offer
  L9>L1    2026-11-03 10:00     0612345678            60 | metered   0.090000  0.090000  forwarding
  L9>L1    2026-11-03 10:00     0892123456            60 | metered   0.660000  0.660000  not-in-offer
  L9>L1    2026-11-03 10:00     18                    60 | free      0.000000  0.000000  emergency
  L1>L2    2026-11-03 10:00     0612345678            60 | metered   0.090000  0.090000  no-offer
  L1>L9    2026-11-03 10:00     0612345678            60 | included  0.000000  0.090000  national-mobile
  L1>L4    2026-11-03 10:00     0612345678            60 | metered   0.090000  0.090000  forwarding
  L2/L1    2026-11-03 10:00     0612345678            60 | included  0.000000  0.090000  national-mobile
  L1/L2    2026-11-03 10:00     0612345678            60 | metered   0.090000  0.090000  no-offer
  L3       2026-11-09 23:59:59  0123456789            60 | included  0.000000  0.020000  national-fixed
  L3       2026-11-10 00:00     0123456789            60 | metered   0.020000  0.020000  usage-class
  L9>L3    2026-11-10 00:00     0123456789            60 | metered   0.020000  0.020000  forwarding
  L4       2026-10-31 23:59:59  0123456789            60 | included  0.000000  0.020000  national-fixed
  L4       2026-11-01 00:00     0123456789            60 | metered   0.020000  0.020000  distinct-numbers
  L4       2026-11-30 23:59:59  0123456789            60 | metered   0.020000  0.020000  distinct-numbers
  L4       2026-12-01 00:00     0123456789            60 | included  0.000000  0.020000  national-fixed
  L4       2026-11-03 10:00     0892123456            60 | metered   0.660000  0.660000  not-in-offer
  L4       2026-11-03 10:00     15                    60 | free      0.000000  0.000000  emergency
  L5       2026-11-15 11:59:59  0123456789            60 | included  0.000000  0.020000  national-fixed
  L5       2026-11-15 12:00     0123456789            60 | metered   0.020000  0.020000  equipment
  L5       2026-11-15 12:00     0806123456            60 | metered   0.020000  0.020000  equipment
  L5       2026-11-15 12:00     0612345678            60 | included  0.000000  0.090000  national-mobile
  L5       2026-11-15 12:00     +34911234567          60 | included  0.000000  0.030000  international
  L5       2027-11-15 12:00     0123456789            60 | metered   0.020000  0.020000  equipment
  L6       2026-11-03 10:00     0123456789            60 | metered   0.020000  0.020000  sip-mobility
  L7       2026-12-01 00:00     0123456789            60 | included  0.000000  0.020000  national-fixed
  0140000007  2026-12-31 23:59:59  0123456789         60 | included  0.000000  0.020000  national-fixed`;

/** Calls that cannot be rated, under the same notation. */
const UNRATED = `
  line     at                   to               seconds | why
  L9       2026-11-03 10:00     0612345678            60 | unknown-line
  L1>L7    2026-11-03 10:00     0612345678            60 | unknown-line
  L7       2026-11-30 23:59:59  0612345678            60 | unknown-line
  L7       2027-01-01 00:00     0612345678            60 | unknown-line
  0140000007  2027-01-01 00:00  0612345678            60 | unknown-line
  L9       2026-11-03 10:00     *98                   60 | unknown-line
  L1       2026-11-03 10:00     *98                   60 | service-code
  L1       2026-11-03 10:00     anonymous             60 | not-a-number
  L1       2026-11-03 10:00     06123456              60 | wrong-length
  L1       1999-11-03 10:00     0612345678            60 | start-out-of-range
  L1       2061-11-03 10:00     0612345678            60 | start-out-of-range`;

function rowsOf(table: string): string[][] {
  const rows = table.trim().split('\n').slice(1);
  return rows.map((row) => row.replace('|', ' ').trim().split(/ {2,}/));
}

function readCall(who = '', when = '', dialled = '', seconds = ''): Cdr {
  const diverted = who.split('>');
  const transferred = who.split('/');
  return cdr({
    line: (diverted[0] ?? '').split('/')[0] ?? '',
    diversions: diverted.slice(1),
    transferredBy: transferred[1] ?? null,
    startedAt: /^(1999|2061)/.test(when) ? Date.parse(`${when.replace(' ', 'T')}Z`) : at(when),
    dialled,
    durationMs: Number(seconds) * 1000,
  });
}

describe('rateCall() under Full Illimité and the tariff of 2026', () => {
  it.each(rowsOf(TABLE))(
    '%s %s to %s, %s s: %s, %s of %s, %s',
    (who, when, dialled, seconds, coverage, charge, stake, why) => {
      const rated = ratedOf(readCall(who, when, dialled, seconds), context);
      const micro = [rated.charge, rated.meteredPrice].map((amount) => formatMicros(micros(amount)));
      expect([rated.coverage, ...micro, rated.reason]).toEqual([coverage, charge, stake, why]);
    },
  );
});

describe('rateCall() of a call that cannot be rated', () => {
  it.each(rowsOf(UNRATED))('%s %s to %s, %s s: %s', (who, when, dialled, seconds, why) => {
    expect(rateCall(readCall(who, when, dialled, seconds), context)).toBe(why);
  });

  it('refuses a duration beyond what can be priced, and no shorter one', () => {
    expect(rateCall(cdr({ durationMs: MAX_DURATION_MS + 1 }), context)).toBe('duration-out-of-range');
    expect(rateCall(cdr({ durationMs: MAX_DURATION_MS }), context)).toBeTypeOf('object');
  });

  it('refuses a call that nobody could price, even where it is included, but not a free one', () => {
    const small = contextOf(directory, smallDeck);
    expect(rateCall(cdr({ dialled: '+12125550100' }), small)).toBe('no-rate');
    expect(ratedOf(cdr({ dialled: '15' }), small)).toMatchObject({
      coverage: 'free',
      billedSeconds: 0,
      meteredPrice: 0,
    });
  });
});

describe('rateCall() billed seconds', () => {
  it.each([
    [1, 60],
    [59_000, 60],
    [59_999, 60],
    [60_000, 60],
    [60_001, 120],
    [61_000, 120],
    [119_999, 120],
    [120_001, 180],
    [0, 0],
  ])('of %i ms at 60/60 are %i', (durationMs, seconds) => {
    expect(ratedOf(cdr({ durationMs }), context).billedSeconds).toBe(seconds);
  });
});

describe('rateCall() period', () => {
  it.each([
    ['2026-11-30T22:59:59.999Z', 202611], // 23:59:59.999 in Paris, winter
    ['2026-11-30T23:00:00.000Z', 202612],
    ['2026-06-30T21:59:59.999Z', 202606], // summer
    ['2026-06-30T22:00:00.000Z', 202607],
    ['2026-03-31T21:59:59.999Z', 202603], // after the change of 29 March
    ['2026-03-31T22:00:00.000Z', 202604],
    ['2026-10-31T22:59:59.999Z', 202610], // after the change of 25 October
    ['2026-10-31T23:00:00.000Z', 202611],
    ['2028-02-29T22:59:59.999Z', 202802], // leap day
    ['2028-02-29T23:00:00.000Z', 202803],
    ['2026-12-31T23:00:00.000Z', 202701],
  ])('of a call answered at %s is %i, however long it lasts', (instant, period) => {
    const record = cdr({ startedAt: Date.parse(instant), durationMs: 7_200_000 });
    expect(ratedOf(record, context).period).toBe(period);
  });

  it('prices a call across the month end in one piece, by the start', () => {
    const record = cdr({ line: 'L4', startedAt: END - 1000, durationMs: 180_000, dialled: '0123456789' });
    expect(ratedOf(record, context)).toMatchObject({ period: 202611, reason: 'distinct-numbers', charge: 60_000 });
  });
});

describe('rateCall() flags: what a call shows', () => {
  const facts = {
    devices: [{ from: START, to: END, userAgent: 'Yealink *' }],
    networks: [{ from: START, to: END, cidr: '192.0.2.0/24' }],
  };
  const ours = new Directory(plan);
  ours.put(lineState(line('L1', facts)));
  ours.put(lineState(line('used', { ...facts, spans: [span({ mobility: 'used', equipment: 'customer-pbx' })] })));
  ours.put(lineState(line('class', { spans: [span({ usageClass: 'phoning' })] })));
  ours.put(
    lineState(line('free', { ...facts, spans: [span({ offer: null, mobility: 'used', usageClass: 'phoning' })] })),
  );
  const shown = (given: Partial<Cdr>): number => ratedOf(cdr(given), contextOf(ours, deck)).flags;

  const away = { userAgent: 'Linphone', sourceIp: '203.0.113.1' };

  it.each([
    ['nothing', {}, 0],
    ['a managed phone at home', { userAgent: 'Yealink T46', sourceIp: '192.0.2.9' }, 0],
    ['another phone at home', { ...away, sourceIp: '192.0.2.9' }, 0],
    ['another phone away', away, CallFlag.foreignDeviceAndNetwork],
    ['another phone away, before the facts', { ...away, startedAt: START - 1 }, 0],
    ['another phone away, after the facts', { ...away, startedAt: END }, 0],
    ['a PBX at home', { userAgent: 'Asterisk 20', sourceIp: '192.0.2.9' }, CallFlag.pbxUserAgent],
    ['a PBX away', { ...away, userAgent: 'Asterisk 20' }, CallFlag.foreignDeviceAndNetwork | CallFlag.pbxUserAgent],
    ['a switch that reports mobility', { mobilityUsed: true }, CallFlag.mobilityReportedBySwitch],
    ['a switch that reports none', { mobilityUsed: false }, 0],
    ['provisioning', { line: 'used' }, CallFlag.mobilityProvisioned | CallFlag.equipmentProvisioned],
    ['a class', { line: 'class' }, CallFlag.excludedUsageClass],
    ['all of it, of a line without offer', { ...away, line: 'free', mobilityUsed: true }, 0],
    ['a forwarded leg of all of it', { ...away, mobilityUsed: true, diversions: ['used'] }, CallFlag.forwarded],
    ['a diverter from outside', { diversions: ['+33155555555'] }, CallFlag.unresolvedParty],
    ['calls of 0 ms too', { ...away, durationMs: 0 }, CallFlag.foreignDeviceAndNetwork],
  ] satisfies [string, Partial<Cdr>, number][])('by %s', (_, given, flags) => {
    expect(shown(given)).toBe(flags);
  });

  it('are those of the call, not of the one before it from the same line', () => {
    const calls: Partial<Cdr>[] = [away, {}, { ...away, mobilityUsed: true }, away, { userAgent: 'Linphone' }];
    expect(calls.map(shown)).toEqual([8, 0, 12, 8, 0]);
  });
});

it('rateCall() goes by the offer of the start of the call where it changes within the month', () => {
  const changing = new Directory(plan);
  const MID = at('2026-11-15');
  changing.put(lineState(line('L1', { spans: [span({ offer: null, to: MID }), span({ from: MID })] })));
  const reasonAt = (startedAt: number) => ratedOf(cdr({ startedAt }), contextOf(changing, deck)).reason;
  expect([reasonAt(MID - 1), reasonAt(MID)]).toEqual(['no-offer', 'national-mobile']);
  expect(civilTime.periodOf(MID)).toBe(202611);
});
