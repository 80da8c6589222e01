import { describe, expect, it } from 'vitest';
import { offersBetween, termsOf } from '../../rater/index.ts';
import { fullIllimite } from '../rules/full-illimite-for-test.ts';
import { at, line, lineState, offersOf, span } from './rating-for-test.ts';

const START = at('2026-11-01');
const MID = at('2026-11-15');
const END = at('2026-12-01');

const first = { ...fullIllimite(), id: 'first', conditions: [] };
const second = { ...fullIllimite(), id: 'second' };
const known = offersOf(first, second);

/** Ids of the offers in November of a line with these spans. */
function offersOfNovember(...spans: readonly Parameters<typeof span>[0][]): string[] {
  const { epochs } = lineState(line('L1', { spans: spans.map(span) }), known);
  return offersBetween(epochs, START, END).map(({ offer }) => offer.id);
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
