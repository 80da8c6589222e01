import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Cdr } from '../../../rater/call/cdr.ts';
import { civilHour, periodEnd, periodStart } from './civil-month.ts';
import { isAddress, networkContains } from './ip-network.ts';
import { naivePrice } from './naive-deck.ts';
import type { OracleDeckRow, OracleResult } from './oracle-types.ts';
import {
  callOf,
  coverageLines,
  decide,
  deckRow,
  effect,
  FULL_ILLIMITE,
  identityOf,
  judge,
  line,
  offerWith,
  record,
  span,
  verdictOf,
} from './oracle-samples.ts';
import { canonicalContent, compareCalls, contentHash, fnv1a64 } from './record-content.ts';

/** `count` calls, one a minute from `from` on, each to another number in a block of its own. */
function callsToNumbers(count: number, from: string): Cdr[] {
  return Array.from({ length: count }, (_, index) =>
    record(`n${index + 1}`, new Date(at(from) + index * 60_000).toISOString(), {
      dialled: `+33${612_000_001 + index * 1_111}`,
      durationMs: 30_000,
    }),
  );
}

function at(text: string): number {
  return Date.parse(text);
}

function priced(pricePerMinute: string): OracleDeckRow[] {
  return [deckRow('33', { pricePerMinute })];
}

function hoursIn(period: number): number {
  return (periodEnd('Europe/Paris', period) - periodStart('Europe/Paris', period)) / 3_600_000;
}

function coverages(result: OracleResult): string[] {
  return [...result.calls.values()].map(({ coverage }) => coverage);
}

function metered(result: OracleResult): string[] {
  return coverageLines(result).filter((text) => text.includes('metered'));
}

/** The calls, by their one-letter ids, that sip-mobility holds. */
function heldByMobility(result: OracleResult): string[] {
  const held = coverageLines(result).filter((text) => text.endsWith('sip-mobility'));
  return held.map((text) => text.slice(0, 1));
}

/** The measures of November 2026 as `value/max`, those that broke with that word; none without a breach. */
function measures(records: readonly Cdr[]): Record<string, string> {
  const evidence = verdictOf(judge(records), 'conversational-use', 202611)?.evidence;
  if (evidence?.kind !== 'conversational-use') return {};
  return Object.fromEntries(
    evidence.measures.map(({ measure, value, max, broke }) => [measure, `${value}/${max}${broke ? ' broke' : ''}`]),
  );
}

/** Calls of 3 November 2026 written as `hh:mm seconds number`, the time in UTC. */
function written(...texts: string[]): Cdr[] {
  return texts.map((text, index) => {
    const [time = '', seconds = '', dialled = ''] = text.split(' ');
    return record(`c${index}`, `2026-11-03T${time}:00Z`, { durationMs: Number(seconds) * 1000, dialled });
  });
}

describe('the price of a metered call', () => {
  test.each([
    // ms, row, billed seconds, price
    [0, {}, 0, '0.000000'],
    [1, {}, 60, '0.020000'],
    [59_000, {}, 60, '0.020000'],
    [60_000, {}, 60, '0.020000'],
    [60_001, {}, 120, '0.040000'],
    [61_000, {}, 120, '0.040000'],
    [0, { connection: '0.15', minimumCharge: '0.5' }, 0, '0.000000'],
    [61_000, { connection: '0.15' }, 120, '0.190000'],
    [61_000, { minimumCharge: '0.05' }, 120, '0.050000'],
    [29_001, { initialIncrementS: 30, nextIncrementS: 6 }, 30, '0.010000'],
    [30_001, { initialIncrementS: 30, nextIncrementS: 6 }, 36, '0.012000'],
    [61_000, { initialIncrementS: 1, nextIncrementS: 1 }, 61, '0.020333'],
    [30_000, { initialIncrementS: 1, nextIncrementS: 1, pricePerMinute: '0.000001' }, 30, '0.000001'],
    [29_000, { initialIncrementS: 1, nextIncrementS: 1, pricePerMinute: '0.000001' }, 29, '0.000000'],
    [90_000, { initialIncrementS: 1, nextIncrementS: 1, pricePerMinute: '0.000001' }, 90, '0.000002'],
    [10_800_000, {}, 10_800, '3.600000'],
  ])('%i ms at %o is %i s and %s', (durationMs, row, billedSeconds, price) => {
    expect(naivePrice(deckRow('33', row), durationMs)).toEqual({ billedSeconds, price });
  });

  test('comes from the longest prefix in force at the start, else from the name; a short code from its own row alone', () => {
    const change = at('2026-11-15T00:00:00+01:00');
    const deck = [
      deckRow('33'),
      deckRow('336', { pricePerMinute: '0.05', effectiveTo: change }),
      deckRow('336', { pricePerMinute: '0.06', effectiveFrom: change }),
      deckRow('39', { pricePerMinute: '9' }),
      deckRow('118', { pricePerMinute: '9' }),
      deckRow('', { of: { shortCode: 3949 }, pricePerMinute: '0.08' }),
      deckRow('', { of: { destination: 'France mobile' }, pricePerMinute: '9' }),
      deckRow('', { of: { destination: 'Barbade' }, pricePerMinute: '0.48' }),
    ];
    const result = judge(
      [
        record('before', '2026-11-14T22:59:59.999Z'),
        record('after', '2026-11-14T23:00:00Z'),
        record('fixed', '2026-11-14T23:00:00Z', { dialled: '0140556000' }),
        record('short', '2026-11-14T23:00:00Z', { dialled: '3949' }),
        record('named', '2026-11-14T23:00:00Z', { dialled: '+12464211234' }),
        record('none', '2026-11-14T23:00:00Z', { dialled: '118218' }),
        record('free', '2026-11-14T23:00:00Z', { dialled: '15' }),
      ],
      { deck },
    );
    const prices = [...result.calls.values()].map(({ meteredPrice }) => meteredPrice);
    expect(prices).toEqual(['0.050000', '0.060000', '0.020000', '0.080000', '0.480000', '0.000000']);
    expect(result.quarantine).toMatchObject([{ identity: identityOf('none'), reason: 'no-rate' }]);
  });

  test('is that of the deck in force at the start: the one that begins last of those begun, and was entered last', () => {
    const [tenth, twentieth] = [at('2026-11-09T23:00:00Z'), at('2026-11-19T23:00:00Z')];
    const result = judge(
      [
        record('first', '2026-11-09T22:59:59.999Z'),
        record('second', '2026-11-09T23:00:00Z'),
        record('third', '2026-11-19T23:00:00Z'),
        record('dated', '2026-11-25T00:00:00Z'),
      ],
      {
        deck: priced('0.01'),
        laterDecks: [
          { from: twentieth, rows: [deckRow('33', { effectiveTo: at('2026-11-25T00:00:00Z') })] },
          { from: tenth, rows: priced('0.04') },
          { from: tenth, rows: priced('0.05') },
          { from: -Infinity, rows: priced('0.03') },
        ],
      },
    );
    const prices = [...result.calls.values()].map(({ meteredPrice }) => meteredPrice);
    // 1 s is a minute begun; the deck of the 20th has 0.02 until the 25th, and then no price, whatever others have.
    expect(prices).toEqual(['0.030000', '0.050000', '0.020000']);
    expect(result.quarantine).toMatchObject([{ identity: identityOf('dated'), reason: 'no-rate' }]);
  });
});

