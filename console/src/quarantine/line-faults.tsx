import type { ReactNode } from 'react';
import { ApiProblem } from '../api/client.ts';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';

/** A line that was sent to be entered. */
export interface SentLine {
  readonly id: string;
  readonly account: string;
}

/** What was refused of a line that was sent: which field of the form has it, and what the API says of it. */
export interface LineFault {
  readonly line: SentLine;
  readonly field: 'account' | 'offer' | 'from' | 'line';
  /** In English. */
  readonly detail: string;
}

const FIELDS: readonly (readonly [RegExp, LineFault['field']])[] = [
  [/^\/account$/, 'account'],
  [/^\/spans\/\d+\/offer$/, 'offer'],
  [/^\/spans\/\d+\/from$/, 'from'],
];

/** What was refused, by line and field; nothing where the refusal is of no line that was sent. */
export function lineFaults(error: Error | null, sent: readonly SentLine[]): LineFault[] {
  if (!(error instanceof ApiProblem)) return [];
  return (error.problem.errors ?? []).flatMap(({ pointer = '', detail }) => {
    const [, at, rest = ''] = /^\/lines\/(\d+)(\/.*)?$/.exec(pointer) ?? [];
    const line = at === undefined ? undefined : sent[Number(at)];
    if (line === undefined) return [];
    const field = FIELDS.find(([path]) => path.test(rest))?.[1] ?? 'line';
    return [{ line, field, detail }];
  });
}

/** What was refused, a sentence each, and what was kept. */
export function LineFaults({ faults }: { readonly faults: readonly LineFault[] }): ReactNode {
  const { t } = useLanguage();
  const { refused } = t.quarantine;
  return (
    <div className="fault" role="alert">
      <strong>{t.fault.refused}</strong>
      {faults.map(({ line, field, detail }) => (
        <p key={`${line.id} ${field} ${detail}`}>
          {fill(refused[field], { line: line.id, account: line.account })}{' '}
          {field !== 'account' && <span lang="en">{detail}</span>}
        </p>
      ))}
      <p>{refused.kept}</p>
    </div>
  );
}
