import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Directory,
  emptyMonthState,
  hasOneOffer,
  judgeCall,
  judgeMeasures,
  judgePeriod,
  needsJudging,
  type Cdr,
  type Finding,
  type Line,
  type LineState,
  type MonthState,
  type RecordedCall,
} from '../../../rater/index.ts';
import type { Offer } from '../../../rules/index.ts';
import { fullIllimite } from '../../rules/full-illimite-for-test.ts';
import { at, cdr, civilTime, contextOf, line, lineState, offersOf, plan, ratedOf, span } from '../rating-for-test.ts';

const PERIOD = 202611;
const START = at('2026-11-01');
const MID = at('2026-11-15');
const OPEN = Number.POSITIVE_INFINITY;

/** Full Illimité with thresholds that a handful of calls cross. */
function smallOffer(id: string, maxNumbers: number, minCalls = 1000): Offer {
  const offer = fullIllimite();
  const conditions = offer.conditions.map((condition) => {
    if (condition.id === 'distinct-numbers') return { ...condition, settings: { maxNumbers } };
    if (condition.id !== 'conversational-use') return condition;
    return { ...condition, settings: { ...condition.settings, minCalls, maxConcurrentCalls: 1 } };
  });
  return { ...offer, id, conditions };
}

const offers = offersOf(smallOffer('two-numbers', 2), smallOffer('one-number', 1), smallOffer('busy', 3, 4), {
  ...fullIllimite(),
  id: 'no-conditions',
  conditions: [],
});

const DEVICES = [{ from: START, to: OPEN, userAgent: 'Yealink *' }];
const NETWORKS = [{ from: START, to: OPEN, cidr: '192.0.2.0/24' }];
const PHONE_AWAY = { userAgent: 'Linphone', sourceIp: '203.0.113.1' };
const PBX_AT_HOME = { userAgent: 'Asterisk 20', sourceIp: '192.0.2.1' };

/** A line under `two-numbers`, with a managed phone and a network. */
function lineUnder(offer: string, given: Partial<Line> = {}): LineState {
  return lineState(line('L1', { spans: [span({ offer })], devices: DEVICES, networks: NETWORKS, ...given }), offers);
}

function recorded(state: LineState, ...records: readonly Cdr[]): RecordedCall[] {
  const directory = new Directory(plan);
  directory.put(state);
  return records.map((record) => ({ cdr: record, rated: ratedOf(record, contextOf(directory)) }));
}

function judged(state: LineState, all: readonly RecordedCall[]): MonthState {
  const month = emptyMonthState(state.factSpans, PERIOD, civilTime);
  judgePeriod(month, all, civilTime);
  return month;
}

function findingsOf(state: LineState, ...records: readonly Cdr[]): readonly Finding[] {
  return judged(state, recorded(state, ...records)).findings;
}

/** A call a minute after the last, `c1`, `c2`, …, with these differences. */
function calls(...given: readonly Partial<Cdr>[]): Cdr[] {
  return given.map((one, index) => {
    const startedAt = MID + index * 60_000;
    return cdr({ callId: `c${index + 1}`, startedAt, durationMs: 10_000, ...one });
  });
}

function ref(record: Cdr | undefined) {
  const { startedAt, switchId, callId, legId } = record ?? cdr();
  return { startedAt, switchId, callId, legId };
}

/** Four calls of that length, one after the other. */
function callsLasting(durationMs: number): Cdr[] {
  return calls(...Array.from({ length: 4 }, () => ({ durationMs, dialled: A })));
}

const A = '0140000001';
const B = '0140000002';
const C = '0140000003';
const D = '0140000004';

