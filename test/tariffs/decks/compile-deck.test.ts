import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deckOf, rateDeckOf } from './deck-for-test.ts';
import { compileDeck } from '../../../tariffs/decks/compile-deck.ts';

/** A day of 2026, from 0. */
function dayOf(day: number): number {
  return Date.parse('2026-01-01T00:00:00Z') + day * 86_400_000;
}

const NOW = Date.parse('2026-11-04T11:00:00Z');

describe('rateFor()', () => {
  const deck = rateDeckOf(
    [
      'prefix,short_code,destination,effective_from,effective_to,price_per_minute',
      '32,,BE,,,0.10',
      '324,,BE mobile,2026-01-01,2026-07-01,0.20',
      '32495,,BE mobile 495,,,0.30',
      '118,,NANP,,,0.40',
      ',118218,,,,2.00',
      ',,renseignements 118,,,1.00',
      ',,Belgique,,,0.15',
      ',,Suisse,2026-07-01,,0.25',
      ',,Suisse,2026-10-15T12:00:00Z,,0.05',
    ].join('\n'),
  );
  const key = (called: number, name = '', at = '2026-11-04T11:00:00Z'): string | null =>
    deck.rateFor(called, name, name === '' ? -1 : 7, Date.parse(at))?.key ?? null;

  it('takes the longest prefix in force, and a shorter one where the longer is not', () => {
    expect(key(32_495_123_456)).toBe('+32495');
    expect(key(32_475_123_456)).toBe('+32');
    expect(key(32_475_123_456, '', '2026-03-01T00:00:00Z')).toBe('+324');
    expect(key(32_475_123_456, '', '2025-12-31T22:59:59.999Z')).toBe('+32');
    expect(key(32_475_123_456, '', '2025-12-31T23:00:00Z')).toBe('+324');
    expect(key(32_475_123_456, '', '2026-06-30T21:59:59.999Z')).toBe('+324');
    expect(key(32_475_123_456, '', '2026-06-30T22:00:00Z')).toBe('+32');
  });

  it("takes the destination's row where no prefix has one, and null where nothing is", () => {
    expect(key(41_441_234_567, 'Suisse')).toBe('Suisse');
    expect(key(41_441_234_567, 'Suisse', '2026-06-01T00:00:00Z')).toBeNull();
    expect(key(32_475_123_456, 'Belgique')).toBe('+32');
    expect(key(49_301_234_567, 'Allemagne')).toBeNull();
    expect(key(49_301_234_567)).toBeNull();
  });

  it('keeps short codes and international numbers apart', () => {
    expect(key(118_218, 'renseignements 118')).toBe('118218');
    expect(key(118_712, 'renseignements 118')).toBe('renseignements 118');
    expect(key(118_712)).toBeNull();
    expect(key(11_821_812_345)).toBe('+118');
  });

  it('follows the dates of a destination row', () => {
    const change = Date.parse('2026-10-15T12:00:00Z');
    expect(deck.rateFor(41_441_234_567, 'Suisse', 3, change - 1)?.price.pricePerMinute).toBe(250_000_000);
    expect(deck.rateFor(41_441_234_567, 'Suisse', 3, change)?.price.pricePerMinute).toBe(50_000_000);
  });

  it('is not confused by one id used for two names', () => {
    expect(deck.rateFor(41_441_234_567, 'Suisse', 3, NOW)?.key).toBe('Suisse');
    expect(deck.rateFor(33_140_000_000, 'Belgique', 3, NOW)?.key).toBe('Belgique');
  });

  it('equals a search of all rows, on random prefixes and dates', () => {
    const row = fc.record({
      prefix: fc.stringMatching(/^[1-3][1-3]{0,3}$/),
      from: fc.integer({ min: 1, max: 20 }),
      length: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(row, { selector: ({ prefix }) => prefix, minLength: 1, maxLength: 30 }),
        fc.stringMatching(/^[1-3]{7,15}$/),
        fc.integer({ min: 0, max: 30 }),
        (rows, called, day) => {
          const lines = rows.map(
            ({ prefix, from, length }) =>
              `${prefix},${new Date(dayOf(from)).toISOString()},${new Date(dayOf(from + length)).toISOString()},0.1`,
          );
          const compiled = compileDeck(
            deckOf(['prefix,effective_from,effective_to,price_per_minute', ...lines].join('\n')),
          );
          const expected = rows
            .filter(({ prefix, from, length }) => called.startsWith(prefix) && from <= day && day < from + length)
            .toSorted((left, right) => right.prefix.length - left.prefix.length)[0]?.prefix;
          expect(compiled.rateFor(Number(called), '', -1, dayOf(day))?.prefix).toBe(expected);
        },
      ),
    );
  });
});

describe('candidatesFor()', () => {
  it('tells the winner and why each other lost', () => {
    const deck = rateDeckOf(
      'prefix,destination,effective_to,price_per_minute\n32,,,0.1\n324,,,0.2\n3249,,2026-07-01,0.3\n,Belgique,,0.15\n',
    );
    const told = deck
      .candidatesFor(32_495_123_456, 'Belgique', NOW)
      .map(({ rate, verdict }) => `${rate.key} ${verdict}`);
    expect(told).toEqual(['+324 wins', '+3249 not-in-force', '+32 shorter-prefix', 'Belgique number-goes-first']);
    expect(deck.candidatesFor(41_441_234_567, 'Suisse', NOW)).toEqual([]);
  });
});

describe('compileDeck()', () => {
  it('names the deck by its name and content, and lists the destinations it prices by name', () => {
    const deck = rateDeckOf(
      '#name,retail\nprefix,destination,price_per_minute\n32,BE,0.1\n,Suisse,0.2\n,Andorre,0.2\n',
    );
    expect(deck.id).toBe(`retail@${deck.version}`);
    expect(deck.destinationNames).toEqual(['Andorre', 'Suisse']);
    expect(deck.rates).toHaveLength(3);
  });
});