describe('periods are civil months in Europe/Paris', () => {
  test.each([
    ['2026-10-31T22:59:59.999Z', 202610],
    ['2026-10-31T23:00:00.000Z', 202611],
    ['2026-03-31T21:59:59.999Z', 202603],
    ['2026-03-31T22:00:00.000Z', 202604],
    ['2026-12-31T22:59:59.999Z', 202612],
    ['2026-12-31T23:00:00.000Z', 202701],
    ['2028-02-28T23:00:00.000Z', 202802],
    ['2028-02-29T22:59:59.999Z', 202802],
    ['2028-02-29T23:00:00.000Z', 202803],
    ['2027-02-28T23:00:00.000Z', 202703],
  ])('a call answered at %s is of %i', (start, period) => {
    expect(callOf(judge([record('c', start, { durationMs: 7_200_000 })]), 'c').period).toBe(period);
  });

  test('months with a clock change are an hour shorter or longer', () => {
    expect([202603, 202610, 202802, 202612].map(hoursIn)).toEqual([743, 745, 696, 744]);
    expect(periodStart('Europe/Paris', 202603)).toBe(at('2026-02-28T23:00:00Z'));
  });

  test('the hour that the clock repeats is one hour of the day, the hour that it skips is none', () => {
    const hours = ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '2026-03-29T00:30:00Z', '2026-03-29T01:00:00Z'];
    expect(hours.map((instant) => civilHour('Europe/Paris', at(instant)))).toEqual([2, 2, 1, 3]);
  });
});

describe('what is included', () => {
  test.each([
    ['0140556000', 'included 0.000000 national-fixed'],
    ['0987654321', 'included 0.000000 national-fixed'],
    ['0806123456', 'included 0.000000 national-fixed'],
    ['06 12 34 56 78', 'included 0.000000 national-mobile'],
    ['+34910123456', 'included 0.000000 international'],
    ['+34622123456', 'metered 0.040000 not-in-offer'],
    ['+12125550123', 'included 0.000000 international'],
    ['+12464211234', 'metered 0.040000 not-in-offer'],
    ['0892123456', 'metered 0.040000 not-in-offer'],
    ['3949', 'metered 0.040000 not-in-offer'],
    ['118218', 'metered 0.040000 not-in-offer'],
    ['0800123456', 'free 0.000000 toll-free'],
    ['112', 'free 0.000000 emergency'],
  ])('61 s to %s: %s', (dialled, expected) => {
    const result = judge([record('c', '2026-11-03T10:00:00Z', { dialled, durationMs: 61_000 })]);
    expect(coverageLines(result)).toEqual([`c ${expected}`]);
  });

  test('the offer of the product has the 40 destinations and allows 150 numbers', () => {
    const offer = JSON.parse(
      readFileSync(new URL('../../../rules/offers/full-illimite.json', import.meta.url), 'utf8'),
    );
    expect(new Set(offer.included.destinations).size).toBe(40);
    expect(offer.conditions.map(({ id }: { id: string }) => id)).toEqual(FULL_ILLIMITE.conditions.map(({ id }) => id));
    expect(offer.conditions[2].settings).toEqual({ maxNumbers: 150 });
  });

  test('no offer: metered, but emergency stays free', () => {
    const lines = [line('L1', { spans: [span({ offer: null })] })];
    const calls = [record('a', '2026-11-03T10:00:00Z'), record('b', '2026-11-03T10:00:00Z', { dialled: '15' })];
    expect(coverageLines(judge(calls, { lines }))).toEqual([
      'a metered 0.020000 no-offer',
      'b free 0.000000 emergency',
    ]);
  });

  test('the offer in force at the start decides, to the millisecond', () => {
    const change = at('2026-11-15T12:00:00Z');
    const lines = [line('L1', { spans: [span({ to: change }), span({ from: change, offer: null })] })];
    const result = judge([record('a', '2026-11-15T11:59:59.999Z'), record('b', '2026-11-15T12:00:00.000Z')], { lines });
    expect(coverageLines(result)).toEqual(['a included 0.000000 national-mobile', 'b metered 0.020000 no-offer']);
  });
});

