import { describe, expect, it } from 'vitest';
import { formatDeckFault } from '../../../tariffs/decks/deck.ts';
import { parseDeck } from '../../../tariffs/decks/parse-deck.ts';
import { deckOf, faultsOf, rateDeckOf } from './deck-for-test.ts';

const DEFAULTS = { name: 'test', currency: 'EUR', timeZone: 'Europe/Paris' };

describe('parseDeck() reads', () => {
  it('a destination and a price as a whole deck, 60/60 and half up to 6 decimals', () => {
    expect(deckOf('destination,price_per_minute\nBelgique,0.12\n')).toEqual({
      ...DEFAULTS,
      bands: [],
      holidays: [],
      rows: [
        {
          line: 2,
          key: { kind: 'destination', destination: 'Belgique' },
          destination: 'Belgique',
          band: null,
          from: -Infinity,
          to: Infinity,
          pricePerMinute: 120_000_000,
          connectionCharge: 0,
          pricePerCall: 0,
          minimumCharge: 0,
          initialIncrementS: 60,
          nextIncrementS: 60,
          minimumS: 0,
          rounding: 'half-up',
          decimals: 6,
        },
      ],
    });
  });

  it('every column and setting, comments, empty lines, CRLF, a byte order mark, quotes and stray columns of spreadsheets', () => {
    const text = [
      '\uFEFF#name,Retail 2026,,',
      '# a comment, with a comma',
      '#currency,CHF',
      '#time_zone,Europe/Zurich',
      '#band,peak,Mon-Fri,08:00-12:00',
      '#band,peak,Mon-Fri,13:00-20:00',
      '#band,weekend,Sat Sun holiday,00:00-24:00',
      '#holiday,2026-08-01,Nationalfeiertag',
      '',
      'Destination,Prefix,short_code,band,effective_from,effective_to,price_per_minute,connection_charge,price_per_call,minimum_charge,initial_increment_s,next_increment_s,minimum_s,rounding,rounding_decimals,',
      '"Hongrie services (38,40)",+3638,,,2026-01-01,2026-07-01T00:00:00Z,0.5,0.1,0.2,0.4,30,6,10,UP,4,',
      'Renseignements,,118218,,,,,,1.50,,,,,,,',
      ',,,,,,,,,,,,,,,',
      'Belgique,,,,,,0.1,,,,1,,,,,',
    ].join('\r\n');
    const deck = deckOf(text);
    expect(deck).toMatchObject({
      name: 'Retail 2026',
      currency: 'CHF',
      timeZone: 'Europe/Zurich',
      holidays: ['2026-08-01'],
    });
    expect(deck.bands).toEqual([
      {
        name: 'peak',
        windows: [
          { days: [0, 1, 2, 3, 4], fromMinute: 480, toMinute: 720 },
          { days: [0, 1, 2, 3, 4], fromMinute: 780, toMinute: 1200 },
        ],
      },
      { name: 'weekend', windows: [{ days: [5, 6, 7], fromMinute: 0, toMinute: 1440 }] },
    ]);
    expect(deck.rows.map(({ line }) => line)).toEqual([11, 12, 14]);
    expect(deck.rows[0]).toMatchObject({
      key: { kind: 'prefix', prefix: '3638' },
      destination: 'Hongrie services (38,40)',
      from: Date.parse('2026-01-01T00:00:00+01:00'),
      to: Date.parse('2026-07-01T00:00:00Z'),
      minimumCharge: 400_000_000,
      minimumS: 10,
      rounding: 'up',
      decimals: 4,
    });
    expect(deck.rows[1]).toMatchObject({
      key: { kind: 'short-code', shortCode: 118_218 },
      pricePerCall: 1_500_000_000,
    });
    expect(deck.rows[2]).toMatchObject({ initialIncrementS: 1, nextIncrementS: 1 });
  });

  it('the headers of other systems as they are', () => {
    expect(
      deckOf(
        'destination,prefix,rate_per_min,connect_fee,initial_increment_s,next_increment_s,rounding,rounding_decimals\nBE,32,0.1,0.05,30,6,middle,3',
      ).rows[0],
    ).toMatchObject({
      pricePerMinute: 100_000_000,
      connectionCharge: 50_000_000,
      initialIncrementS: 30,
      nextIncrementS: 6,
      rounding: 'half-up',
      decimals: 3,
    });
    expect(
      deckOf('prefix,rate_per_min,connect_fee,increment_s,min_duration_s\n1,0.028,0.0,6,12').rows[0],
    ).toMatchObject({
      initialIncrementS: 6,
      nextIncrementS: 6,
      minimumS: 12,
    });
  });

  it('100,000 rows', () => {
    const rows = Array.from({ length: 100_000 }, (_, index) => `${100_000 + index},0.01`);
    expect(deckOf(['prefix,price_per_minute', ...rows].join('\n')).rows).toHaveLength(100_000);
  });
});

