import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileDeck } from '../../../tariffs/decks/compile-deck.ts';
import {
  type Rate,
  billedSeconds,
  explainPrice,
  MAX_DURATION_MS,
  priceCall,
} from '../../../tariffs/decks/price-call.ts';
import { formatMicros } from '../../../tariffs/money.ts';
import { deckOf, rateDeckOf } from './deck-for-test.ts';
import { oraclePrice } from './price-oracle.ts';

const NOON = Date.parse('2026-11-04T11:00:00Z');

/** The rate of prefix 32 in a deck of these columns and cells. */
function rateOf(columns: string, cells: string, settings = ''): Rate {
  const rate = rateDeckOf(
    `${settings}prefix,${columns}\n${cells
      .split('\n')
      .map((line) => `32,${line}`)
      .join('\n')}\n`,
  ).rateFor(3_212_345_678, '', -1, NOON);
  if (rate === null) throw new Error('no rate');
  return rate;
}

function charge(rate: Rate, durationMs: number, startedAt = NOON): string {
  return formatMicros(priceCall(rate, startedAt, durationMs));
}

function billedBy(scheme: string, durationMs: number): number {
  return billedSeconds(
    rateOf('initial_increment_s,next_increment_s,minimum_s,price_per_minute', `${scheme},0.1`),
    durationMs,
  );
}

describe('billedSeconds()', () => {
  it('rounds ms up to seconds once, then bills the initial increment and whole next ones', () => {
    const table: [scheme: string, ms: number, billed: number][] = [
      ['60,60,0', 0, 0],
      ['60,60,0', 1, 60],
      ['60,60,0', 59_000, 60],
      ['60,60,0', 60_000, 60],
      ['60,60,0', 60_001, 120],
      ['60,60,0', 61_000, 120],
      ['1,1,0', 1, 1],
      ['1,1,0', 1000, 1],
      ['1,1,0', 1001, 2],
      ['30,6,0', 30_000, 30],
      ['30,6,0', 30_001, 36],
      ['30,6,0', 36_000, 36],
      ['30,6,0', 37_000, 42],
      ['1,1,10', 1, 10],
      ['1,1,10', 11_000, 11],
      ['6,6,10', 1, 12],
      ['60,1,0', 10_800_000, 10_800],
    ];
    expect(table.map(([scheme, ms]) => [scheme, ms, billedBy(scheme, ms)])).toEqual(table);
  });

  it('refuses durations that no call has', () => {
    const rate = rateOf('price_per_minute', '0.1');
    for (const ms of [-1, MAX_DURATION_MS + 1, Number.NaN, Infinity])
      expect(() => billedSeconds(rate, ms)).toThrow(RangeError);
    expect(billedSeconds(rate, MAX_DURATION_MS)).toBe(4_000_020);
  });
});