describe('distinct-numbers', () => {
  test('150 numbers are allowed', () => {
    const result = judge(callsToNumbers(150, '2026-11-03T10:00:00Z'));
    expect(verdictOf(result, 'distinct-numbers', 202611)).toBeNull();
    expect([...result.calls.values()].every(({ coverage }) => coverage === 'included')).toBe(true);
  });

  test('the first call to the 151st crosses, whichever record came first, and the whole period is re-rated', () => {
    const calls = callsToNumbers(153, '2026-11-03T10:00:00Z');
    const result = judge([record('next', '2026-12-01T10:00:00Z'), ...calls.toReversed()]);
    const verdict = verdictOf(result, 'distinct-numbers', 202611);
    expect(verdict).toMatchObject({
      stands: true,
      inForce: true,
      evidence: { max: 150, crossing: { identity: identityOf('n151'), startedAt: at('2026-11-03T12:30:00Z') } },
      hold: { from: at('2026-10-31T23:00:00Z'), to: at('2026-11-30T23:00:00Z') },
    });
    if (verdict?.evidence?.kind !== 'distinct-numbers') throw new Error('Cannot read evidence: of another kind');
    expect(verdict.evidence.numbers).toHaveLength(151);
    expect(verdict.evidence.numbers[0]).toMatchObject({
      called: 33_612_000_001,
      first: { identity: identityOf('n1') },
    });
    expect(verdict.evidence.numbers[150]).toMatchObject({ first: { identity: identityOf('n151') } });
    expect(callOf(result, 'n1')).toMatchObject({ coverage: 'metered', charge: '0.020000', reason: 'distinct-numbers' });
    expect(callOf(result, 'next')).toMatchObject({ coverage: 'included' });
  });

  const small = offerWith({ id: 'distinct-numbers', settings: { maxNumbers: 2 }, effect: effect() });

  test('a tie in the same millisecond is broken by identity in UTF-16 order', () => {
    const tie = '2026-11-03T10:00:00Z';
    const result = judge(
      [
        record('\uFF41', tie, { dialled: '0140000001' }),
        record('\u{1F600}', tie, { dialled: '0140000002' }),
        record('Z', tie, { dialled: '0140000003' }),
      ],
      { offers: [small] },
    );
    expect(verdictOf(result, 'distinct-numbers', 202611)?.evidence).toMatchObject({
      crossing: { identity: identityOf('\uFF41') },
      numbers: [{ called: 33_140_000_003 }, { called: 33_140_000_002 }, { called: 33_140_000_001 }],
    });
  });

  test.each<[string, Partial<Parameters<typeof record>[2]>]>([
    ['another notation of a known number', { dialled: '0033 6 12 34 56 78' }],
    ['an emergency number', { dialled: '112' }],
    ['a toll-free number', { dialled: '0800123456' }],
    ['a call of 0 ms', { dialled: '0140556000', durationMs: 0 }],
    ['a forwarded leg', { dialled: '0140556000', diversions: ['L1'] }],
    ['a call transferred by another line', { dialled: '0140556000', transferredBy: 'L2' }],
    ['a call of another month', { dialled: '0140556000' }],
  ])('%s does not count', (name, more) => {
    const start = name.endsWith('month') ? '2026-12-01T00:00:00Z' : '2026-11-03T12:00:00Z';
    const calls = [
      record('a', '2026-11-03T10:00:00Z'),
      record('b', '2026-11-03T11:00:00Z', { dialled: '3949' }),
      record('third', start, more),
    ];
    const result = judge(calls, { offers: [small], lines: [line('L1'), line('L2')] });
    expect(result.calls.size).toBe(3);
    expect(verdictOf(result, 'distinct-numbers', 202611)).toBeNull();
  });

  test.each([
    ['a number that is not included', { dialled: '+12464211234' }],
    ['a short code', { dialled: '118218' }],
    ['a call of 1 ms', { dialled: '0140556000', durationMs: 1 }],
  ])('%s counts', (_, more) => {
    const calls = [
      record('a', '2026-11-03T10:00:00Z'),
      record('b', '2026-11-03T11:00:00Z', { dialled: '3949' }),
      record('c', '2026-11-03T12:00:00Z', more),
    ];
    expect(verdictOf(judge(calls, { offers: [small] }), 'distinct-numbers', 202611)?.stands).toBe(true);
  });

  test('from-breach re-rates from the crossing call on, and only the classes that the offer says', () => {
    const offer = offerWith({
      id: 'distinct-numbers',
      settings: { maxNumbers: 2 },
      effect: effect({ scope: 'from-breach', classes: ['national-fixed'] }),
    });
    const calls = [
      record('a', '2026-11-03T10:00:00Z', { dialled: '0140000001' }),
      record('b', '2026-11-03T11:00:00Z', { dialled: '0140000002' }),
      record('c', '2026-11-03T12:00:00Z', { dialled: '0140000003' }),
      record('d', '2026-11-03T12:00:00.001Z', { dialled: '0612345678' }),
      record('e', '2026-11-30T22:59:59.999Z', { dialled: '0140000001' }),
      record('f', '2026-11-30T23:00:00Z', { dialled: '0140000001' }),
    ];
    expect(coverageLines(judge(calls, { offers: [offer] })).map((text) => text.split(' ')[1])).toEqual([
      'included',
      'included',
      'metered',
      'included',
      'metered',
      'included',
    ]);
  });

  test('only calls under an offer with the condition count, by the terms of the first such offer of the month', () => {
    const bare = { ...FULL_ILLIMITE, id: 'bare', conditions: [] };
    const [change, second] = [at('2026-11-10T00:00:00Z'), at('2026-11-20T00:00:00Z')];
    const strict = {
      ...offerWith({ id: 'distinct-numbers', settings: { maxNumbers: 1 }, effect: effect() }),
      id: 'strict',
    };
    const spans = [
      span({ to: change, offer: 'bare' }),
      span({ from: change, to: second, offer: 'full-illimite' }),
      span({ from: second, offer: 'strict' }),
    ];
    const calls = [
      record('a', '2026-11-03T10:00:00Z', { dialled: '0140000001' }),
      record('b', '2026-11-11T10:00:00Z', { dialled: '0140000002' }),
      record('c', '2026-11-21T10:00:00Z', { dialled: '0140000003' }),
      record('d', '2026-11-22T10:00:00Z', { dialled: '0140000004' }),
    ];
    const world = { offers: [small, bare, strict], lines: [line('L1', { spans })] };
    expect(verdictOf(judge(calls.slice(0, 3), world), 'distinct-numbers', 202611)).toBeNull();
    expect(verdictOf(judge(calls, world), 'distinct-numbers', 202611)?.evidence).toMatchObject({
      max: 2,
      crossing: { identity: identityOf('d') },
    });
  });
});

