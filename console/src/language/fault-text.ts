import { ApiProblem, UnreachableError } from '../api/client.ts';
import { frFilterValues } from './fr-filter-values.ts';
import { frRefusals } from './fr-refusals.ts';
import { withFrenchSpaces } from './french-spaces.ts';
import { type Language, type LanguageCode, named } from './language.tsx';
import { fill } from './text.ts';

/** Refusals by their codes. The API says them in English itself. */
const REFUSALS: Readonly<Record<LanguageCode, Readonly<Record<string, string>>>> = {
  fr: withFrenchSpaces(frRefusals),
  en: {},
};

/** What words of the filter take, where the language has other words for it than the API. */
const FILTER_VALUES: Readonly<Record<LanguageCode, Readonly<Record<string, string>>>> = {
  fr: frFilterValues,
  en: {},
};

/** What went wrong, in the language that is chosen where it has words for it; else as the API says it. */
export function faultText(error: Error, { t, code: language }: Pick<Language, 't' | 'code'>): string {
  if (error instanceof UnreachableError) return t.fault.unreachable;
  if (!(error instanceof ApiProblem)) return error.message;
  const { code, detail, values = {} } = error.problem;
  if (code === 'forbidden') {
    const [, scope] = /'([a-z]+:[a-z]+)'/.exec(detail) ?? [];
    return scope === undefined ? detail : fill(t.common.notAllowed, { scope });
  }
  const words = REFUSALS[language][code];
  if (words === undefined) return detail;
  const { condition, name = '' } = values;
  const possible = code === 'filter-value-unusable' ? FILTER_VALUES[language][name] : undefined;
  return fill(words, {
    ...values,
    ...(condition === undefined ? {} : { condition: named(t.condition, condition) }),
    ...(possible === undefined ? {} : { possible }),
  });
}

/** Whether what went wrong is told in words of the language, which say what to do, too. */
export function isTranslated(error: Error, { code: language }: Pick<Language, 'code'>): boolean {
  if (!(error instanceof ApiProblem)) return false;
  const { code } = error.problem;
  return code === 'forbidden' || Object.hasOwn(REFUSALS[language], code);
}
