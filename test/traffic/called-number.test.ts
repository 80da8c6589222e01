import { describe, expect, it } from 'vitest';
import { NumberBook, shortCode, writtenForm } from '../../traffic/called-number.ts';
import {
  emergencyCodes,
  freeShortCodes,
  numberRanges,
  paidShortCodes,
  type NumberKind,
} from '../../traffic/number-ranges.ts';
import { Random } from '../../traffic/random.ts';
import type { DestinationClass } from '../../tariffs/index.ts';
import { plan } from '../support/ledger-under-test.ts';

const included = new Set(plan.includedNames);
const kinds = Object.keys(numberRanges).filter((name): name is NumberKind => name in numberRanges);

/** What the numbering plan must make of each kind: its class, and whether the offer names the destination. */
const meant: Readonly<Record<NumberKind, readonly [DestinationClass, boolean]>> = {
  'national-fixed': ['national-fixed', true],
  'national-mobile': ['national-mobile', false],
  'shared-price': ['national-fixed', false],
  'overseas-fixed': ['international', true],
  'international-included': ['international', true],
  'international-metered': ['international', false],
  caribbean: ['international', false],
  'overseas-mobile': ['international', false],
  'special-rate': ['special-rate', false],
  'high-cost': ['international', false],
  'toll-free': ['toll-free', false],
};

describe('NumberBook', () => {
  it.each(kinds)('draws numbers of kind %s that the numbering plan takes for such, in every written form', (kind) => {
    const random = new Random('numbers', kind);
    const book = new NumberBook(random);
    const forms = new Set<string>();
    for (let round = 0; round < 500; round++) {
      const number = book.draw(kind);
      const dialled = writtenForm(number, random);
      forms.add(dialled.replaceAll(/\d+/g, '#').slice(0, 9));
      const classified = plan.classify(dialled);
      const found =
        classified.kind === 'refusal'
          ? classified.reason
          : [classified.called, classified.destination.class, included.has(classified.destination.name)];
      expect({ dialled, found }).toEqual({ dialled, found: [number.called, ...meant[kind]] });
      expect(number.isFree).toBe(kind === 'toll-free');
    }
    expect(forms.size).toBeGreaterThan(2);
  });

  it('draws no two numbers in one block of a thousand', () => {
    const book = new NumberBook(new Random('blocks', ''));
    const blocks = Array.from({ length: 400 }, () => Math.floor(book.draw('national-fixed').called / 1000));
    expect(new Set(blocks).size).toBe(400);
  });
});

describe('short codes', () => {
  it.each([
    ['emergency', emergencyCodes],
    ['toll-free', freeShortCodes],
    ['special-rate', paidShortCodes],
  ])('are of class %s', (kind, codes) => {
    for (const code of codes) {
      const classified = plan.classify(writtenForm(shortCode(code, false), new Random('codes', kind)));
      expect(classified).toMatchObject({ kind: 'number', called: code, destination: { class: kind } });
    }
  });
});