describe('forwarding and whose a call is', () => {
  const lines = [
    line('L1', { spans: [span({ number: 33_140_000_001 })] }),
    line('L2', { account: 'A2', spans: [span({ number: 33_140_000_002 })] }),
  ];
  const start = '2026-11-03T10:00:00Z';

  test.each<[string, Partial<Parameters<typeof record>[2]>, string, string]>([
    ['nobody diverted', {}, 'L1', 'included'],
    ['diverted by the line itself, by id', { diversions: ['L1'] }, 'L1', 'forwarding'],
    ['diverted by another of our lines, by number', { diversions: ['0140000002'] }, 'L2', 'forwarding'],
    [
      'the last of ours diverts, in another notation',
      { diversions: ['L1', 'sip:+33140000002@pbx'] },
      'L2',
      'forwarding',
    ],
    ['then one from outside', { diversions: ['L2', '+33177000001'] }, 'L2', 'forwarding'],
    ['only from outside', { diversions: ['+33177000001', 'X9', 'anonymous'] }, 'L1', 'included'],
    ['transferred by our line', { transferredBy: '+33 (0)140000002' }, 'L2', 'included'],
    ['transferred from outside', { transferredBy: '+33177000001' }, 'L1', 'included'],
    ['diverted and transferred', { diversions: ['L1'], transferredBy: 'L2' }, 'L1', 'forwarding'],
    ['named by number', { line: '00 33 1 40 00 00 02' }, 'L2', 'included'],
  ])('%s', (_, more, owner, expected) => {
    const call = callOf(judge([record('c', start, more)], { lines }), 'c');
    expect(call.line).toBe(owner);
    expect(call.account).toBe(owner === 'L1' ? 'A1' : 'A2');
    expect(call.coverage === 'included' ? call.coverage : call.reason).toBe(expected);
  });

  test('a forwarded leg is included under an offer that does not exclude it, and no verdict names forwarding', () => {
    const offer = { ...FULL_ILLIMITE, conditions: FULL_ILLIMITE.conditions.filter(({ id }) => id !== 'forwarding') };
    const calls = [record('c', start, { diversions: ['L1'] })];
    expect(coverageLines(judge(calls, { offers: [offer] }))).toEqual(['c included 0.000000 national-mobile']);
    expect(judge(calls).verdicts).toEqual([]);
  });

  test('a forwarded leg to an emergency number is free, to a metered destination metered for itself', () => {
    const calls = [
      record('a', start, { diversions: ['L1'], dialled: '112' }),
      record('b', start, { diversions: ['L1'], dialled: '3949' }),
    ];
    expect(coverageLines(judge(calls))).toEqual(['a free 0.000000 emergency', 'b metered 0.020000 not-in-offer']);
  });

  test('a number belongs to the line that has it at the start of the call', () => {
    const passes = at('2026-11-15T00:00:00Z');
    const reused = [
      line('L1', { spans: [span({ to: passes, number: 33_140_000_099 })] }),
      line('L2', { spans: [span({ from: passes, number: 33_140_000_099 })] }),
    ];
    const result = judge(
      [
        record('a', '2026-11-14T23:59:59.999Z', { line: '0140000099' }),
        record('b', '2026-11-15T00:00:00.000Z', { line: '0140000099' }),
        record('c', '2026-11-15T00:00:00.000Z', { line: 'L1' }),
      ],
      { lines: reused },
    );
    expect([callOf(result, 'a').line, callOf(result, 'b').line]).toEqual(['L1', 'L2']);
    expect(result.quarantine).toMatchObject([{ identity: identityOf('c'), reason: 'unknown-line' }]);
  });
});

