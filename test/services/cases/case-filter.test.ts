import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FILTER_WORDS, parseCaseFilter } from '../../../services/index.ts';
import { compileCivilTime } from '../../../tariffs/index.ts';

const CONTEXT = { me: 'Anne', now: Date.UTC(2026, 10, 29), civilTime: compileCivilTime('Europe/Paris') };
const SEED = { seed: Number(process.env['SEED'] ?? 20_261_129), numRuns: 500 };

describe('parseCaseFilter()', () => {
  it('answers any text with clauses or a refusal that names one of its words', () => {
    const part = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom(
        ...FILTER_WORDS.map((word) => `${word}:`),
        '-',
        '"',
        ',',
        ' ',
        '>',
        'open',
        '2026-11',
        '3d',
        'me',
      ),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const text = parts.join('');
        const parsed = parseCaseFilter(text, CONTEXT);
        if (!('code' in parsed)) return;
        for (const { values } of [parsed, ...parsed.others]) expect(text).toContain(values['word']);
      }),
      SEED,
    );
  });

  it('takes a word for itself, its opposite, several values, and what has spaces', () => {
    expect(parseCaseFilter('-assignee:"Anne Martin",none money:<=12.5 "two words"', CONTEXT)).toEqual([
      { on: 'assignee', names: ['Anne Martin', null], isNegated: true },
      { on: 'money', is: '<=', value: 12_500_000, isNegated: false },
      { on: 'text', text: 'two words', isNegated: false },
    ]);
    expect(parseCaseFilter('due:<3d', CONTEXT)).toEqual([
      { on: 'due', is: '<', value: Date.UTC(2026, 11, 2), timeZone: 'Europe/Paris', isNegated: false },
    ]);
    expect(parseCaseFilter('assignee:me', { ...CONTEXT, me: null })).toMatchObject({ code: 'filter-value-unusable' });
  });
});