describe('judgePeriod(): article 7, distinct-numbers', () => {
  it('finds the call to the number after the last allowed, and every number with its first call', () => {
    const records = calls(
      { dialled: A },
      { dialled: B },
      { dialled: '+33 1 40 00 00 01' },
      { dialled: C },
      { dialled: D },
    );
    const crossing = { ...ref(records[3]), called: 33_140_000_003 };
    expect(findingsOf(lineUnder('two-numbers'), ...records)).toEqual([
      {
        condition: 'distinct-numbers',
        breachFrom: records[3]?.startedAt,
        maxNumbers: 2,
        crossing,
        numbers: [
          { ...ref(records[0]), called: 33_140_000_001 },
          { ...ref(records[1]), called: 33_140_000_002 },
          crossing,
        ],
      },
    ]);
  });

  it.each([
    ['exactly as many numbers as allowed', [{ dialled: A }, { dialled: B }, { dialled: B }]],
    [
      'one number in every notation',
      [A, '+33140000001', '0033140000001', 'tel:+33-1-40-00-00-01'].map((dialled) => ({ dialled })),
    ],
    [
      'emergency and toll-free numbers',
      ['15', '17', '112', '0800123456', '0805123456'].map((dialled) => ({ dialled })),
    ],
    ['calls of 0 ms', [{ dialled: A }, { dialled: B }, { dialled: C, durationMs: 0 }]],
    ['forwarded legs', [{ dialled: A }, { dialled: B }, { dialled: C, diversions: ['L1'] }]],
  ] satisfies [string, Partial<Cdr>[]][])('finds nothing in %s', (_, given) => {
    expect(findingsOf(lineUnder('two-numbers'), ...calls(...given))).toEqual([]);
  });

  it.each([
    ['a short code', '3949'],
    ['a number that is not included', '0892123456'],
  ])('counts %s', (_, dialled) => {
    const found = findingsOf(lineUnder('two-numbers'), ...calls({ dialled: A }, { dialled: B }, { dialled }));
    expect(found.map(({ condition }) => condition)).toEqual(['distinct-numbers']);
  });

  it('takes calls of one instant by their identity: switch, call, leg', () => {
    const records = calls(
      { dialled: A, startedAt: MID, switchId: 'a', callId: '9' },
      { dialled: B, startedAt: MID, switchId: 'a', callId: '10', legId: 'y' },
      { dialled: C, startedAt: MID, switchId: 'a', callId: '10', legId: 'x' },
    );
    const [finding] = findingsOf(lineUnder('two-numbers'), ...records);
    expect(finding).toMatchObject({
      crossing: ref(records[0]),
      numbers: [ref(records[2]), ref(records[1]), ref(records[0])],
    });
  });

  it('counts only calls made under an offer that has the condition, by the terms of the first', () => {
    const spans = [
      span({ offer: 'no-conditions', to: MID + 60_000 }),
      span({ offer: 'two-numbers', from: MID + 60_000, to: MID + 150_000 }),
      span({ offer: null, from: MID + 150_000, to: MID + 210_000 }),
      span({ offer: 'one-number', from: MID + 210_000 }),
    ];
    const records = calls({ dialled: A }, { dialled: B }, { dialled: C }, { dialled: '0140000009' }, { dialled: D });
    const [finding] = findingsOf(lineUnder('', { spans }), ...records);
    expect(finding).toMatchObject({ maxNumbers: 2, crossing: ref(records[4]) });
  });
});

describe('judgePeriod(): article 7, sip-mobility', () => {
  it('finds the first call that shows it, by start, and why', () => {
    const records = calls(
      { ...PHONE_AWAY, startedAt: MID + 5 },
      { mobilityUsed: true, startedAt: MID + 4 },
      PHONE_AWAY,
    );
    expect(findingsOf(lineUnder('two-numbers'), ...records)).toEqual([
      {
        condition: 'sip-mobility',
        breachFrom: MID + 4,
        why: 'switch',
        firstCall: ref(records[1]),
        userAgent: null,
        sourceIp: null,
      },
    ]);
  });

  it('is shown by a call of 0 ms too, never by a forwarded leg', () => {
    const records = calls({ ...PHONE_AWAY, diversions: ['L1'] }, { ...PHONE_AWAY, durationMs: 0 });
    expect(findingsOf(lineUnder('two-numbers'), ...records)).toEqual([
      {
        condition: 'sip-mobility',
        breachFrom: records[1]?.startedAt,
        why: 'foreign-device-and-network',
        firstCall: ref(records[1]),
        ...PHONE_AWAY,
      },
    ]);
  });

  it('needs an offer that has the condition', () => {
    expect(findingsOf(lineUnder('no-conditions'), ...calls({ ...PHONE_AWAY, mobilityUsed: true }))).toEqual([]);
  });
});

describe('judgePeriod(): article 7, equipment', () => {
  it('finds the first call of a PBX, with its user agent', () => {
    const records = calls({}, PBX_AT_HOME, PBX_AT_HOME);
    expect(findingsOf(lineUnder('two-numbers'), ...records)).toEqual([
      {
        condition: 'equipment',
        breachFrom: records[1]?.startedAt,
        why: 'user-agent',
        firstCall: ref(records[1]),
        userAgent: 'Asterisk 20',
      },
    ]);
  });

  it('finds provisioning that says so, from the call on from which it does', () => {
    const spans = [
      span({ offer: 'two-numbers', to: MID + 60_000, equipment: 'managed' }),
      span({ offer: 'two-numbers', from: MID + 60_000, equipment: 'customer-gateway' }),
    ];
    const records = calls({}, {});
    expect(findingsOf(lineUnder('', { spans }), ...records)).toMatchObject([
      { condition: 'equipment', why: 'provisioning', firstCall: ref(records[1]) },
    ]);
  });
});