describe('sip-mobility', () => {
  const managed = line('L1', {
    devices: [{ from: at('2026-01-01T00:00:00Z'), to: Infinity, userAgent: 'Yealink SIP-T46U*' }],
    networks: [{ from: at('2026-01-01T00:00:00Z'), to: at('2026-11-20T00:00:00Z'), cidr: '192.0.2.0/24' }],
  });
  const foreign = { userAgent: 'MicroSIP/3.21', sourceIp: '198.51.100.7' };

  test.each<[string, Partial<Parameters<typeof record>[2]>, string | null]>([
    ['device and network both foreign', foreign, 'foreign-device-and-network'],
    ['foreign device, own network', { ...foreign, sourceIp: '192.0.2.255' }, null],
    ['own device, foreign network', { ...foreign, userAgent: 'Yealink SIP-T46U 108.86' }, null],
    ['user agent not reported', { ...foreign, userAgent: null }, null],
    ['address not reported', { ...foreign, sourceIp: null }, null],
    ['address that is none', { ...foreign, sourceIp: 'unknown' }, null],
    ['0 ms counts here too', { ...foreign, durationMs: 0 }, 'foreign-device-and-network'],
    ['a forwarded leg does not', { ...foreign, diversions: ['L1'] }, null],
    ['the switch says so', { mobilityUsed: true }, 'switch'],
    ['the switch says no', { mobilityUsed: false }, null],
    ['the switch and the evidence', { ...foreign, mobilityUsed: true }, 'switch'],
  ])('%s', (_, more, why) => {
    const result = judge([record('c', '2026-11-03T10:00:00Z', more)], { lines: [managed] });
    const verdict = verdictOf(result, 'sip-mobility', 202611);
    const first = { identity: identityOf('c'), startedAt: at('2026-11-03T10:00:00Z') };
    expect(verdict?.evidence ?? null).toEqual(why === null ? null : { kind: 'sip-mobility', first, why });
  });

  test('no device or no network provisioned at the start is unknown, never a breach', () => {
    const late = [record('c', '2026-11-20T00:00:00Z', foreign)];
    expect(judge(late, { lines: [managed] }).verdicts).toEqual([]);
    expect(judge(late, { lines: [{ ...managed, devices: [] }] }).verdicts).toEqual([]);
  });

  test('provisioning says so, at the start of the call', () => {
    const used = at('2026-11-10T00:00:00Z');
    const lines = [line('L1', { spans: [span({ to: used }), span({ from: used, mobility: 'used' })] })];
    const result = judge([record('a', '2026-11-09T23:59:59.999Z'), record('b', '2026-11-10T00:00:00Z')], { lines });
    expect(verdictOf(result, 'sip-mobility', 202611)?.evidence).toEqual({
      kind: 'sip-mobility',
      first: { identity: identityOf('b'), startedAt: used },
      why: 'provisioning',
    });
  });

  test('the suspension runs into later months until reinstated, in terms of the start of calls', () => {
    const calls = [
      record('a', '2026-11-02T10:00:00Z'),
      record('b', '2026-11-03T10:00:00Z', { mobilityUsed: true }),
      record('c', '2026-12-05T09:59:59.999Z'),
      record('d', '2026-12-05T10:00:00Z'),
      record('e', '2026-10-31T22:59:59.999Z'),
    ];
    const held = judge(calls);
    expect(verdictOf(held, 'sip-mobility', 202611)?.hold).toEqual({ from: at('2026-10-31T23:00:00Z'), to: Infinity });
    const decisions = [
      decide('reinstate', 'sip-mobility', 202611, '2026-12-05T10:00:00Z'),
      decide('reinstate', 'sip-mobility', 202611, '2026-10-01T00:00:00Z'),
      decide('reinstate', 'sip-mobility', 202612, '2026-10-15T00:00:00Z'),
    ];
    expect(heldByMobility(held)).toEqual(['a', 'b', 'c', 'd']);
    expect(heldByMobility(judge(calls, { decisions }))).toEqual(['a', 'b', 'c']);
  });

  test('a reinstatement ends every hold that began before it, whichever month was decided on', () => {
    const calls = [
      record('o', '2026-10-20T10:00:00Z', { mobilityUsed: true }),
      record('b', '2026-11-09T10:00:00Z'),
      record('n', '2026-11-05T10:00:00Z', { mobilityUsed: true }),
      record('a', '2026-11-20T10:00:00Z'),
      record('d', '2026-12-05T10:00:00Z', { mobilityUsed: true }),
    ];
    const decisions = [decide('reinstate', 'sip-mobility', 202611, '2026-11-10T00:00:00Z')];
    const result = judge(calls, { decisions });
    expect(heldByMobility(result)).toEqual(['o', 'b', 'n', 'd']);
    expect(verdictOf(result, 'sip-mobility', 202610)?.hold?.to).toBe(at('2026-11-10T00:00:00Z'));
    // The hold of December begins with the month, so it began after.
    expect(verdictOf(result, 'sip-mobility', 202612)?.hold?.to).toBe(Infinity);
  });

  test('a reinstatement at the instant at which a hold of another month begins leaves that hold alone', () => {
    const calls = [
      record('nov', '2026-11-05T10:00:00Z', { mobilityUsed: true }),
      record('dec', '2026-12-05T10:00:00Z', { mobilityUsed: true }),
    ];
    const decisions = [decide('reinstate', 'sip-mobility', 202611, '2026-11-30T23:00:00Z')];
    const result = judge(calls, { decisions });
    expect(verdictOf(result, 'sip-mobility', 202611)?.hold?.to).toBe(at('2026-11-30T23:00:00Z'));
    expect(verdictOf(result, 'sip-mobility', 202612)?.hold?.to).toBe(Infinity);
  });
});

describe('equipment and usage-class', () => {
  const managed = { devices: [{ from: 0, to: Infinity, userAgent: 'Yealink SIP-T46U 108.86' }] };
  const start = '2026-11-03T10:00:00Z';

  test('a PBX user agent that is no managed device opens a case and changes nothing until it is confirmed', () => {
    const calls = [record('c', start, { userAgent: 'Asterisk PBX 18' })];
    const lines = [line('L1', managed)];
    expect(verdictOf(judge(calls, { lines }), 'equipment', 202611)).toMatchObject({
      stands: true,
      inForce: false,
      evidence: { why: 'user-agent', first: { identity: identityOf('c') } },
      hold: null,
    });
    expect(callOf(judge(calls, { lines }), 'c').coverage).toBe('included');
    const confirmed = judge(calls, { lines, decisions: [decide('confirm', 'equipment', 202611)] });
    expect(callOf(confirmed, 'c')).toMatchObject({ coverage: 'metered', reason: 'equipment', charge: '0.020000' });
  });

  test('a PBX user agent shows nothing where no device is provisioned, or where it is the managed one', () => {
    const calls = [record('c', start, { userAgent: 'Asterisk PBX 18' })];
    expect(judge(calls).verdicts).toEqual([]);
    const own = { devices: [{ from: 0, to: Infinity, userAgent: 'Asterisk*' }] };
    expect(judge(calls, { lines: [line('L1', own)] }).verdicts).toEqual([]);
  });

  test('the provisioning names a gateway of the customer', () => {
    const lines = [line('L1', { spans: [span({ equipment: 'customer-gateway' })] })];
    const evidence = verdictOf(judge([record('c', start)], { lines }), 'equipment', 202611)?.evidence;
    expect(evidence).toMatchObject({ why: 'provisioning' });
  });

  test('usage-class meters exactly the calls made while the class is excluded', () => {
    const change = at('2026-11-10T00:00:00Z');
    const spans = [span({ to: change, usageClass: 'call-centre' }), span({ from: change })];
    const calls = [
      record('a', '2026-11-09T23:59:59.999Z'),
      record('b', '2026-11-10T00:00:00Z'),
      record('c', '2026-11-03T00:00:00Z', { diversions: ['L1'] }),
    ];
    const result = judge(calls, { lines: [line('L1', { spans })] });
    expect(coverageLines(result)).toEqual([
      'a metered 0.020000 usage-class',
      'b included 0.000000 national-mobile',
      'c metered 0.020000 forwarding',
    ]);
    expect(verdictOf(result, 'usage-class', 202611)).toMatchObject({
      evidence: { usageClass: 'call-centre', first: { identity: identityOf('a') } },
      hold: null,
    });
  });
});

test('an effect on single calls is of their own month: what one month holds, a dismissal in another does not undo', () => {
  const lines = [line('L1', { spans: [span({ usageClass: 'carrier' })] })];
  const months = [record('a', '2026-11-03T10:00:00Z'), record('b', '2026-12-03T10:00:00Z')];
  const decisions = [decide('dismiss', 'usage-class', 202612)];
  expect(coverages(judge(months, { lines, decisions }))).toEqual(['metered', 'included']);
});

