import { describe, expect, it } from 'vitest';
import { showsExcludedClass } from '../../rules/index.ts';
import { callFacts } from './call-facts-for-test.ts';
import { fullIllimite } from './full-illimite-for-test.ts';

const TELECOM_PROFESSIONALS = [
  'carrier',
  'phone-shop',
  'telemarketing',
  'phoning',
  'call-centre',
  'prepaid-cards',
  'voice-services',
];

const condition = fullIllimite().conditions.find(({ id }) => id === 'usage-class');
const settings = condition?.id === 'usage-class' ? condition.settings : { excludedClasses: [] };

describe('showsExcludedClass(): article 7, usage-class', () => {
  it.each(TELECOM_PROFESSIONALS)('excludes %s, a telecom professional, from Full Illimité', (usageClass) => {
    expect(showsExcludedClass(callFacts({ usageClass }), settings)).toBe(true);
  });

  it.each(['residential', 'business'])('leaves %s in the offer', (usageClass) => {
    expect(showsExcludedClass(callFacts({ usageClass }), settings)).toBe(false);
  });

  it('excludes nothing more than the seven classes of the article', () => {
    expect(settings.excludedClasses.toSorted()).toEqual(TELECOM_PROFESSIONALS.toSorted());
  });

  it('is never shown by a forwarded leg', () => {
    expect(showsExcludedClass(callFacts({ usageClass: 'call-centre', isForwarded: true }), settings)).toBe(false);
  });
});
