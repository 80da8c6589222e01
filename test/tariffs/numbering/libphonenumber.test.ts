import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js/max';
import { describe, expect, test } from 'vitest';
import { loadNumberingPlan } from '../../../bin/load-numbering-plan.ts';
import { formatNumber, type Classified, type RefusalCode } from '../../../tariffs/index.ts';
import { createDice, linesOf } from './tables.ts';

/** One dialled string with both answers; what the differences below are told apart by. */
interface Comparison {
  readonly dialled: string;
  readonly ours: Classified;
  /** `''` where we refuse. */
  readonly e164: string;
  /** ISO codes that our winning prefix belongs to. */
  readonly countries: readonly string[];
  readonly refusal: RefusalCode | null;
  readonly library: PhoneNumber | undefined;
  readonly isValid: boolean;
}

/**
 * Every way in which we knowingly differ from libphonenumber, with the reason. The first that fits names a difference;
 * one that none fits fails the test, and so does a row that nothing fits any more.
 */
const KNOWN_DIFFERENCES: Readonly<Record<string, { readonly why: string; fits(c: Comparison): boolean }>> = {
  'overseas number under +33': {
    why: 'the 10-digit plan is shared, country codes are not: 0590 is +590; the library keeps or refuses +33 590',
    fits: (c) =>
      c.library?.countryCallingCode === '33' &&
      (/^\+(590|594|596|262|508)/.test(c.e164) || (c.refusal !== null && /^(\+33|0033|0)508/.test(c.dialled))),
  },
  'short code': {
    why: 'short codes are not in the metadata that libphonenumber-js ships',
    fits: (c) => c.ours.kind === 'number' && c.ours.called < 1_000_000,
  },
  'extended-length M2M number': {
    why: '0700 numbers have 13 or 14 digits (Arcep 2.3.5); the library knows 9 after +33 only',
    fits: (c) => /^\+(33700[0-4]|590700|594700|596700|262700)/.test(c.e164),
  },
  'bare E.164 number': {
    why: 'ten and more digits without plus are E.164 as SBCs write it; the library reads them as French',
    fits: (c) => /^[1-9]/.test(c.dialled) && c.library?.number !== c.e164 && c.e164 === `+${c.dialled}`,
  },
  'bare number read as French': {
    why: 'the library drops a missing trunk 0; nine bare digits may as well be foreign, and we do not guess',
    fits: (c) => /^[1-9]/.test(c.dialled) && c.refusal !== null && c.library?.country !== undefined,
  },
  'routing prefix': {
    why: '0600, 0509-0515, 0526-0530, 05230-05234 route ported numbers, nobody is called there (Arcep 2.5.6)',
    fits: (c) => c.refusal === 'routing-prefix',
  },
  'trunk zero after a foreign country code': {
    why: 'the library drops national prefixes kept after any country code; we repair only +33 0',
    fits: (c) => c.refusal !== null && c.library !== undefined && !endsAlike(c.dialled, c.library),
  },
  'service of another length': {
    why: 'service, pager and voicemail numbers of a length that no subscriber has abroad: not reachable from France',
    fits: (c) => c.refusal === 'wrong-length' && c.isValid && !isSubscriber(c.library),
  },
  'short fixed numbers of PL, RO, SK, AT, KR and CN': {
    why: 'the library counts these short service forms as fixed lines; they are not dialled from abroad',
    fits: (c) => c.refusal === 'wrong-length' && /^(\+|00)?(48|40|421|43|82|86)/.test(c.dialled),
  },
  'NANP exchange in 0 or 1': {
    why: 'exchanges begin with 2 to 9; the library lists some service numbers otherwise',
    fits: (c) => c.refusal === 'unassigned-number' && /^(\+|00)?1\d{3}[01]/.test(c.dialled) && c.isValid,
  },
  'Brazilian services with their trunk zero': {
    why: 'decks list 55 03, 05, 08 and 09 as such; excluded either way',
    fits: (c) => c.e164.startsWith('+550') && c.library?.country === 'BR',
  },
  'Saint-Martin and Saint-Barthélemy': {
    why: "one line with Guadeloupe in Arcep's plan and in decks; the library tells them apart",
    fits: (c) => c.countries.includes('GP') && (c.library?.country === 'MF' || c.library?.country === 'BL'),
  },
  'Palestinian blocks of +972': {
    why: 'decks price +972 22, 32, 42, 82, 92, 56 and 59 as Palestine, four to ten times Israel',
    fits: (c) => c.countries.includes('PS') && c.library?.country === 'IL',
  },
  'range shared by British islands': {
    why: 'the plan follows decks: whole mobile blocks to the islands, premium 09 to the United Kingdom; all excluded',
    fits: (c) => /^\+44(7|9)/.test(c.e164) && BRITISH.has(c.library?.country ?? ''),
  },
  'country code of several lengths': {
    why: 'one length rule for territories that share a code and differ by a digit (290 SH/TA, 599 CW/BQ)',
    fits: (c) => /^\+(290|599)/.test(c.e164) && !c.isValid,
  },
  'Chinese service numbers': {
    why: 'any 5 to 8 digits of 95x, 96x, 10x, 1xx are one excluded destination; the library lists some',
    fits: (c) => c.ours.kind === 'number' && c.ours.destination.name === 'Chine 950 / 1xx services' && !c.isValid,
  },
  'block not in the metadata': {
    why: 'the length is right and a switch saw the call answered: new blocks open daily; rated by country and range',
    fits: (c) => c.e164 !== '' && !c.isValid && c.library?.isPossible() === true,
  },
};