describe('conversational-use', () => {
  test('short calls: half is allowed, more is not; 6 s is short, 6.001 s is not', () => {
    const half = ['10:00 6 0140001000', '10:10 6 0240002000', '10:20 6.001 0240004000', '10:30 9 0240006000'];
    expect(measures(written(...half))).toEqual({});
    expect(measures(written(...half, '10:40 1 0240008000'))).toMatchObject({
      'short-calls': '600/500 broke',
      'concurrent-calls': '1/2',
      'sequential-numbers': '1/3',
      'all-hours': '1/3',
      'number-range': '1/3',
    });
  });

  test('nothing is judged below the least number of counted calls', () => {
    expect(measures(written('10:00 1 0140001000', '10:10 1 0140002000', '10:20 1 0140004000'))).toEqual({});
    const free = written('10:00 1 0140001000', '10:10 1 0140002000', '10:20 1 0140004000', '10:30 1 112');
    expect(measures(free)).toEqual({});
  });

  test('concurrent calls: a call that ends as another starts is not in progress with it', () => {
    const two = ['10:00 120 0140001000', '10:01 60 0240002000', '10:02 60 0240004000', '10:02 61 0240006000'];
    expect(measures(written(...two))).toEqual({});
    expect(measures(written(...two, '10:01 61 0240006000'))).toMatchObject({ 'concurrent-calls': '3/2 broke' });
  });

  test('sequential numbers and one range: distinct called numbers, short codes apart', () => {
    const run = ['10:00 60 0140001000', '10:10 60 0140001002', '10:20 60 0140001001', '10:30 60 0140001001'];
    expect(measures(written(...run, '10:40 60 3949'))).toEqual({});
    const shortRun = ['10:00 60 3910', '10:10 60 3911', '10:20 60 3912', '10:30 60 3913'];
    expect(measures(written(...shortRun))).toEqual({});
    expect(measures(written(...run, '10:40 60 0140001999'))).toMatchObject({
      'sequential-numbers': '3/3',
      'number-range': '4/3 broke',
    });
    expect(measures(written(...run, '10:40 60 0140001003'))).toMatchObject({
      'sequential-numbers': '4/3 broke',
      'number-range': '4/3 broke',
    });
    expect(measures(written(...run, '10:40 60 0140000999'))).toMatchObject({
      'sequential-numbers': '4/3 broke',
      'number-range': '3/3',
    });
  });

  test('all hours: hours of the day in which a call started, in civil time', () => {
    const three = ['10:00 60 0140001000', '11:00 60 0140003000', '11:59 60 0140005000', '12:00 60 0140007000'];
    expect(measures(written(...three))).toEqual({});
    expect(measures(written(...three, '13:00 60 0140001000'))).toMatchObject({ 'all-hours': '4/3 broke' });
  });

  test('a confirmed breach stays when the measure falls, an undecided one is withdrawn', () => {
    const broke = written('10:00 1 0140001000', '10:10 1 0140003000', '10:20 1 0140005000', '10:30 60 0140007000');
    const fallen = [...broke, ...callsToNumbers(4, '2026-11-05T10:00:00Z')];
    expect(verdictOf(judge(broke), 'conversational-use', 202611)).toMatchObject({ stands: true, inForce: false });
    expect(verdictOf(judge(fallen), 'conversational-use', 202611)).toBeNull();
    const decisions = [decide('confirm', 'conversational-use', 202611)];
    expect(verdictOf(judge(fallen, { decisions }), 'conversational-use', 202611)).toMatchObject({
      stands: false,
      evidence: null,
      decision: 'confirm',
      inForce: true,
      hold: { from: at('2026-10-31T23:00:00Z'), to: Infinity },
    });
    expect(callOf(judge(fallen, { decisions }), 'n1').coverage).toBe('metered');
  });
});

describe('decisions and overlapping breaches', () => {
  const usesMobility = [
    record('a', '2026-11-02T10:00:00Z'),
    record('b', '2026-11-03T10:00:00Z', { mobilityUsed: true }),
  ];
  test('a dismissed breach holds nothing; the last of confirm and dismiss binds', () => {
    const dismiss = decide('dismiss', 'sip-mobility', 202611);
    const confirm = decide('confirm', 'sip-mobility', 202611);
    expect(coverages(judge(usesMobility))).toEqual(['metered', 'metered']);
    expect(coverages(judge(usesMobility, { decisions: [dismiss] }))).toEqual(['included', 'included']);
    expect(coverages(judge(usesMobility, { decisions: [confirm, dismiss] }))).toEqual(['metered', 'metered']);
    expect(coverages(judge(usesMobility, { decisions: [decide('dismiss', 'sip-mobility', 202610)] }))).toEqual([
      'metered',
      'metered',
    ]);
  });

  test('a hold is of one line', () => {
    const calls = [...usesMobility, record('c', '2026-11-03T10:00:00Z', { line: 'L2' })];
    expect(coverages(judge(calls, { lines: [line('L1'), line('L2')] }))).toEqual(['metered', 'metered', 'included']);
  });

  test('what another breach still holds stays, under its own name', () => {
    const lines = [line('L1', { spans: [span({ usageClass: 'carrier' })] })];
    const both = judge(usesMobility, { lines });
    expect(callOf(both, 'a').reason).toBe('usage-class');
    const decisions = [decide('dismiss', 'usage-class', 202611)];
    expect(callOf(judge(usesMobility, { lines, decisions }), 'a').reason).toBe('sip-mobility');
  });

  test('a hold for the period ends at a reinstatement within it', () => {
    const offer = offerWith({ id: 'sip-mobility', settings: {}, effect: effect({ suspension: 'period' }) });
    const calls = [...usesMobility, record('c', '2026-11-10T00:00:00Z'), record('d', '2026-12-01T10:00:00Z')];
    expect(coverages(judge(calls, { offers: [offer] }))).toEqual(['metered', 'metered', 'metered', 'included']);
    const decisions = [decide('reinstate', 'sip-mobility', 202611, '2026-11-10T00:00:00Z')];
    const world = { offers: [offer], decisions };
    expect(coverages(judge(calls, world))).toEqual(['metered', 'metered', 'included', 'included']);
  });

  test('from-breach: a confirmed breach that fell holds from where it was shown to start', () => {
    const offer = offerWith({
      id: 'sip-mobility',
      settings: {},
      effect: effect({ scope: 'from-breach', suspension: 'period' }),
    });
    const calls = [record('a', '2026-11-02T10:00:00Z'), record('b', '2026-11-03T10:00:00Z')];
    const shown = decide('confirm', 'sip-mobility', 202611, undefined, '2026-11-03T10:00:00Z');
    const unseen = decide('confirm', 'sip-mobility', 202611);
    expect(coverages(judge(calls, { offers: [offer], decisions: [shown] }))).toEqual(['included', 'metered']);
    expect(coverages(judge(calls, { offers: [offer], decisions: [unseen] }))).toEqual(['metered', 'metered']);
    const standing = {
      offers: [offer],
      decisions: [decide('confirm', 'sip-mobility', 202611, undefined, '2026-11-01T10:00:00Z')],
    };
    expect(coverages(judge(usesMobility, standing))).toEqual(['included', 'metered']);
  });
});

