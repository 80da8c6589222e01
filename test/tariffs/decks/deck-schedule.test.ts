import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileCivilTime } from '../../../tariffs/civil-time.ts';
import {
  DECK_BASES,
  compileDeckSchedule,
  deckChangedFrom,
  deckOfBillingDay,
  type DeckScheduleEntry,
  type DeckSpan,
  deckSpans,
  entriesToSchedule,
} from '../../../tariffs/decks/deck-schedule.ts';
import { rateDeckOf } from './deck-for-test.ts';

const EVER = -Infinity;

/** By either basis, after deck 1 from ever on and these decks, in the order in which they are entered. */
function spansAfter(...froms: readonly (readonly [deckNo: number, from: number])[]) {
  const entered = froms.reduce(
    (schedule, [deckNo, from]) => [...schedule, ...entriesToSchedule(schedule, deckNo, from)],
    entriesToSchedule([], 1, EVER),
  );
  return DECK_BASES.map((basis) => deckSpans(entered, basis));
}
const PARIS = compileCivilTime('Europe/Paris');

function entry(deckNo: number, from: number, basis: DeckScheduleEntry['basis'] = 'call-start'): DeckScheduleEntry {
  return { basis, from, deckNo };
}

function shown(entries: readonly DeckScheduleEntry[]): string[] {
  return deckSpans(entries, 'call-start').map(({ from, to, deckNo }) => `${from} to ${to}: ${deckNo}`);
}

function spansOf(...entries: readonly DeckScheduleEntry[]): DeckSpan[] {
  return deckSpans(entries, 'call-start');
}

/** The schedule once a deck is scheduled. */
function scheduled(entries: readonly DeckScheduleEntry[], deckNo: number, from: number | null): string[] {
  return shown([...entries, ...entriesToSchedule(entries, deckNo, from)]);
}

describe('deckSpans()', () => {
  test('holds each deck until the next instant, whatever the order of entry', () => {
    expect(shown([entry(1, EVER), entry(3, 300), entry(2, 200)])).toEqual([
      '-Infinity to 200: 1',
      '200 to 300: 2',
      '300 to Infinity: 3',
    ]);
    expect(shown([])).toEqual([]);
    expect(shown([entry(1, 100)])).toEqual(['100 to Infinity: 1']);
  });

  test('has the last entry of an instant count, and tells a deck that goes on as one span', () => {
    expect(shown([entry(1, EVER), entry(2, 200), entry(3, 200)])).toEqual([
      '-Infinity to 200: 1',
      '200 to Infinity: 3',
    ]);
    expect(shown([entry(1, EVER), entry(2, 200), entry(1, 200)])).toEqual(['-Infinity to Infinity: 1']);
  });

  test('keeps the two bases apart', () => {
    const entries = [entry(1, EVER), entry(2, 200, 'billing-day')];
    expect(shown(entries)).toEqual(['-Infinity to Infinity: 1']);
    expect(deckSpans(entries, 'billing-day')).toEqual([{ from: 200, to: Infinity, deckNo: 2 }]);
  });
});

describe('deckOfBillingDay()', () => {
  const december = PARIS.parseInstant('2026-12-01')!;
  const entries = [entry(1, EVER, 'billing-day'), entry(2, december, 'billing-day'), entry(9, EVER)];

  test('is the deck in force at the first instant of the day, by entries of its own', () => {
    expect(deckOfBillingDay(entries, '2026-11-30', PARIS)).toBe(1);
    expect(deckOfBillingDay(entries, '2026-12-01', PARIS)).toBe(2);
    expect(deckOfBillingDay(entries, '2027-06-01', PARIS)).toBe(2);
    expect(deckOfBillingDay([entry(2, december, 'billing-day')], '2026-11-30', PARIS)).toBeNull();
    expect(deckOfBillingDay([entry(9, EVER)], '2026-12-01', PARIS)).toBeNull();
  });

  test('goes by the midnight of the calendar that it is asked in, on the days that clocks change too', () => {
    // A day begins earlier in Auckland: the deck, whose day began in Paris, is not in force yet.
    expect(deckOfBillingDay(entries, '2026-12-01', compileCivilTime('Pacific/Auckland'))).toBe(1);
    const changes = ['2026-03-29', '2026-10-25'];
    for (const [index, day] of changes.entries()) {
      const from = PARIS.parseInstant(day)!;
      const all = [entry(1, EVER, 'billing-day'), entry(2, from, 'billing-day')];
      expect([index, deckOfBillingDay(all, day, PARIS)]).toEqual([index, 2]);
    }
  });

  test.each(['2026-12', '2026-02-30', 'today', '2026-12-01T00:00:00Z', ''])('refuses %j, which is no day', (day) => {
    expect(() => deckOfBillingDay(entries, day, PARIS)).toThrow(`Cannot find the deck of billing day '${day}'`);
  });
});

