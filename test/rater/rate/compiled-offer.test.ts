import { describe, expect, it } from 'vitest';
import { compileOffer, effectOf } from '../../../rater/index.ts';
import { precedence, reaches } from '../../../rater/rate/compiled-offer.ts';
import type { Offer } from '../../../rules/index.ts';
import { fullIllimite } from '../../rules/full-illimite-for-test.ts';
import { destinationNamed, plan } from '../rating-for-test.ts';

function isIncluded(offer: Offer, name: string): boolean {
  return compileOffer(offer, 1, plan.destinations).isIncluded[destinationNamed(name).id] === 1;
}

function idsOf(sets: readonly { readonly condition: { readonly id: string } }[]): string[] {
  return sets.map(({ condition }) => condition.id);
}

describe('compileOffer(): article 7, what is included', () => {
  it.each(['France Fixe', 'France Fixe OBL', 'SVA banalisé', 'France Mobile', ...fullIllimite().included.destinations])(
    'includes %s in Full Illimité',
    (name) => {
      expect(isIncluded(fullIllimite(), name)).toBe(true);
    },
  );

  it.each(['Barbade', 'Espagne Mobile', 'Mayotte Mobile', 'SVA majoré 081', 'SVA majoré 082', 'SVA majoré 089'])(
    'does not include %s',
    (name) => {
      expect(isIncluded(fullIllimite(), name)).toBe(false);
    },
  );

  it.each(['numéro court généraliste', 'renseignements 118', 'urgence', 'SVA gratuit'])(
    'does not include %s even where an offer names it: it is special or free anyway',
    (name) => {
      const included = { classes: [], destinations: [name] };
      expect(isIncluded({ ...fullIllimite(), included }, name)).toBe(false);
    },
  );

  it('includes each of the three groups by itself: an order may choose any of them', () => {
    const offer = fullIllimite();
    const fixedOnly: Offer = { ...offer, included: { classes: ['national-fixed'], destinations: [] } };
    expect(isIncluded(fixedOnly, 'France Fixe')).toBe(true);
    expect(isIncluded(fixedOnly, 'France Mobile')).toBe(false);
    expect(isIncluded(fixedOnly, 'Espagne Fixe')).toBe(false);
  });

  it('includes France Fixe and France Fixe OBL in an order of the 40 destinations alone: they are two of them', () => {
    const offer = fullIllimite();
    const fortyOnly: Offer = { ...offer, included: { classes: [], destinations: offer.included.destinations } };
    expect(offer.included.destinations.filter((name) => !isIncluded(fortyOnly, name))).toEqual([]);
    expect(isIncluded(fortyOnly, 'SVA banalisé')).toBe(false);
    expect(isIncluded(fortyOnly, 'France Mobile')).toBe(false);
  });
});

describe('compileOffer()', () => {
  const compiled = compileOffer(fullIllimite(), 7, plan.destinations);

  it('sorts the conditions by what they do, in the order of the offer', () => {
    expect(compiled.no).toBe(7);
    expect(idsOf(compiled.alone)).toEqual(['forwarding']);
    expect(idsOf(compiled.firstCall)).toEqual(['usage-class', 'sip-mobility', 'equipment']);
    expect(idsOf(compiled.crossing)).toEqual(['distinct-numbers']);
    expect(idsOf(compiled.measured)).toEqual(['conversational-use']);
    expect(compiled.maxNumbers).toBe(150);
    expect(compiled.conversationalUse?.settings.minCalls).toBe(100);
  });

  it('asks nothing for an offer without conditions', () => {
    const without = compileOffer({ ...fullIllimite(), conditions: [] }, 8, plan.destinations);
    expect([without.alone, without.firstCall, without.crossing, without.measured]).toEqual([[], [], [], []]);
    expect([without.aloneFlags, without.includedFlags, without.conversationalUse]).toEqual([0, 0, null]);
    expect(without.isKnownToFastLane).toBe(true);
  });

  it('gives the effect of a condition', () => {
    expect(effectOf(compiled, 'equipment')?.mode).toBe('review');
    expect(effectOf(compileOffer({ ...fullIllimite(), conditions: [] }, 8, plan.destinations), 'equipment')).toBeNull();
  });
});

describe('precedence()', () => {
  const compiled = compileOffer(fullIllimite(), 1, plan.destinations);

  it('is the place in the offer', () => {
    expect(precedence(compiled, 'usage-class')).toBe(0);
    expect(precedence(compiled, 'conversational-use')).toBe(5);
  });

  it('puts conditions that the offer does not have last, each in a place of its own', () => {
    const conditions = fullIllimite().conditions.filter(({ id }) => id === 'conversational-use');
    const few = compileOffer({ ...fullIllimite(), conditions }, 2, plan.destinations);
    expect(precedence(few, 'conversational-use')).toBeLessThan(precedence(few, 'distinct-numbers'));
    expect(precedence(few, 'distinct-numbers')).toBeLessThan(precedence(few, 'sip-mobility'));
    expect(precedence(few, 'sip-mobility')).toBeLessThan(precedence(few, 'equipment'));
  });
});

describe('reaches()', () => {
  it('goes by the class of the destination', () => {
    expect(reaches(['national-fixed'], destinationNamed('SVA banalisé'))).toBe(true);
    expect(reaches(['national-fixed'], destinationNamed('France Mobile'))).toBe(false);
    expect(reaches(['international'], destinationNamed('Espagne Fixe'))).toBe(true);
    expect(reaches([], destinationNamed('Espagne Fixe'))).toBe(false);
  });
});