describe('priceCall()', () => {
  it('adds connection charge, per-call price and minutes, keeps the minimum charge, rounds the total once', () => {
    const columns =
      'price_per_minute,connection_charge,price_per_call,minimum_charge,initial_increment_s,rounding,rounding_decimals';
    const table: [cells: string, ms: number, charge: string][] = [
      ['0.12,,,,60,,', 60_000, '0.120000'],
      ['0.12,,,,60,,', 60_001, '0.240000'],
      ['0.12,0.05,,,1,,', 1000, '0.052000'],
      ['0.12,,1.5,,1,,', 30_000, '1.560000'],
      [',,1.5,,1,,', 3_600_000, '1.500000'],
      ['0.12,0.01,,0.05,1,,', 1000, '0.050000'],
      ['0.12,0.01,,0.05,1,,', 60_000, '0.130000'],
      ['0.10,,,,1,half-up,6', 1000, '0.001667'],
      ['0.10,,,,1,up,6', 1000, '0.001667'],
      ['0.10,,,,1,down,6', 1000, '0.001666'],
      ['0.10,,,,1,half-up,2', 3000, '0.010000'],
      ['0.10,,,,1,half-up,2', 2999, '0.010000'],
      ['0.10,,,,1,half-up,2', 2000, '0.000000'],
      ['0.10,,,,1,up,0', 1000, '1.000000'],
      ['0.12,0.05,,1,1,up,2', 0, '0.000000'],
    ];
    expect(table.map(([cells, ms]) => [cells, ms, charge(rateOf(columns, cells), ms)])).toEqual(table);
  });

  it('stays exact at the highest price and the longest call, beyond 2^53 of its unit', () => {
    const columns = 'price_per_minute,connection_charge,price_per_call,initial_increment_s,rounding';
    const rate = rateOf(columns, '50000,50000,50000,1,half-up');
    expect(charge(rate, MAX_DURATION_MS)).toBe('3333433333.333333');
    expect(charge(rateOf(columns, '49999.999999999,49999.999999999,0,1,up'), MAX_DURATION_MS)).toBe(
      '3333383333.333267',
    );
  });

  it('prices an increment in the band in which it starts', () => {
    const settings = '#band,peak,Mon-Fri,08:00-20:00\n';
    const rate = rateOf(
      'band,price_per_minute,initial_increment_s,next_increment_s',
      'peak,0.60,60,60\n,0.06,60,60',
      settings,
    );
    const table: [at: string, ms: number, charge: string][] = [
      ['2026-11-04T07:58:59+01:00', 61_000, '0.120000'],
      ['2026-11-04T07:59:00+01:00', 61_000, '0.660000'],
      ['2026-11-04T07:59:01+01:00', 61_000, '0.660000'],
      ['2026-11-04T19:59:59+01:00', 61_000, '0.660000'],
      ['2026-11-04T20:00:00+01:00', 61_000, '0.120000'],
      // Friday evening to Monday morning: 60 hours off peak, then 1 minute of peak.
      ['2026-11-06T20:00:00+01:00', 60 * 3_600_000 + 1, '216.600000'],
    ];
    expect(table.map(([at, ms]) => [at, ms, charge(rate, ms, Date.parse(at))])).toEqual(table);
  });

  it('takes connection charge and minimum of the band in which the call starts', () => {
    const settings = '#band,peak,Mon-Fri,08:00-20:00\n';
    const rate = rateOf(
      'band,price_per_minute,connection_charge,minimum_charge',
      'peak,0.60,0.10,5\n,0.06,0.01,0',
      settings,
    );
    expect(charge(rate, 120_000, Date.parse('2026-11-04T19:59:00+01:00'))).toBe('5.000000');
    expect(charge(rate, 120_000, Date.parse('2026-11-04T07:59:00+01:00'))).toBe('0.670000');
  });

  it('follows the clock over both changes of summer time and over holidays', () => {
    const settings = '#band,night,daily,02:00-03:00\n#holiday,2026-11-05\n';
    const rate = rateOf('band,price_per_minute', 'night,1\n,0', settings);
    expect(charge(rate, 6 * 3_600_000, Date.parse('2026-10-25T00:00:00+02:00'))).toBe('120.000000');
    expect(charge(rate, 6 * 3_600_000, Date.parse('2026-03-29T00:00:00+01:00'))).toBe('0.000000');
    expect(charge(rate, 6 * 3_600_000, Date.parse('2026-11-05T00:00:00+01:00'))).toBe('60.000000');
    const weekdays = rateOf(
      'band,price_per_minute',
      'work,1\n,0',
      '#band,work,Mon-Fri,00:00-24:00\n#holiday,2026-11-05\n',
    );
    expect(charge(weekdays, 26 * 3_600_000, Date.parse('2026-11-04T23:00:00+01:00'))).toBe('120.000000');
  });

  it('equals decimal.js increment by increment, without bands and with them, and explainPrice() agrees', () => {
    fc.assert(
      fc.property(deckAndCall, ({ text, startedAt, durationMs }) => {
        const deck = deckOf(text);
        const [rate] = compileDeck(deck).rates;
        if (rate === undefined) throw new Error('no rate');
        const actual = priceCall(rate, startedAt, durationMs);
        expect(formatMicros(actual)).toBe(oraclePrice(deck, deck.rows, startedAt, durationMs));
        const explained = explainPrice(rate, startedAt, durationMs);
        expect(explained.charge).toBe(actual);
        expect(explained.stretches.reduce((sum, stretch) => sum + stretch.billedSeconds, 0)).toBe(
          explained.billedSeconds,
        );
        expect(explained.billedSeconds).toBe(billedSeconds(rate, durationMs));
      }),
      { numRuns: 300 },
    );
  });
});

const price = fc.oneof(
  fc.constantFrom('0', '0.1', '0.000000001', '50000', '49999.999999999'),
  fc.integer({ min: 0, max: 2_000_000_000 }).map((nanos) => (nanos / 1e9).toFixed(9)),
);
const increment = fc.constantFrom(1, 6, 10, 30, 60, 3600);
const bands = fc.constantFrom(
  { settings: '', names: [''] },
  { settings: '#band,peak,Mon-Fri,08:00-20:00\n', names: ['peak', ''] },
  {
    settings:
      '#band,peak,Mon-Fri,07:30-12:00\n#band,peak,Mon-Fri,13:15-20:00\n#band,weekend,Sat Sun holiday,00:00-24:00\n#holiday,2026-10-26\n',
    names: ['peak', 'weekend', ''],
  },
  {
    settings: '#band,night,daily,00:00-02:30\n#band,day,daily,02:30-24:00\n#time_zone,America/New_York\n',
    names: ['night', 'day'],
  },
);
// Around a change of the clock, a holiday and a week's end; and anywhere in the covered years but their last weeks.
const start = fc.oneof(
  fc.integer({ min: Date.parse('2026-10-23T00:00:00Z'), max: Date.parse('2026-11-03T00:00:00Z') }),
  fc.integer({ min: Date.parse('2000-01-02T00:00:00Z'), max: Date.parse('2060-10-01T00:00:00Z') }),
);
const duration = fc.oneof(
  fc.constantFrom(0, 1, 999, 1000, 1001, 59_000, 59_001, 60_000, 60_001, 61_000),
  fc.integer({ min: 0, max: 7_200_000 }),
);
const deckAndCall = fc
  .record({
    bands,
    start,
    duration,
    initial: increment,
    next: increment,
    minimum: fc.constantFrom(0, 1, 45, 90),
    rounding: fc.constantFrom('half-up', 'up', 'down'),
    decimals: fc.integer({ min: 0, max: 6 }),
    prices: fc.array(fc.tuple(price, price, price, price), { minLength: 3, maxLength: 3 }),
  })
  .map((draw) => {
    const rows = draw.bands.names.map(
      (band, index) =>
        `32,${band},${(draw.prices[index] ?? []).join(',')},${draw.initial},${draw.next},${draw.minimum},${draw.rounding},${draw.decimals}`,
    );
    const head =
      'prefix,band,price_per_minute,connection_charge,price_per_call,minimum_charge,initial_increment_s,next_increment_s,minimum_s,rounding,rounding_decimals';
    return {
      text: `${draw.bands.settings}${head}\n${rows.join('\n')}\n`,
      startedAt: draw.start,
      durationMs: draw.duration,
    };
  });