describe('entriesToSchedule()', () => {
  test('puts a deck in force from an instant until the next that is scheduled', () => {
    const entries = [entry(1, EVER), entry(3, 300)];
    expect(scheduled(entries, 2, 200)).toEqual(['-Infinity to 200: 1', '200 to 300: 2', '300 to Infinity: 3']);
    expect(scheduled(entries, 2, 300)).toEqual(['-Infinity to 300: 1', '300 to Infinity: 2']);
    expect(scheduled(entries, 2, EVER)).toEqual(['-Infinity to 300: 2', '300 to Infinity: 3']);
  });

  test('puts it in the place of all of them without an instant, also of what was taken back', () => {
    expect(scheduled([entry(1, EVER), entry(3, 300)], 2, null)).toEqual(['-Infinity to Infinity: 2']);
    const takenBack = [entry(1, EVER), entry(3, 300), entry(1, 300)];
    expect(scheduled(takenBack, 2, null)).toEqual(['-Infinity to Infinity: 2']);
  });

  test('says the same by both bases, and nothing where it is so already', () => {
    expect(entriesToSchedule([], 1, null)).toEqual([entry(1, EVER), entry(1, EVER, 'billing-day')]);
    const both = [entry(1, EVER), entry(1, EVER, 'billing-day')];
    expect(entriesToSchedule(both, 1, null)).toEqual([]);
    expect(entriesToSchedule([...both, entry(1, 500), entry(1, 500, 'billing-day')], 1, 500)).toEqual([]);
    expect(entriesToSchedule([entry(1, EVER)], 1, EVER)).toEqual([entry(1, EVER, 'billing-day')]);
  });

  test('enters a deck that is in force then anyhow, so that the order in which people enter decks says nothing', () => {
    const promotion = [2, 500] as const;
    const back = [1, 600] as const;
    expect(spansAfter(back, promotion)).toEqual(spansAfter(promotion, back));
    expect(spansAfter(back, promotion)[0]).toHaveLength(3);
  });
});

describe('deckChangedFrom()', () => {
  test('is the first instant at which another deck is in force', () => {
    const before = spansOf(entry(1, EVER), entry(2, 200));
    expect(deckChangedFrom(before, before)).toBeNull();
    expect(deckChangedFrom(before, spansOf(entry(1, EVER), entry(2, 300)))).toBe(200);
    expect(deckChangedFrom(before, spansOf(entry(1, EVER), entry(2, 100)))).toBe(100);
    expect(deckChangedFrom(before, spansOf(entry(3, EVER), entry(2, 200)))).toBe(EVER);
    expect(deckChangedFrom(before, spansOf(entry(1, EVER), entry(2, 200), entry(3, 900)))).toBe(900);
    expect(deckChangedFrom([], before)).toBe(EVER);
  });
});

describe('compileDeckSchedule()', () => {
  const ROWS = 'destination,price_per_minute,effective_from\n';
  const T = Date.parse('2026-11-01T00:00:00Z');
  const decks = [
    rateDeckOf('destination,price_per_minute\nBelgique,0.1\nSuisse,0.1\n'),
    rateDeckOf(`${ROWS}Belgique,0.2,\nSuisse,0.2,2026-11-01T00:00:50Z\n`),
    rateDeckOf('destination,price_per_minute\nBelgique,0.3\n'),
  ];
  const tableOf = (entries: readonly DeckScheduleEntry[]) => {
    const spans = deckSpans(entries, 'call-start');
    return compileDeckSchedule(spans.map((span) => ({ ...span, rates: decks[span.deckNo - 1]! })));
  };
  const priceOf = (table: ReturnType<typeof tableOf>, name: string, instant: number) =>
    table.rateFor(33_140_000_000, name, -1, instant)?.price.pricePerMinute ?? null;

  test('asks the one deck from ever on itself', () => {
    const table = tableOf([entry(1, EVER)]);
    expect(table.rateFor).toBe(decks[0]!.rateFor);
    expect(table.deckNoAt(0)).toBe(1);
  });

  test('picks the deck by the start to the millisecond, then its row by the dates of the deck', () => {
    const table = tableOf([entry(1, EVER), entry(2, T), entry(3, T + 100_000)]);
    expect(
      [T - 1, T, T + 99_999, T + 100_000].map((at) => [priceOf(table, 'Belgique', at), table.deckNoAt(at)]),
    ).toEqual([
      [100_000_000, 1],
      [200_000_000, 2],
      [200_000_000, 2],
      [300_000_000, 3],
    ]);
    // A row that is not in force yet does not hand over to the deck before, nor one that a deck lacks.
    expect([T - 1, T + 49_999, T + 50_000, T + 100_000].map((at) => priceOf(table, 'Suisse', at))).toEqual([
      100_000_000,
      null,
      200_000_000,
      null,
    ]);
  });

  test('has no price before the first deck, whose name calls bear that need none', () => {
    const table = tableOf([entry(2, T), entry(3, T + 100_000)]);
    expect([T - 1, T].map((at) => [priceOf(table, 'Belgique', at), table.deckNoAt(at)])).toEqual([
      [null, 2],
      [200_000_000, 2],
    ]);
  });

  test('answers the same in whatever order it is asked', () => {
    const instants = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 40 });
    const entries = fc.array(
      fc.record({ deckNo: fc.integer({ min: 1, max: 3 }), from: fc.constantFrom(EVER, 100, 200, 201, 300) }),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(instants, entries, (asked, drawn) => {
        const all = drawn.map(({ deckNo, from }) => entry(deckNo, from));
        const table = tableOf(all);
        for (const at of asked) {
          // Plainly: of what has begun, that which begins last; of equals, the last.
          const begun = all.filter(({ from }) => from <= at);
          const from = Math.max(...begun.map((one) => one.from));
          const last = begun.findLast((one) => one.from === from);
          const expected = last === undefined ? null : last.deckNo * 100_000_000;
          expect(priceOf(table, 'Belgique', at)).toBe(expected);
          // Before the first: that of the first.
          const first = Math.min(...all.map((one) => one.from));
          expect(table.deckNoAt(at)).toBe((last ?? all.findLast((one) => one.from === first))?.deckNo);
        }
      }),
      { seed: 20_261_129, numRuns: 300 },
    );
  });
});