describe('parseDeck() reports', () => {
  it('every fault of every row at once, by line and column, and takes nothing', () => {
    const text = [
      'destination,prefix,short_code,price_per_minute,connect_fee,initial_increment_s,rounding,rounding_decimals,effective_from,effective_to',
      'A,032,,"0,12",,60,,,,',
      'B,33a,,0.1234567891,-1,0,nearest,7,2026-02-30,',
      'C,34,3949,1e3,60000,86401,,2.5,,',
      ',,,0.1,,,,,,',
      'D,35,,,,,,,,',
      'E,36,,0.1',
      'F,37,,0.1,,,,,2026-07-01,2026-07-01',
      'G,,1,0.1,,x,,,,',
    ].join('\n');
    expect(faultsOf(text)).toEqual([
      "2 prefix bad-prefix '032'",
      "2 price_per_minute bad-number '0,12'",
      "3 initial_increment_s number-out-of-range '0'",
      "3 effective_from bad-instant '2026-02-30'",
      "3 prefix bad-prefix '33a'",
      "3 price_per_minute bad-number '0.1234567891'",
      "3 connect_fee bad-number '-1'",
      "3 rounding bad-rounding 'nearest'",
      "3 rounding_decimals number-out-of-range '7'",
      "4 initial_increment_s number-out-of-range '86401'",
      "4 short_code bad-short-code '3949'",
      "4 price_per_minute bad-number '1e3'",
      "4 connect_fee number-out-of-range '60000'",
      "4 rounding_decimals bad-number '2.5'",
      "5 prefix missing-value ''",
      "6 price_per_minute missing-value ''",
      "7 - wrong-cell-count '4'",
      "8 effective_to no-time-in-force '2026-07-01'",
      "9 initial_increment_s bad-number 'x'",
      "9 short_code bad-short-code '1'",
    ]);
  });

  it('messages that name what, where and the value', () => {
    const parsed = parseDeck('destination,price_per_minute\nBelgique,"0,12"\n', DEFAULTS);
    expect(parsed.kind === 'faults' ? parsed.faults.map(formatDeckFault) : []).toEqual([
      "line 2, price_per_minute: Cannot read price '0,12': not a number as 0.0125 of at most 9 decimals, and the decimal sign is a point",
    ]);
  });

  it('files that are empty, not of commas, or broken', () => {
    expect(faultsOf('')).toEqual(["1 - empty-file ''"]);
    expect(faultsOf('\uFEFF\n\n')).toEqual(["1 - empty-file ''"]);
    expect(faultsOf('destination,price_per_minute\n')).toEqual(["1 - empty-file ''"]);
    expect(faultsOf('destination;price_per_minute\nBelgique;0.1\n')).toEqual([
      "1 - wrong-delimiter 'destination;price_per_minute'",
    ]);
    expect(faultsOf('destination,price_per_minute\n"Bel"gique,0.1\n')).toEqual(["2 - malformed-csv ''"]);
    expect(faultsOf('destination,price_per_minute\n"Belgique,0.1\n')[0]).toContain('malformed-csv');
  });

  it('columns that are unknown, twice there or missing', () => {
    expect(faultsOf('destination,price,colour\nBelgique,0.1,red\n')).toEqual([
      "1 price unknown-column 'price'",
      "1 colour unknown-column 'colour'",
      "1 - missing-column ''",
      "2 - missing-value ''",
    ]);
    expect(faultsOf('prefix,increment_s,next_increment_s,rate_per_min\n32,60,60,0.1\n')).toEqual([
      "1 next_increment_s duplicate-column 'next_increment_s'",
    ]);
    expect(faultsOf('band,price_per_minute\n,0.1\n')).toContain("1 - missing-column ''");
  });

  it('settings that are unknown, twice there or wrong', () => {
    const settings = [
      '#colour,red',
      '#currency,euro',
      '#time_zone,Paris',
      '#name,a',
      '#name,b',
      '#holiday,2026-02-30',
      '#band,peak,Mon-Fry,08:00-20:00',
      '#band,peak,Mon-Fri,20:00-08:00',
      '#band,,Mon,00:00-01:00',
      '#band,peak,Mon-Fri,08:00-20:00',
      '#band,morning,Fri-Sat,06:00-09:00',
    ];
    expect(faultsOf([...settings, 'prefix,price_per_minute', '32,0.1'].join('\n'))).toEqual([
      "1 #colour unknown-setting '#colour'",
      "2 #currency bad-setting 'euro'",
      "3 #time_zone bad-setting 'Paris'",
      "5 #name duplicate-setting 'b'",
      "6 #holiday bad-setting '2026-02-30'",
      "7 #band bad-setting 'Mon-Fry'",
      "8 #band bad-setting '20:00-08:00'",
      "9 #band bad-setting ''",
      "11 #band overlapping-bands 'Fri-Sat 06:00-09:00'",
    ]);
  });

  it('rows of one key that hold at one time', () => {
    const head = 'prefix,destination,effective_from,effective_to,price_per_minute';
    expect(faultsOf([head, '32,,,,0.1', '+32,,,,0.2'].join('\n'))).toEqual(["3 effective_from duplicate-row '+32'"]);
    expect(faultsOf([head, '32,,2026-01-01,2026-03-01,0.1', '32,,2026-02-28,,0.2'].join('\n'))).toEqual([
      "3 effective_from overlapping-rows '+32'",
    ]);
    expect(
      faultsOf([head, '32,,2026-01-01,2026-03-01,0.1', '32,,2026-03-01,,0.2', '32,,2026-06-01,,0.3'].join('\n')),
    ).toEqual([]);
    expect(faultsOf([head, ',B,,,0.1', ',B,2026-01-01,,0.2', ',B,2026-01-01,,0.2'].join('\n'))).toEqual([
      "4 effective_from duplicate-row 'B'",
    ]);
    expect(faultsOf([head, '32,B,,,0.1', ',B,,,0.1', '321,B,,,0.1'].join('\n'))).toEqual([]);
  });

  it('bands that are unknown, disagree on increments or leave hours without a price', () => {
    const head = [
      '#band,peak,Mon-Fri,08:00-20:00',
      '#band,night,daily,00:00-06:00',
      'prefix,band,price_per_minute,initial_increment_s',
    ];
    expect(faultsOf([...head, '32,noon,0.1,', '32,,0.1,'].join('\n'))).toEqual(["4 band unknown-band 'noon'"]);
    expect(faultsOf([...head, '32,peak,0.1,60', '32,,0.1,1'].join('\n'))).toEqual(["5 band differing-increments ''"]);
    expect(faultsOf([...head, '32,peak,0.1,', '32,night,0.1,'].join('\n'))).toEqual([
      "4 band hours-without-price 'peak'",
    ]);
    expect(faultsOf([...head, '32,peak,0.1,', '32,,0.1,'].join('\n'))).toEqual([]);
    expect(faultsOf(['#band,all,daily,00:00-24:00', 'prefix,band,price_per_minute', '32,all,0.1'].join('\n'))).toEqual(
      [],
    );
  });
});

describe("a deck's version", () => {
  it('changes with what prices, not with the order of lines or their form', () => {
    const version = rateDeckOf('prefix,price_per_minute\n32,0.1\n33,0.2\n').version;
    expect(version).toMatch(/^[0-9a-f]{16}$/);
    expect(rateDeckOf('#name,other\nrate_per_min,prefix\n0.20,+33\n\n0.100,32\n').version).toBe(version);
    expect(rateDeckOf('prefix,price_per_minute\n32,0.1\n33,0.3\n').version).not.toBe(version);
    expect(rateDeckOf('#currency,CHF\nprefix,price_per_minute\n32,0.1\n33,0.2\n').version).not.toBe(version);
  });
});
