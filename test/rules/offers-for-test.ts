import { readFileSync } from 'node:fs';
import { type Offer, isFindingCondition } from '../../rules/index.ts';

const FILE = new URL('../../rules/offers/forfait-99.json', import.meta.url);

/** The invented offer that has the conditions which Full Illimité has not, as its file has it. */
export function forfait99(): Offer {
  return JSON.parse(readFileSync(FILE, 'utf8'));
}

/** The same, with limits that a handful of calls cross: 3 numbers, 2 minutes a call and 5 a month. */
export function smallForfait99(id: string): Offer {
  const offer = forfait99();
  const conditions = offer.conditions.map((condition) => {
    switch (condition.id) {
      case 'distinct-numbers':
        return { ...condition, settings: { ...condition.settings, maxNumbers: 3 } };
      case 'call-length':
        return { ...condition, settings: { ...condition.settings, maxMinutes: 2 } };
      case 'monthly-minutes':
        return { ...condition, settings: { ...condition.settings, maxMinutes: 5 } };
      default:
        return condition;
    }
  });
  return { ...offer, id, conditions };
}

/** The same with conditions that open cases and take effect once they are confirmed. */
export function smallForfaitInReview(id: string): Offer {
  const offer = smallForfait99(id);
  const conditions = offer.conditions.map((condition) =>
    isFindingCondition(condition.id)
      ? { ...condition, effect: { ...condition.effect, mode: 'review' as const, opensCase: true } }
      : condition,
  );
  return { ...offer, conditions };
}
