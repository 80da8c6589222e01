import { assert, constantFrom, oneof, property, string, type Arbitrary } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadNumberingPlan } from '../../../bin/load-numbering-plan.ts';
import { formatNumber, REFUSAL_CODES, type Classified } from '../../../tariffs/index.ts';
import { createDice, linesOf } from './tables.ts';

const plan = loadNumberingPlan();

function show(classified: Classified): string {
  return classified.kind === 'refusal'
    ? classified.reason
    : `${formatNumber(classified.called)} ${classified.destination.class} ${classified.destination.name}`;
}

/** Rows of a table `dialled | answer`, one a line, as they are and as the plan answers them. */
function answersTo(table: string): { readonly wanted: readonly string[]; readonly found: readonly string[] } {
  const rows = table
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return {
    wanted: rows.map(([dialled, answer]) => `${dialled} | ${answer}`),
    found: rows.map(([dialled = '']) => `${dialled} | ${show(plan.classify(dialled))}`),
  };
}

function dialledLike(): Arbitrary<string> {
  return string({ unit: constantFrom(...'0123456789+*#()-. ;:@<>%pwx'), maxLength: 20 });
}

describe('classify()', () => {
  test('takes one number in every notation to the same E.164', () => {
    const notations = [
      '0612345678',
      '06 12 34 56 78',
      '06.12.34.56.78',
      '(06) 12-34-56-78',
      '+33612345678',
      '+33 (0)6 12 34 56 78',
      '+330612345678',
      '0033612345678',
      '00330612345678',
      '33612345678',
      'tel:+33-6-12-34-56-78;ext=5',
      'TEL:0612345678;phone-context=+33',
      'sip:+33612345678@sbc.example.net;user=phone',
      'sip:%2B33612345678@sbc.example.net',
      'sip:0612345678:secret@sbc.example.net',
      'sips:0612345678;npdi;rn=x@sbc.example.net?Subject=a',
      '"A, B; <C>" <sip:+33612345678@10.0.0.1:5060>;tag=1',
      '0612345678@10.0.0.1',
      '*31#0612345678',
      '#31# 06 12 34 56 78',
      '36510612345678',
      '0612345678,,123#',
      '0612345678 ext. 12',
      '\t06\u00a012\u202f34 56 78\r',
    ];
    for (const notation of notations) {
      expect(`${notation}: ${show(plan.classify(notation))}`).toBe(
        `${notation}: +33612345678 national-mobile France Mobile`,
      );
    }
  });

  test('gives overseas numbers to their territory, however they are dialled', () => {
    const { wanted, found } = answersTo(`
      0590123456       | +590590123456 international Guadeloupe Fixe
      +33590123456     | +590590123456 international Guadeloupe Fixe
      00330590123456   | +590590123456 international Guadeloupe Fixe
      0262123456       | +262262123456 international Réunion Fixe
      0269123456       | +262269123456 international Mayotte Fixe
      0508412345       | +508412345 international Saint-Pierre-et-Miquelon
      0708561234       | +508708561234 international Saint-Pierre-et-Miquelon
      0976912345       | +262976912345 international Mayotte Fixe
      0696123456       | +596696123456 international Martinique Mobile
      0695123456       | +33695123456 national-mobile France Mobile
      0700501234567    | +590700501234567 international Guadeloupe Mobile
      07000012345678   | +337000012345678 national-mobile France Mobile M2M (07 00, longueur étendue)
    `);
    expect(found).toEqual(wanted);
  });

  test('asks the French special numbers before the prefix table', () => {
    const { wanted, found } = answersTo(`
      15          | 15 emergency urgence
      112         | 112 emergency urgence
      116117      | 116117 emergency urgence
      116006      | 116006 toll-free numéro court gratuit
      3919        | 3919 toll-free numéro court gratuit
      3949        | 3949 special-rate numéro court généraliste
      3008        | 3008 special-rate numéro court opérateur
      118218      | 118218 special-rate renseignements 118
      1013        | 1013 special-rate numéro court opérateur
      0805123456  | +33805123456 toll-free SVA gratuit
      0808812345  | +33808812345 toll-free SVA gratuit
      0808712345  | +33808712345 national-fixed SVA banalisé
      0810123456  | +33810123456 special-rate SVA majoré 081
      0892123456  | +33892123456 special-rate SVA majoré 089
    `);
    expect(found).toEqual(wanted);
  });

  test('lets the length decide where a prefix is not enough', () => {
    const { wanted, found } = answersTo(`
      +35315123456    | +35315123456 international Irlande Fixe OLO
      +3531512345678  | +3531512345678 international Irlande premium 15xx
      +3531850123456  | +3531850123456 international Irlande 1800/1850/1890
      +8695588        | +8695588 international Chine 950 / 1xx services
      +861012345678   | +861012345678 international Chine Fixe
      +5511234567890  | wrong-length
      +551123456789   | +551123456789 international Brésil Fixe
      +431234         | wrong-length
    `);
    expect(found).toEqual(wanted);
  });

  test('never takes a Caribbean number for one of the United States or Canada', () => {
    const { wanted, found } = answersTo(`
      +12425550123  | +12425550123 international Bahamas
      +19995550123  | +19995550123 international NANP autre / non attribué
      +14412951234  | +14412951234 international Bermudes
      +12125550123  | +12125550123 international Etats Unis Fixe
    `);
    expect(found).toEqual(wanted);
  });

  test('knows a destination for every country code, outside the 40 too', () => {
    const { wanted, found } = answersTo(`
      +2348031234567 | +2348031234567 international Nigeria
      +3225551234    | +3225551234 international Belgique
      +999123456789  | unassigned-number
      +210123456789  | unassigned-number
    `);
    expect(found).toEqual(wanted);
  });

  test('refuses with one code each', () => {
    const { wanted, found } = answersTo(`
                                  | empty-number
      tel:                        | empty-number
      sip:192.0.2.10:5060         | empty-number
      anonymous                   | not-a-number
      01400000XX                  | not-a-number
      ٠١٤٠٠٠٠٠٠٠                  | not-a-number
      12:30                       | not-a-number
      50%                         | not-a-number
      *98                         | service-code
      99#33140000000              | service-code
      *21*0612345678#             | service-code
      tel:2079460018;phone-context=+44 | foreign-context
      -33140000000                | malformed-number
      +0140000000                 | malformed-number
      000033140000000             | malformed-number
      +33+140000000               | malformed-number
      140000000                   | ambiguous-number
      2001                        | unknown-short-code
      116999                      | unknown-short-code
      0600012345                  | routing-prefix
      0708461234                  | routing-prefix
      +12120550123                | unassigned-number
      0700123456                  | wrong-length
      331400000000                | wrong-length
      +442079460018442079460018   | wrong-length
    `);
    expect(found).toEqual(wanted);
  });

  test('answers any string without throwing, and gives E.164 numbers at least seven digits', () => {
    assert(
      property(oneof(string({ unit: 'binary' }), dialledLike()), (dialled) => {
        const classified = plan.classify(dialled);
        const isSound =
          classified.kind === 'refusal'
            ? REFUSAL_CODES.includes(classified.reason)
            : Number.isSafeInteger(classified.called) &&
              plan.destinations[classified.destination.id] === classified.destination &&
              show(plan.classify(formatNumber(classified.called))) === show(classified);
        expect(isSound).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  test('decides on the fast path as it does the long way', () => {
    const dice = createDice(11);
    const prefixes = linesOf('destinations').map((line) => line['e164_prefix'] ?? '');
    for (let run = 0; run < 20_000; run++) {
      const prefix = dice.roll(2) === 0 ? dice.digits(3) : (prefixes[dice.roll(prefixes.length)] ?? '');
      const digits = ['+', '00', '0', ''][dice.roll(4)] + prefix + dice.digits(dice.roll(11));
      // A leading space is no plain digit: it sends the same number through readDialled().
      expect(`${digits}: ${show(plan.classify(digits))}`).toBe(`${digits}: ${show(plan.classify(` ${digits}`))}`);
    }
  });
});

function pathOf(called: number): readonly string[] {
  return plan.prefixPath(called).map((step) => `${step.prefix} ${step.destination.name}`);
}

describe('prefixPath()', () => {
  test('shows the prefix that won, then those that lost', () => {
    expect(pathOf(12425550123)).toEqual(['1242 Bahamas', '1 NANP autre / non attribué']);
    expect(pathOf(3531512345678)).toEqual([
      '3531512 Irlande premium 15xx',
      '35315 Irlande Fixe OLO',
      '3531 Irlande Fixe',
      '353 Irlande autre / non attribué',
    ]);
    expect(pathOf(35315123456)[0]).toBe('35315 Irlande Fixe OLO');
    expect(pathOf(3949)).toEqual(['3949 numéro court généraliste']);
    expect(pathOf(2001)).toEqual([]);
  });

  test('begins with the destination that classify() gives', () => {
    const dice = createDice(5);
    for (let run = 0; run < 5000; run++) {
      const classified = plan.classify(`+${dice.digits(7 + dice.roll(7))}`);
      if (classified.kind === 'refusal') continue;
      expect(plan.prefixPath(classified.called)[0]?.destination).toBe(classified.destination);
    }
  });
});

describe('compileNumberingPlan()', () => {
  test('numbers destinations by their place, one object a name', () => {
    expect(plan.destinations.map(({ id }) => id)).toEqual([...plan.destinations.keys()]);
    expect(new Set(plan.destinations.map(({ name }) => name)).size).toBe(plan.destinations.length);
    expect(loadNumberingPlan().destinations).toEqual(plan.destinations);
  });

  test("holds the contract's 40 names, each with a prefix", () => {
    expect(plan.includedNames).toHaveLength(40);
    const names = new Set(plan.destinations.map(({ name }) => name));
    expect(plan.includedNames.filter((name) => !names.has(name))).toEqual([]);
  });
});

describe('leadsToOne()', () => {
  const DIGITS = [...'0123456789'];
  const prefixes = plan.prefixesBelow('');

  /** Where numbers lead that begin with a prefix, with any two digits behind it, of any length. */
  function destinationsBelow(prefix: string): ReadonlySet<string> {
    const stems = DIGITS.flatMap((first) => DIGITS.map((second) => prefix + first + second));
    const numbers = stems.flatMap((stem) => [8, 9, 10, 11, 12, 13, 15].map((length) => stem.padEnd(length, '7')));
    return new Set(
      numbers.flatMap((number) => {
        const classified = plan.classify(`+${number}`);
        return classified.kind === 'number' ? [classified.destination.name] : [];
      }),
    );
  }

  test('is said of no prefix whose numbers lead to several destinations, and of most that have none below', () => {
    // A few prefixes of the plan, and what is a digit longer: other prefixes are of the same tables.
    const some = prefixes.filter((_, index) => index % 29 === 0);
    const told = [...some, ...some.flatMap((prefix) => DIGITS.map((digit) => prefix + digit))].filter(plan.leadsToOne);
    expect(told.filter((prefix) => destinationsBelow(prefix).size > 1)).toEqual([]);
    expect(told.length).toBeGreaterThan(some.length * 8);
    expect(['', '3', '33', '1'].map(plan.leadsToOne)).toEqual([false, false, false, false]);
  });

  test('goes with prefixes in order, each of which begins with the digits and is longer', () => {
    expect(prefixes).toEqual(prefixes.toSorted());
    for (const digits of ['1', '33', '3247', '99999']) {
      const expected = prefixes.filter((prefix) => prefix.length > digits.length && prefix.startsWith(digits));
      expect(plan.prefixesBelow(digits)).toEqual(expected);
    }
  });
});
