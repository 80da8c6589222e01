import { parse } from 'csv-parse/sync';
import { readNumberingTables } from '../../../bin/load-numbering-plan.ts';
import type { NumberingTables } from '../../../tariffs/index.ts';

/** The product's tables, to be read plainly or broken on purpose. */
export const tables = readNumberingTables();

/** The lines of a table by column, read without the code under test. */
export function linesOf(name: keyof NumberingTables): readonly Record<string, string>[] {
  return parse(tables[name].text, { columns: true });
}

/** The tables with one text changed. */
export function withText(name: keyof NumberingTables, edit: (text: string) => string): NumberingTables {
  return { ...tables, [name]: { file: tables[name].file, text: edit(tables[name].text) } };
}

/** The tables with one more line at the end of a table. */
export function withLine(name: keyof NumberingTables, line: string): NumberingTables {
  return withText(name, (text) => `${text}${line}\n`);
}

/** Digits and choices from a seed, so that a failing run can be run again. */
export function createDice(seed: number): { roll(sides: number): number; digits(count: number): string } {
  let state = seed >>> 0;
  const roll = (sides: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
  return { roll, digits: (count) => Array.from({ length: count }, () => roll(10)).join('') };
}
