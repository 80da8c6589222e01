import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InternTable } from '../../../formats/canonical/intern-table.ts';

const LONGEST = 59;
const ascii = fc.string({ unit: 'binary-ascii', maxLength: LONGEST });
/** Texts that come again and again, more of them than two slots hold. */
const texts = fc
  .uniqueArray(ascii, { minLength: 1, maxLength: 12 })
  .chain((known) => fc.array(fc.constantFrom(...known), { maxLength: 60 }));

/** The text somewhere among other bytes, as it stands in a record. */
function placed(text: string, before: number): readonly [view: DataView, start: number, end: number] {
  const bytes = Buffer.from(`${'}'.repeat(before)}${text}"}}}`);
  return [new DataView(bytes.buffer, bytes.byteOffset, bytes.length), before, before + text.length];
}

function numberOf(table: InternTable, text: string, before = 3): number {
  return table.numberOf(...placed(text, before));
}

describe('InternTable', () => {
  it.each([1, 2, 1024])('of %i slots reads every text as it is, whatever came before', (slots) => {
    fc.assert(
      fc.property(texts, fc.nat(9), (given, before) => {
        const table = new InternTable(slots);
        expect(given.map((text) => table.read(...placed(text, before)))).toEqual(given);
      }),
    );
  });

  it('reads a text of 60 bytes and more too', () => {
    const table = new InternTable(2);
    const long = ['a', 'b', 'a'].map((end) => 'x'.repeat(LONGEST) + end);
    expect(long.map((text) => table.read(...placed(text, 1)))).toEqual(long);
  });
});

describe('InternTable.numberOf()', () => {
  it.each([1, 2, 1024])(
    'gives numbers above 0 to texts, one each, also where they push each other out: %i slots',
    (slots) => {
      fc.assert(
        fc.property(texts, fc.nat(9), (given, before) => {
          const table = new InternTable(slots);
          const expected = new Map<string, number>();
          for (const text of given) {
            const number = numberOf(table, text, before);
            expect(number).toBe(expected.get(text) ?? number);
            expected.set(text, number);
          }
          expect(new Set(expected.values()).size).toBe(expected.size);
          expect([...expected.values()].every((number) => number > 0)).toBe(true);
        }),
      );
    },
  );

  it('tells apart texts that differ in length, in one byte, or in a zero at the end', () => {
    const table = new InternTable(2);
    const different = [
      '',
      '\0',
      'a',
      'a\0',
      'abc',
      'abcd',
      'abce',
      'abcd\0',
      'abcdefgh',
      'abcdefgi',
      'x'.repeat(LONGEST),
    ];
    const numbers = different.map((text) => numberOf(table, text));
    expect(new Set(numbers).size).toBe(different.length);
    expect(different.map((text) => numberOf(table, text))).toEqual(numbers);
  });

  it('is the same whether a text was read before or not', () => {
    const table = new InternTable(2);
    const number = numberOf(table, 'Yealink');
    for (const text of ['Snom', 'Linphone', 'Grandstream', 'Yealink']) table.read(...placed(text, 0));
    expect(numberOf(table, 'Yealink')).toBe(number);
  });

  it('gives none beyond 59 bytes', () => {
    const table = new InternTable(2);
    expect(numberOf(table, 'x'.repeat(LONGEST))).toBeGreaterThan(0);
    expect(numberOf(table, 'x'.repeat(LONGEST + 1))).toBe(-1);
  });

  it('gives no more than 65,536, and goes on knowing those that it gave', () => {
    const table = new InternTable(2);
    const numbers = Array.from({ length: 65_537 }, (_, device) => numberOf(table, `device ${device}`, 0));
    expect(numbers.slice(-2)).toEqual([65_536, -1]);
    expect(numberOf(table, 'device 0')).toBe(numbers[0]);
    expect(numberOf(table, 'device 65536')).toBe(-1);
    expect(table.read(...placed('device 65536', 0))).toBe('device 65536');
  });
});