describe('records that are not simply new calls', () => {
  const start = '2026-11-03T10:00:00Z';

  test('the same content again is a duplicate', () => {
    const result = judge([record('c', start), record('c', start), record('c', start)]);
    expect(result).toMatchObject({ duplicates: 2, quarantine: [], superseded: [] });
    expect(result.calls.size).toBe(1);
  });

  test('the highest revision counts, whatever came first and whatever it says', () => {
    const records = [
      record('c', start, { revision: 2, durationMs: 500_000, dialled: '3949' }),
      record('c', start, { revision: 1, durationMs: 1 }),
      record('c', '2026-12-03T10:00:00Z'),
    ];
    for (const order of [records, records.toReversed()]) {
      const result = judge(order);
      expect(callOf(result, 'c')).toMatchObject({ period: 202611, charge: '0.180000' });
      expect(result.quarantine).toEqual([]);
      expect(result.superseded).toHaveLength(2);
    }
  });

  test('in a conflict the least duration is billed, then the smallest hash of the content', () => {
    const records = [
      record('c', start, { durationMs: 1 }),
      record('c', '2026-12-31T23:00:00Z', { durationMs: 0, calling: '+33140000001' }),
      record('c', start, { durationMs: 0, calling: '+33140000002', line: 'L2' }),
    ];
    const [one, two] = records.slice(1).map(contentHash);
    const winner = (one ?? '') < (two ?? '') ? 'L1' : 'L2';
    for (const order of [records, records.toReversed()]) {
      const result = judge(order, { lines: [line('L1'), line('L2')] });
      expect(callOf(result, 'c')).toMatchObject({ line: winner, billedSeconds: 0 });
      expect(result.quarantine.map(({ reason }) => reason)).toEqual(['conflict', 'conflict']);
    }
  });

  test('a record that leads nowhere waits for its own reason and hinders nobody', () => {
    const result = judge([
      record('c', start),
      record('c', start, { dialled: 'anonymous', durationMs: 0 }),
      record('c', start, { line: 'X9', revision: 3 }),
      record('both', start, { line: 'X9', dialled: 'anonymous' }),
    ]);
    expect(callOf(result, 'c').coverage).toBe('included');
    expect(result.quarantine.map(({ reason }) => reason)).toEqual(['unknown-line', 'not-a-number', 'unknown-line']);
    expect(result.superseded).toEqual([]);
  });

  test('a leg, and the same id on another switch, is another call', () => {
    const calls = [record('c', start), record('c', start, { legId: 'a' }), record('c', start, { switchId: 'sbc-2' })];
    expect(judge(calls).calls.size).toBe(3);
  });
});