describe('judgePeriod(): article 7, usage-class', () => {
  it('finds the first call of an excluded class, and the class', () => {
    const spans = [
      span({ offer: 'two-numbers', to: MID + 60_000 }),
      span({ offer: 'two-numbers', from: MID + 60_000, usageClass: 'prepaid-cards' }),
    ];
    const records = calls({}, { diversions: ['L1'] }, {});
    expect(findingsOf(lineUnder('', { spans }), ...records)).toEqual([
      {
        condition: 'usage-class',
        breachFrom: records[2]?.startedAt,
        usageClass: 'prepaid-cards',
        firstCall: ref(records[2]),
      },
    ]);
  });
});

describe('judgePeriod(): article 7, conversational-use', () => {
  const together = { startedAt: MID, durationMs: 30_000, dialled: A };

  it('finds behaviour from the least number of calls on, for the whole period, with every measure', () => {
    const [finding, ...others] = findingsOf(lineUnder('busy'), ...calls(together, together, {}, {}));
    expect(others).toEqual([]);
    expect(finding).toEqual({
      condition: 'conversational-use',
      breachFrom: START,
      measures: [
        { id: 'short-calls', value: 0, max: 400 },
        { id: 'concurrent-calls', value: 2, max: 1 },
        { id: 'sequential-numbers', value: 1, max: 9 },
        { id: 'all-hours', value: 1, max: 20 },
        { id: 'number-range', value: 1, max: 25 },
      ],
    });
  });

  it.each([
    ['too few calls', [together, together, {}]],
    ['a call of 0 ms among them', [together, together, {}, { durationMs: 0 }]],
    ['an emergency call among them', [together, together, {}, { dialled: '15' }]],
    ['a forwarded leg among them', [together, together, {}, { diversions: ['L1'] }]],
    ['calls one after the other', [{}, {}, {}, {}, {}]],
  ] satisfies [string, Partial<Cdr>[]][])('finds nothing in %s', (_, given) => {
    expect(findingsOf(lineUnder('busy'), ...calls(...given))).toEqual([]);
  });

  it('takes a call as short up to 6 s', () => {
    expect(findingsOf(lineUnder('busy'), ...callsLasting(6000)).map(({ condition }) => condition)).toEqual([
      'conversational-use',
    ]);
    expect(findingsOf(lineUnder('busy'), ...callsLasting(6001))).toEqual([]);
  });
});

const anyCall: fc.Arbitrary<Partial<Cdr>> = fc.record({
  startedAt: fc.integer({ min: 0, max: 12 }).map((step) => MID - 30_000 + step * 10_000),
  callId: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
  legId: fc.constantFrom('', 'x', 'y'),
  durationMs: fc.constantFrom(0, 1, 15_000, 60_000),
  dialled: fc.constantFrom(A, '+33140000001', B, C, '15', '0892123456', '3949'),
  diversions: fc.constantFrom<string[]>([], [], [], ['L1']),
  mobilityUsed: fc.constantFrom(null, null, null, true),
  userAgent: fc.constantFrom(null, 'Yealink 1', 'Linphone', 'Asterisk'),
  sourceIp: fc.constantFrom(null, '192.0.2.1', '203.0.113.1'),
});

/** Calls of a month, each identity once. */
const anyMonth = fc.uniqueArray(anyCall, {
  maxLength: 14,
  selector: ({ callId, legId }) => `${callId}/${legId}`,
});

const oneOffer = lineUnder('busy');
const twoOffers = lineUnder('', {
  spans: [span({ offer: 'busy', to: MID }), span({ offer: 'two-numbers', from: MID, usageClass: 'phoning' })],
});

function isCrossing({ condition }: Finding): boolean {
  return condition === 'distinct-numbers';
}

function byCondition(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => (a.condition < b.condition ? -1 : 1));
}

