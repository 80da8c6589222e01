import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadNumberingPlan } from '../../../bin/load-numbering-plan.ts';
import { priceCall } from '../../../tariffs/decks/price-call.ts';
import { formatMicros } from '../../../tariffs/money.ts';
import { rateDeckOf } from './deck-for-test.ts';

const deck = rateDeckOf(
  readFileSync(new URL('../../../tariffs/decks/full-illimite-2026.csv', import.meta.url), 'utf8'),
);
const plan = loadNumberingPlan();
const AT = Date.parse('2026-11-04T11:00:00Z');

function minute(dialled: string): string {
  const classified = plan.classify(dialled);
  if (classified.kind === 'refusal') return classified.reason;
  const { name, id } = classified.destination;
  const rate = deck.rateFor(classified.called, name, id, AT);
  return rate === null ? 'no-rate' : formatMicros(priceCall(rate, AT, 60_000));
}

describe('the full-illimite-2026 deck', () => {
  it('prices every destination of the numbering plan', () => {
    const unpriced = plan.destinations.filter(({ name, id }) => deck.rateFor(999_999_999, name, id, AT) === null);
    expect(unpriced.map(({ name }) => name)).toEqual([]);
  });

  it('prices no destination that the plan does not have, but the two national classes', () => {
    const names = new Set(plan.destinations.map(({ name }) => name));
    expect(deck.destinationNames.filter((name) => !names.has(name))).toEqual(['national-fixed', 'national-mobile']);
  });

  it('gives a price to everything but what is free by regulation', () => {
    const free = deck.rates.filter((rate) => priceCall(rate, AT, 1) === 0).map(({ destination }) => destination);
    expect(free.toSorted()).toEqual(['SVA gratuit', 'numéro court gratuit', 'urgence']);
  });

  it('keeps special rates under the regulated caps, excluding tax of 20 %', () => {
    for (const [number, cap] of [
      ['0810123456', 0.06],
      ['0820123456', 0.2],
      ['0890123456', 0.8],
      ['3949', 0.8],
    ] as const) {
      expect(Number(minute(number)) * 1.2).toBeLessThanOrEqual(cap);
    }
  });

  it('prices some calls as one would expect', () => {
    const table = [
      ['0140000000', '0.020000'],
      ['+33612345678', '0.090000'],
      ['0806123456', '0.020000'],
      ['15', '0.000000'],
      ['0800123456', '0.000000'],
      ['118218', '3.800000'],
      ['+12465550100', '0.400000'],
    ];
    expect(table.map(([number]) => [number, minute(number ?? '')])).toEqual(table);
  });
});