const BRITISH: ReadonlySet<string> = new Set(['GB', 'GG', 'JE', 'IM']);

function endsAlike(dialled: string, library: PhoneNumber): boolean {
  return dialled.replace(/^(\+|00)/, '') === library.number.slice(1);
}

function isSubscriber(library: PhoneNumber | undefined): boolean {
  const type = library?.getType();
  return type === 'FIXED_LINE' || type === 'MOBILE' || type === 'FIXED_LINE_OR_MOBILE';
}

const plan = loadNumberingPlan();
const countryCodes = linesOf('countryCodes');
const countriesByPrefix: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...linesOf('destinations').map((line) => [line['e164_prefix'] ?? '', [line['country'] ?? '']] as const),
  ...countryCodes.map((line) => [line['country_code'] ?? '', (line['countries'] ?? '').split(' ')] as const),
]);

function compare(dialled: string): Comparison {
  const ours = plan.classify(dialled);
  const library = parsePhoneNumberFromString(dialled, 'FR');
  const prefix = ours.kind === 'number' ? (plan.prefixPath(ours.called)[0]?.prefix ?? '') : '';
  return {
    dialled,
    ours,
    e164: ours.kind === 'number' ? formatNumber(ours.called) : '',
    // Rows written as patterns are Irish and have the country of the row above them.
    countries: countriesByPrefix.get(prefix) ?? (prefix.startsWith('3531') ? ['IE'] : []),
    refusal: ours.kind === 'refusal' ? ours.reason : null,
    library,
    isValid: library?.isValid() ?? false,
  };
}

function isAgreed({ e164, isValid, library, countries }: Comparison): boolean {
  if (e164 === '') return !isValid;
  return isValid && library?.number === e164 && countries.includes(library.country ?? '001');
}

/** Random dialled strings: about prefixes of the plan, about country codes, and French national and short forms. */
function createDialler(seed: number): () => string {
  const dice = createDice(seed);
  const pick = <Item>(items: readonly Item[]): Item | undefined => items[dice.roll(items.length)];
  const prefixes = [...countriesByPrefix.keys()].filter((prefix) => /^\d+$/.test(prefix));
  const nearPrefix = () => {
    const prefix = pick(prefixes) ?? '';
    return prefix + dice.digits(Math.max(1, 8 + dice.roll(6) - prefix.length));
  };
  const nearCountry = () => {
    const line = pick(countryCodes);
    const length = Number(pick((line?.['nsn_lengths'] ?? '9').split(/[ -]/)));
    return (line?.['country_code'] ?? '') + dice.digits(length);
  };
  const forms = [
    () => `+${nearPrefix()}`,
    () => `+${nearCountry()}`,
    () => `00${nearPrefix()}`,
    () => nearPrefix(),
    () => `0${dice.digits(9)}`,
    () => `+33${1 + dice.roll(9)}${dice.digits(8)}`,
    () => (pick(['0700', '+33700', '+590700']) ?? '') + dice.digits(9 + dice.roll(2)),
    () =>
      (pick([
        '+972',
        '+4498',
        '+4830',
        '+86',
        '+599',
        '+290',
        '+82',
        '+550',
        '+1849',
        '+4479',
        '+5905904',
        '+59059027',
      ]) ?? '') + dice.digits(4 + dice.roll(6)),
    () => dice.digits(2 + dice.roll(3)),
  ];
  return () => pick(forms)?.() ?? '';
}

describe('the numbering plan and libphonenumber', () => {
  test('agree on validity, number and country, or differ for a known reason', () => {
    const dial = createDialler(20261121);
    const counts = new Map<string, number>(Object.keys(KNOWN_DIFFERENCES).map((name) => [name, 0]));
    const unexplained: string[] = [];
    let agreed = 0;
    for (let run = 0; run < 40_000; run++) {
      const comparison = compare(dial());
      const known = Object.entries(KNOWN_DIFFERENCES).find(([, difference]) => difference.fits(comparison));
      if (isAgreed(comparison)) agreed++;
      else if (known === undefined) unexplained.push(describeDifference(comparison));
      else counts.set(known[0], (counts.get(known[0]) ?? 0) + 1);
    }
    expect(unexplained).toEqual([]);
    expect([...counts].filter(([, count]) => count === 0)).toEqual([]);
    expect(agreed).toBeGreaterThan(20_000);
  });
});

function describeDifference({ dialled, e164, refusal, countries, library, isValid }: Comparison): string {
  const theirs = `${library?.number ?? 'nothing'} ${library?.country ?? ''} ${library?.getType() ?? ''} valid=${isValid}`;
  return `${dialled}: we say ${e164} ${refusal ?? countries.join('/')}, the library ${theirs}`;
}
