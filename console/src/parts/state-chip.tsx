import type { ReactNode } from 'react';
import { named, useLanguage } from '../language/language.tsx';

const SIGNS: Readonly<Record<string, string>> = {
  open: '○',
  decided: '●',
  withdrawn: '–',
  'in-force': '▶',
  undecided: '?',
  confirmed: '✓',
  dismissed: '✕',
  reinstated: '↺',
};

/** Where a case or a breach stands: a sign, a word, a colour. */
export function StateChip({ state }: { readonly state: string }): ReactNode {
  const { t } = useLanguage();
  const text = named({ ...t.state, ...t.status }, state);
  return (
    <span className={`chip chip-${state}`}>
      <span aria-hidden="true">{SIGNS[state] ?? '·'}</span>
      {text}
    </span>
  );
}