describe('the texts under it', () => {
  test('FNV-1a agrees with its published vectors', () => {
    expect(['', 'a', 'foobar'].map(fnv1a64)).toEqual(['cbf29ce484222325', 'af63dc4c8601ec8c', '85944171f73967e8']);
  });

  test('the canonical encoding leaves out what is absent or the default', () => {
    expect(canonicalContent(record('é', '2026-11-03T11:15:00.120+01:00', { mobilityUsed: false }))).toBe(
      '{"v":1,"switch":"sbc-1","call":"é","line":"L1","to":"+33612345678","answered":"2026-11-03T10:15:00.120Z",' +
        '"durationMs":60000,"mobility":false}',
    );
    const full = record('c', '2026-11-03T10:15:00Z', {
      legId: 'a',
      calling: '+33140000000',
      userAgent: 'UA',
      sourceIp: '192.0.2.10',
      diversions: ['L2'],
      transferredBy: 'L3',
      mobilityUsed: true,
      revision: 4,
    });
    expect(Object.keys(JSON.parse(canonicalContent(full))).join(' ')).toBe(
      'v switch call leg line to from answered durationMs ua ip diversions transferredBy mobility revision',
    );
  });

  test('calls are ordered by start, then by switch, call and leg', () => {
    const later = record('a', '2026-11-03T10:00:00.001Z');
    const calls = ['b', 'a', '\uFF41', '\u{1F600}', 'B'].map((id) => record(id, '2026-11-03T10:00:00Z'));
    const order = [later, ...calls].toSorted(compareCalls).map(({ callId }) => callId);
    expect(order).toEqual(['B', 'a', 'b', '\u{1F600}', '\uFF41', 'a']);
  });

  test.each([
    ['192.0.2.0/24', '192.0.2.255', true],
    ['192.0.2.0/24', '192.0.3.0', false],
    ['192.0.2.10/31', '192.0.2.11', true],
    ['192.0.2.10/32', '192.0.2.11', false],
    ['0.0.0.0/0', '8.8.8.8', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['192.0.2.0/24', '::ffff:192.0.2.7', true],
    ['2001:db8:1::/48', '2001:DB8:1:ffff::9', true],
    ['2001:db8:1::/48', '2001:db8:2::', false],
    ['::/0', '2001:db8::1', true],
  ])('network %s and address %s: %s', (cidr, address, expected) => {
    expect(networkContains(cidr, address)).toBe(expected);
  });

  test('what is no address is none', () => {
    expect(['192.0.2', '192.0.2.256', '1::2::3', '1:2:3', 'pbx', ''].filter(isAddress)).toEqual([]);
  });
});

describe('call-length: a call longer than N minutes is metered, it alone', () => {
  const alone = effect({ scope: 'call', suspension: 'none', opensCase: false });
  const sixty = offerWith({
    id: 'call-length',
    settings: { maxMinutes: 60, metered: 'whole-call' },
    effect: alone,
  });
  const start = '2026-11-03T10:00:00Z';

  test('60 minutes are included; a millisecond more is 61 started minutes at 0.02, 1.22', () => {
    const calls = [
      record('just', start, { durationMs: 3_600_000 }),
      record('long', '2026-11-03T12:00:00Z', { durationMs: 3_600_001 }),
      record('next', '2026-11-03T14:00:00Z'),
    ];
    const result = judge(calls, { offers: [sixty] });
    expect(coverageLines(result)).toEqual([
      'just included 0.000000 national-mobile',
      'long metered 1.220000 call-length',
      'next included 0.000000 national-mobile',
    ]);
    expect(result.verdicts).toEqual([]);
  });

  test('nothing is asked of a destination that is not included, nor of a free one', () => {
    const calls = [
      record('far', start, { durationMs: 7_200_000, dialled: '+12465550100' }),
      record('free', start, { durationMs: 7_200_000, dialled: '112' }),
    ];
    expect(coverageLines(judge(calls, { offers: [sixty] })).map((text) => text.split(' ').at(-1))).toEqual([
      'not-in-offer',
      'emergency',
    ]);
  });

  test('a long forwarded leg is metered for the condition that stands first in the offer', () => {
    const leg = record('leg', start, { durationMs: 7_200_000, line: 'X1', diversions: ['L1'] });
    expect(callOf(judge([leg], { offers: [sixty] }), 'leg').reason).toBe('forwarding');
    const reversed = { ...sixty, conditions: sixty.conditions.toReversed() };
    expect(callOf(judge([leg], { offers: [reversed] }), 'leg').reason).toBe('call-length');
    const without = { ...sixty, conditions: sixty.conditions.filter(({ id }) => id !== 'forwarding') };
    expect(callOf(judge([leg], { offers: [without] }), 'leg').reason).toBe('call-length');
  });
});

describe('monthly-minutes: included minutes beyond N a month are metered', () => {
  const tenMinutes = offerWith({
    id: 'monthly-minutes',
    settings: { maxMinutes: 10, crossingCall: 'whole-call' },
    effect: effect({ scope: 'from-breach', suspension: 'none' }),
  });

  test('10 minutes are included; the call that crosses them is metered whole, and each one after it', () => {
    const calls = [
      record('a', '2026-11-03T10:00:00Z', { durationMs: 300_000 }),
      record('b', '2026-11-04T10:00:00Z', { durationMs: 300_000 }),
      record('c', '2026-11-05T10:00:00Z', { durationMs: 61_000 }),
      record('d', '2026-11-06T10:00:00Z', { durationMs: 1_000 }),
      record('next', '2026-12-01T10:00:00Z', { durationMs: 600_000 }),
    ];
    const result = judge(calls, { offers: [tenMinutes] });
    expect(coverageLines(result)).toEqual([
      'a included 0.000000 national-mobile',
      'b included 0.000000 national-mobile',
      'c metered 0.040000 monthly-minutes',
      'd metered 0.020000 monthly-minutes',
      'next included 0.000000 national-mobile',
    ]);
    expect(verdictOf(result, 'monthly-minutes', 202_611)?.evidence).toEqual({
      kind: 'monthly-minutes',
      max: 10,
      crossing: { identity: identityOf('c'), startedAt: at('2026-11-05T10:00:00Z') },
      seconds: 661,
    });
  });

  test('an earlier call, whenever it comes, moves the crossing', () => {
    const calls = [
      record('late', '2026-11-01T10:00:00Z', { durationMs: 60_000 }),
      record('a', '2026-11-03T10:00:00Z', { durationMs: 300_000 }),
      record('b', '2026-11-04T10:00:00Z', { durationMs: 300_000 }),
    ];
    expect(metered(judge(calls.slice(1), { offers: [tenMinutes] }))).toEqual([]);
    expect(metered(judge(calls, { offers: [tenMinutes] }))).toEqual(['b metered 0.100000 monthly-minutes']);
  });

  test('what is metered for what the call itself is uses no minutes; what is held does', () => {
    const away = { userAgent: 'Linphone', mobilityUsed: true, durationMs: 600_000 };
    const calls = [
      record('leg', '2026-11-01T10:00:00Z', { line: 'X1', diversions: ['L1'], durationMs: 600_000 }),
      record('far', '2026-11-01T11:00:00Z', { dialled: '+12465550100', durationMs: 600_000 }),
      record('free', '2026-11-01T12:00:00Z', { dialled: '112', durationMs: 600_000 }),
      record('held', '2026-11-02T10:00:00Z', away),
      record('last', '2026-11-03T10:00:00Z', { durationMs: 1 }),
    ];
    const found = (ids: readonly string[]) =>
      verdictOf(
        judge(
          calls.filter(({ callId }) => ids.includes(callId)),
          { offers: [tenMinutes] },
        ),
        'monthly-minutes',
        202_611,
      )?.stands ?? false;
    expect(found(['leg', 'far', 'free', 'last'])).toBe(false);
    expect(found(['held', 'last'])).toBe(true);
  });

  test('a person may dismiss it: the minutes beyond are included then', () => {
    const calls = [record('a', '2026-11-03T10:00:00Z', { durationMs: 1_200_000 })];
    const decisions = [decide('dismiss', 'monthly-minutes', 202_611)];
    expect(coverages(judge(calls, { offers: [tenMinutes] }))).toEqual(['metered']);
    expect(coverages(judge(calls, { offers: [tenMinutes], decisions }))).toEqual(['included']);
  });
});
