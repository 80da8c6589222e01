import { describe, expect, test } from 'vitest';
import { loadNumberingPlan } from '../../../bin/load-numbering-plan.ts';
import { createDice, linesOf } from './tables.ts';

/** One line of a table, read as a regular expression: nothing here is shared with the compiled plan. */
interface NaiveRow {
  readonly starts: RegExp;
  readonly prefixLength: number;
  readonly lengths: readonly number[] | null;
  readonly answer: string;
}

const countryCodes = linesOf('countryCodes').map((line) => line['country_code'] ?? '');

function naiveRow(pattern: string, lengths: string, answer: string): NaiveRow {
  const source = pattern.replaceAll('X', '[0-9]');
  return {
    starts: new RegExp(`^${source}`),
    prefixLength: source.replaceAll(/\[[^\]]*\]/g, 'X').length,
    lengths: lengths === '' ? null : lengths.split(' ').flatMap(spanOf),
    answer,
  };
}

function spanOf(part: string): number[] {
  const [low = 0, high = low] = part.split('-').map(Number);
  return Array.from({ length: high - low + 1 }, (_, position) => low + position);
}

const cell = (line: Record<string, string>, column: string): string => line[column] ?? '';

const outcomeRows = [
  ...linesOf('destinations').map((line) =>
    naiveRow(cell(line, 'e164_prefix'), cell(line, 'nsn_lengths'), cell(line, 'destination_fr')),
  ),
  ...linesOf('countryCodes')
    .filter((line) => line['destination_fr'] !== '')
    .map((line) => naiveRow(cell(line, 'country_code'), '', cell(line, 'destination_fr'))),
  ...linesOf('invalidRanges').map((line) => naiveRow(cell(line, 'e164_prefix'), '', cell(line, 'refusal'))),
];

const lengthRows = [
  ...linesOf('countryCodes').map((line) => naiveRow(cell(line, 'country_code'), cell(line, 'nsn_lengths'), '')),
  ...linesOf('lengthRules').map((line) => naiveRow(cell(line, 'e164_prefix'), cell(line, 'nsn_lengths'), '')),
];

const roots = linesOf('overseasRoots').map((line) => ({
  from: `33${cell(line, 'national_root').slice(1)}`,
  to: cell(line, 'e164_root'),
}));

const REFUSED = /^(unassigned-number|routing-prefix)$/;

function naiveAnswer(digits: string): string {
  const root = roots.filter(({ from }) => digits.startsWith(from)).toSorted((a, b) => b.from.length - a.from.length)[0];
  const nsnLength = digits.length - (countryCodes.find((code) => digits.startsWith(code))?.length ?? digits.length);
  const winner = outcomeRows
    .filter((row) => row.starts.test(digits) && (row.lengths === null || row.lengths.includes(nsnLength)))
    .toSorted((a, b) => b.prefixLength - a.prefixLength || Number(a.lengths === null) - Number(b.lengths === null))[0];
  const isOverseas = root !== undefined && root.from.length > (winner?.prefixLength ?? 0);
  if (!isOverseas && (winner === undefined || REFUSED.test(winner.answer)))
    return winner?.answer ?? 'unassigned-number';
  const rule = lengthRows
    .filter((row) => row.starts.test(digits))
    .toSorted((a, b) => b.prefixLength - a.prefixLength)[0];
  if (digits.length > 15 || digits.length < 7 || rule?.lengths?.includes(nsnLength) !== true) return 'wrong-length';
  return isOverseas ? naiveAnswer(root.to + digits.slice(root.from.length)) : (winner?.answer ?? '');
}

describe('the compiled trie', () => {
  test('finds what a plain search for the longest prefix finds', () => {
    const plan = loadNumberingPlan();
    const dice = createDice(3);
    const prefixes = [
      ...linesOf('destinations').map((line) => cell(line, 'e164_prefix').replaceAll(/\[.*\]/g, '')),
      ...roots.map(({ from }) => from),
      ...linesOf('specialRanges').map((line) => cell(line, 'e164_prefix').replaceAll(/\[.*|X.*/g, '')),
      ...countryCodes,
    ];
    const seen = new Set<string>();
    for (let run = 0; run < 12_000; run++) {
      const prefix = dice.roll(10) === 0 ? String(1 + dice.roll(999)) : (prefixes[dice.roll(prefixes.length)] ?? '');
      const digits = prefix + dice.digits(Math.max(0, 6 + dice.roll(10) - prefix.length));
      // 330… is repaired before the plan is asked, and has its own cases.
      if (digits.startsWith('330') || digits.startsWith('0')) continue;
      const answer = naiveAnswer(digits);
      const found = plan.classify(`+${digits}`);
      expect(`${digits} ${found.kind === 'number' ? found.destination.name : found.reason}`).toBe(
        `${digits} ${answer}`,
      );
      seen.add(answer);
    }
    expect(seen.size).toBeGreaterThan(250);
  });

  test('gives every overseas root the same answer as its E.164 form', () => {
    const plan = loadNumberingPlan();
    for (const { from, to } of roots) {
      const nationalDigits = from.startsWith('33700') ? 12 : 9;
      const rest = '1'.repeat(nationalDigits + 2 - from.length);
      expect(plan.classify(`0${from.slice(2)}${rest}`)).toEqual(plan.classify(`+${to}${rest}`));
      expect(plan.classify(`+${to}${rest}`).kind).toBe('number');
    }
  });
});
