import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseOffer } from '../../../services/provisioning/parse-offer.ts';
import { CONDITION_IDS, type Effect, type Offer, type OfferCondition } from '../../../rules/index.ts';
import { plan } from '../../rater/rating-for-test.ts';
import { fullIllimite } from '../../rules/full-illimite-for-test.ts';
import { forfait99 } from '../../rules/offers-for-test.ts';

const NAMES = new Set(plan.destinations.map(({ name }) => name));

/** What is wrong with an offer's document, each fault as `path problem`. */
function faultsOf(document: unknown): string[] {
  const parsed = parseOffer(JSON.stringify(document), NAMES);
  return parsed.kind === 'offer' ? [] : parsed.faults.map(({ path, problem }) => `${path} ${problem}`);
}

/** The example offer with one of its conditions changed, and where that stands. */
function changed(id: OfferCondition['id'], settings: object, effect: Partial<Effect> = {}): [unknown, string] {
  const offer = forfait99();
  const place = offer.conditions.findIndex((condition) => condition.id === id);
  const conditions = offer.conditions.map((condition, index) =>
    index === place
      ? { ...condition, settings: { ...condition.settings, ...settings }, effect: { ...condition.effect, ...effect } }
      : condition,
  );
  return [{ ...offer, conditions }, `conditions[${place}]`];
}

describe('parseOffer()', () => {
  it.each(['full-illimite', 'forfait-99'])('takes rules/offers/%s.json', (name) => {
    const text = readFileSync(new URL(`../../../rules/offers/${name}.json`, import.meta.url), 'utf8');
    expect(parseOffer(text, NAMES)).toEqual({ kind: 'offer', offer: JSON.parse(text) });
  });

  it.each(CONDITION_IDS)('refuses settings that %s does not have', (id) => {
    const all = [fullIllimite(), forfait99()].flatMap(({ conditions }) => conditions);
    const condition = all.find((one) => one.id === id);
    const offer: Offer = { ...fullIllimite(), conditions: condition === undefined ? [] : [condition] };
    expect(faultsOf(offer)).toEqual([]);
    const settings = { ...condition?.settings, colour: 'red' };
    expect(faultsOf({ ...offer, conditions: [{ ...condition, settings }] })).toEqual([
      'conditions[0].settings.colour is not known',
    ]);
  });

  it('refuses an id that is no condition', () => {
    const [condition] = forfait99().conditions;
    expect(faultsOf({ ...forfait99(), conditions: [{ ...condition, id: 'charm' }] })).toEqual([
      'conditions[0].id must be the id of a condition',
    ]);
  });

  it.each([
    ['distinct-numbers', { scope: 'account' }, 'scope', `must be 'line': numbers are counted for each line alone`],
    ['call-length', { metered: 'rest-of-call' }, 'metered', `must be 'whole-call': a long call is metered whole`],
    ['call-length', { maxMinutes: 0 }, 'maxMinutes', 'must be at least 1'],
    [
      'monthly-minutes',
      { crossingCall: 'rest-of-call' },
      'crossingCall',
      `must be 'whole-call': the call that crosses`,
    ],
    ['monthly-minutes', { crossingCall: 'half' }, 'crossingCall', `must be 'whole-call'`],
    ['monthly-minutes', { maxMinutes: 44_641 }, 'maxMinutes', 'must be at most 44640'],
    ['monthly-minutes', { maxMinutes: 1.5 }, 'maxMinutes', 'must be a whole number'],
  ] as const)('refuses %s with %o, and says why', (id, settings, field, problem) => {
    const [document, place] = changed(id, settings);
    const faults = faultsOf(document);
    expect(faults.map((fault) => fault.slice(0, `${place}.settings.${field} ${problem}`.length))).toEqual([
      `${place}.settings.${field} ${problem}`,
    ]);
  });

  it.each([
    ['forwarding', { rerate: { scope: 'period', classes: [] } }, 'rerate.scope'],
    ['call-length', { mode: 'review' }, 'mode'],
    ['monthly-minutes', { rerate: { scope: 'call', classes: [] } }, 'rerate.scope'],
    ['monthly-minutes', { suspension: 'until-reinstated' }, 'suspension'],
  ] satisfies [OfferCondition['id'], Partial<Effect>, string][])(
    'refuses %s with the effect %o',
    (id, effect, path) => {
      const [document, place] = changed(id, {}, effect);
      expect(faultsOf(document).map((fault) => fault.split(' ')[0])).toEqual([`${place}.effect.${path}`]);
    },
  );
});
