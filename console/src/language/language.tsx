import { type ReactNode, createContext, useContext, useEffect, useMemo } from 'react';
import { usePreference } from '../shell/preferences.ts';
import { en } from './en.ts';
import { type Format, formatOf } from './format.ts';
import { type Catalogue, fr as typed } from './fr.ts';
import { withFrenchSpaces } from './french-spaces.ts';

export const LANGUAGES = ['fr', 'en'] as const;
export type LanguageCode = (typeof LANGUAGES)[number];

const fr = withFrenchSpaces(typed);
const CATALOGUES: Readonly<Record<LanguageCode, Catalogue>> = { fr, en };

export interface Language {
  readonly code: LanguageCode;
  readonly t: Catalogue;
  readonly f: Format;
}

const LanguageContext = createContext<Language>({ code: 'fr', t: fr, f: formatOf(fr.locale) });

/** The texts and the forms of values of the language that is chosen: French until another is. */
export function useLanguage(): Language {
  return useContext(LanguageContext);
}

export function catalogueOf(code: LanguageCode): Catalogue {
  return CATALOGUES[code];
}

export function LanguageProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [chosen] = usePreference('language');
  const code: LanguageCode = chosen === 'en' ? 'en' : 'fr';
  useEffect(() => {
    document.documentElement.lang = code;
  }, [code]);
  const language = useMemo(() => ({ code, t: CATALOGUES[code], f: formatOf(CATALOGUES[code].locale) }), [code]);
  return <LanguageContext value={language}>{children}</LanguageContext>;
}

/** A text by a code that the API sends, which may be newer than this console: the code itself then. */
export function named(texts: Readonly<Record<string, string>>, code: string): string {
  return texts[code] ?? code;
}
