import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { classifyLine } from '../../../bin/commands/classify.ts';
import { loadNumberingPlan } from '../../../bin/load-numbering-plan.ts';

interface NumberCase {
  readonly dialled: string;
  readonly e164_or_short: string;
  readonly destination: string;
  readonly included: string;
}

const cases: readonly NumberCase[] = parse(readFileSync(new URL('number-cases.csv', import.meta.url), 'utf8'), {
  columns: true,
});

/**
 * Names that form a pair by default only: nobody publishes which ranges belong to which half (numbering/data/README).
 */
function withoutPlaceholder(destination: string): string {
  return destination.replace(/ (OLO|OBL|VAS)$/, '').replace(/^Suède$/, 'Suède Fixe');
}

describe('classify() on the number cases', () => {
  const plan = loadNumberingPlan();
  const includedNames = new Set(plan.includedNames);

  test('there are 494', () => expect(cases).toHaveLength(494));

  test.each(cases)('$dialled is $e164_or_short, $destination', (wanted) => {
    const answer = classifyLine(plan, includedNames, wanted.dialled);
    const isRefused = wanted.destination === 'invalid';
    expect(answer.e164 ?? answer.shortCode ?? '').toBe(wanted.e164_or_short);
    expect(answer.refusal !== undefined).toBe(isRefused);
    expect(withoutPlaceholder(answer.destination ?? 'invalid')).toBe(withoutPlaceholder(wanted.destination));
    expect(answer.included ? 'yes' : 'no').toBe(wanted.included);
  });

  test('is the same of bytes', () => {
    const ascii = cases.map(({ dialled }) => dialled).filter((dialled) => /^[\0-\x7f]*$/.test(dialled));
    expect(ascii.length).toBeGreaterThan(400);
    for (const dialled of ascii) {
      const bytes = Buffer.from(`1${dialled}1`);
      expect(plan.classifyBytes(bytes, 1, bytes.length - 1)).toEqual(plan.classify(dialled));
    }
  });
});
