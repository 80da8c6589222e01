import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Finding, MonthState, emptyMonthState, offersBetween, termsOf } from '../../../rater/index.ts';
import { IS_QUIET, monthRecords } from '../../../rater/month/month-records.ts';
import { fullIllimite } from '../../rules/full-illimite-for-test.ts';
import { at, civilTime, line, lineState, offersOf, span } from '../rating-for-test.ts';

const START = at('2026-11-01');
const MID = at('2026-11-15');
const END = at('2026-12-01');

const first = { ...fullIllimite(), id: 'first', conditions: [] };
const second = { ...fullIllimite(), id: 'second' };
const known = offersOf(first, second);

/** Ids of the offers in November of a line with these spans. */
function offersOfNovember(...spans: readonly Parameters<typeof span>[0][]): string[] {
  const { factSpans } = lineState(line('L1', { spans: spans.map(span) }), known);
  return offersBetween(factSpans, START, END).map(({ offer }) => offer.id);
}

describe('offersBetween()', () => {
  it.each([
    ['that ends as the month begins', { offer: 'first', to: START }, []],
    ['that ends a ms later', { offer: 'first', to: START + 1 }, ['first']],
    ['that begins as the month ends', { offer: 'first', from: END }, []],
    ['that begins a ms earlier', { offer: 'first', from: END - 1 }, ['first']],
    ['that never ends', { offer: 'first' }, ['first']],
    ['without offer', { offer: null }, []],
  ] satisfies [string, Parameters<typeof span>[0], string[]][])('of a span %s', (_, given, ids) => {
    expect(offersOfNovember(given)).toEqual(ids);
  });

  it('are in order of time, each once', () => {
    const spans = [
      { offer: 'second', to: MID },
      { offer: 'first', from: MID, to: MID + 1 },
      { offer: 'second', from: MID + 1 },
    ];
    expect(offersOfNovember(...spans)).toEqual(['second', 'first']);
  });
});

describe('termsOf()', () => {
  it('is the first offer that has the condition', () => {
    const offers = [...known.values()];
    expect(termsOf(offers, 'distinct-numbers')?.offer.id).toBe('second');
    expect(termsOf(offers.slice(0, 1), 'distinct-numbers')).toBeNull();
    expect(termsOf([], 'distinct-numbers')).toBeNull();
  });
});

const FINDING: Finding = { condition: 'conversational-use', breachFrom: START, measures: [] };
const [ONE] = known.values();
const OFFERS = { none: [], one: [ONE!], two: [...known.values()] };
const FOUND = [FINDING];
const NOTHING: readonly Finding[] = [];

function isQuietInItsRecord({ month }: MonthState): boolean {
  return monthRecords[month.record + IS_QUIET] === 1;
}

type Setter = (state: MonthState) => unknown;

describe('MonthState.isQuiet', () => {
  it.each([
    ['none', false],
    ['one', true],
    ['two', false],
  ] satisfies [keyof typeof OFFERS, boolean][])('of a new month with offers: %s', (offers, isQuiet) => {
    const state = new MonthState(202611, START, OFFERS[offers]);
    expect([state.isQuiet, isQuietInItsRecord(state)]).toEqual([isQuiet, isQuiet]);
    state.month.release();
  });

  it.each([
    ['something is found', (state) => (state.findings = FOUND), (state) => (state.findings = state.savedFindings)],
    [
      'what the ledger has was withdrawn',
      (state) => (state.savedFindings = FOUND),
      (state) => (state.savedFindings = state.findings),
    ],
    [
      'what is found is saved',
      (state) => (state.findings = state.savedFindings = FOUND),
      (state) => (state.findings = state.savedFindings = NOTHING),
    ],
    ['the crossing may move', (state) => (state.crossingMayMove = true), (state) => (state.crossingMayMove = false)],
    ['a second offer comes', (state) => (state.offers = OFFERS.two), (state) => (state.offers = OFFERS.one)],
    ['no offer is left', (state) => (state.offers = OFFERS.none), (state) => (state.offers = OFFERS.one)],
  ] satisfies [string, Setter, Setter][])('ends when %s, and comes back with the opposite', (_, disturb, settle) => {
    const state = new MonthState(202611, START, OFFERS.one);
    disturb(state);
    expect([state.isQuiet, isQuietInItsRecord(state)]).toEqual([false, false]);
    settle(state);
    expect([state.isQuiet, isQuietInItsRecord(state)]).toEqual([true, true]);
    state.month.release();
  });

  it('is what its record says after any changes, of each of many months', () => {
    const change = fc.record({
      of: fc.nat(2),
      findings: fc.option(fc.constantFrom(NOTHING, FOUND), { nil: undefined }),
      savedFindings: fc.option(fc.constantFrom(NOTHING, FOUND), { nil: undefined }),
      crossingMayMove: fc.option(fc.boolean(), { nil: undefined }),
      offers: fc.option(fc.constantFrom(...Object.values(OFFERS)), { nil: undefined }),
    });
    const met = new Set<boolean>();
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const states = [0, 1, 2].map(() => new MonthState(202611, START, OFFERS.one));
        for (const { of, ...given } of changes) {
          const state = states[of]!;
          const { findings = state.findings, savedFindings = state.savedFindings } = given;
          const { crossingMayMove = state.crossingMayMove, offers = state.offers } = given;
          Object.assign(state, { findings, savedFindings, crossingMayMove, offers });
          const isSaved = findings === savedFindings;
          const isQuiet = isSaved && findings.length === 0 && !crossingMayMove && offers.length === 1;
          expect(state.isQuiet).toBe(isQuiet);
          expect(states.map(isQuietInItsRecord)).toEqual(states.map((one) => one.isQuiet));
          met.add(isQuiet);
        }
        for (const { month } of states) month.release();
      }),
    );
    expect(met).toEqual(new Set([true, false]));
  });

  it('goes by the offers of the period, in an empty month', () => {
    const spans = [span({ offer: 'first', to: MID }), span({ offer: 'second', from: MID })];
    const { factSpans } = lineState(line('L1', { spans }), known);
    const months = [202610, 202611, 202612].map((period) => emptyMonthState(factSpans, period, civilTime));
    expect(months.map(isQuietInItsRecord)).toEqual([true, false, true]);
  });
});

describe('a month that was given back', () => {
  it('says nothing more of the month that has its memory now', () => {
    const past = new MonthState(202611, START, []);
    past.month.release();
    const [offer] = known.values();
    const now = new MonthState(202612, END, [offer!]);
    expect(now.month.record).toBe(past.month.record);
    past.offers = [];
    expect([now.isQuiet, monthRecords[now.month.record + IS_QUIET]]).toEqual([true, 1]);
    now.month.release();
  });
});
