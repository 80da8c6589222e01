import { expect, it } from 'vitest';
import { HTTP_PROBLEMS } from '../../api/problem.ts';
import { frRefusals } from '../../console/src/language/fr-refusals.ts';
import { REFUSALS } from '../../services/index.ts';

const SENTENCES: Readonly<Record<string, { readonly sentence: string }>> = REFUSALS;

/** The names of the values in a sentence: `{line}`, `{calls|call|calls}`. */
function valuesIn(sentence: string): string[] {
  return [...sentence.matchAll(/\{(\w+)/g)].map(([, name]) => name ?? '');
}

it('French refusals are of codes that the API has, and name values that come with them', () => {
  const wrong = Object.entries(frRefusals).flatMap(([code, words]) => {
    const said = SENTENCES[code];
    if (said === undefined) return code in HTTP_PROBLEMS && valuesIn(words).length === 0 ? [] : [code];
    const has = new Set(valuesIn(said.sentence));
    return valuesIn(words).flatMap((name) => (has.has(name) ? [] : [`${code}: ${name}`]));
  });
  expect(wrong).toEqual([]);
});