describe('judgePeriod() and judgeCall(), as laws', () => {
  it.each([
    ['one offer', oneOffer],
    ['two offers', twoOffers],
  ])('judgePeriod() finds the same in any order of calls: %s', (_, state) => {
    const shuffled = anyMonth.chain((month) =>
      fc.tuple(fc.constant(month), fc.shuffledSubarray(month, { minLength: month.length })),
    );
    fc.assert(
      fc.property(shuffled, ([month, reordered]) => {
        const expected = judged(state, recorded(state, ...month.map((one) => cdr(one)))).findings;
        expect(judged(state, recorded(state, ...reordered.map((one) => cdr(one)))).findings).toEqual(expected);
      }),
    );
  });

  it('call by call, a month under one offer is judged as the whole, unless it says that the crossing call may move', () => {
    fc.assert(
      fc.property(anyMonth, fc.nat({ max: 14 }), (month, known) => {
        const all = recorded(oneOffer, ...month.map((one) => cdr(one)));
        const state = judged(oneOffer, all.slice(0, known));
        for (const call of all.slice(known)) judgeCall(state, call.rated, call.cdr, civilTime);
        judgeMeasures(state);
        const whole = byCondition(judged(oneOffer, all).findings);
        const found = byCondition(state.findings);
        expect(found.filter((one) => !isCrossing(one))).toEqual(whole.filter((one) => !isCrossing(one)));
        expect(state.crossingMayMove ? [] : found.filter(isCrossing)).toEqual(
          state.crossingMayMove ? [] : whole.filter(isCrossing),
        );
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['in the same ms', 0, true],
    ['a ms before', -1, true],
    ['a ms after', 1, false],
  ])('says that the crossing call may move when one comes that started %s', (_, ms, mayMove) => {
    const records = calls({ dialled: A }, { dialled: B }, { dialled: C }, { dialled: D });
    const state = judged(oneOffer, recorded(oneOffer, ...records));
    const startedAt = MID + 3 * 60_000 + ms;
    const [late] = recorded(oneOffer, cdr({ callId: 'b', dialled: '0140000005', startedAt }));
    if (late === undefined) throw new Error('Cannot happen: one record was rated');
    judgeCall(state, late.rated, late.cdr, civilTime);
    expect(state.crossingMayMove).toBe(mayMove);
  });

  it('a finding of behaviour is withdrawn once a measure falls', () => {
    const records = calls({ durationMs: 1000 }, { durationMs: 1000 }, {}, {}, {}, {});
    const all = recorded(oneOffer, ...records);
    const state = judged(oneOffer, all.slice(0, 4));
    expect(state.findings.map(({ condition }) => condition)).toEqual(['conversational-use']);
    for (const call of all.slice(4)) judgeCall(state, call.rated, call.cdr, civilTime);
    judgeMeasures(state);
    expect(state.findings).toEqual([]);
  });

  it('needsJudging() is never wrong when it says that nothing can have changed', () => {
    const busy = lineUnder('busy');
    fc.assert(
      fc.property(anyMonth, fc.nat({ max: 14 }), (month, known) => {
        const all = recorded(busy, ...month.map((one) => cdr(one)));
        const state = judged(busy, all.slice(0, known));
        state.savedFindings = state.findings;
        for (const call of all.slice(known)) judgeCall(state, call.rated, call.cdr, civilTime);
        if (needsJudging(state)) return;
        judgeMeasures(state);
        expect(state.findings).toBe(state.savedFindings);
        expect(state.crossingMayMove).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['no measure breaks', 'busy', [0, 1, 2, 3, 4], [false, false, false, false, false]],
    ['one breaks, from `minCalls` on', 'busy', [0, 0, 1, 2, 3], [false, false, false, true, true]],
    ['one breaks late', 'busy', [0, 1, 2, 3, 3], [false, false, false, false, true]],
    ['the offer has no such condition', 'no-conditions', [0, 0, 0, 0, 0], [false, false, false, false, false]],
  ])('needsJudging() of a quiet month, call by call, where %s', (_, offer, minutes, expected) => {
    const state = lineUnder(offer);
    const month = emptyMonthState(state.factSpans, PERIOD, civilTime);
    const records = calls(...minutes.map((minute) => ({ startedAt: MID + minute * 60_000 })));
    const answers = recorded(state, ...records).map(({ rated, cdr: record }) => {
      judgeCall(month, rated, record, civilTime);
      return needsJudging(month);
    });
    expect(answers).toEqual(expected);
    expect(month.isQuiet).toBe(true);
  });

  it('needsJudging() of a month that is not quiet is true, whatever its measures', () => {
    const state = emptyMonthState(lineUnder('no-conditions').factSpans, PERIOD, civilTime);
    expect(needsJudging(state)).toBe(false);
    state.crossingMayMove = true;
    expect(needsJudging(state)).toBe(true);
  });

  it('hasOneOffer() says when memory alone can judge', () => {
    expect(hasOneOffer(emptyMonthState(oneOffer.factSpans, PERIOD, civilTime))).toBe(true);
    expect(hasOneOffer(emptyMonthState(twoOffers.factSpans, PERIOD, civilTime))).toBe(false);
    expect(hasOneOffer(emptyMonthState(twoOffers.factSpans, 202612, civilTime))).toBe(true);
  });
});
