import type { ReactNode } from 'react';
import { ApiProblem } from '../api/client.ts';
import { faultText, isTranslated } from '../language/fault-text.ts';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';

export interface FaultNoteProps {
  readonly error: Error;
  /** Reads again what could not be read. */
  readonly retry?: () => void;
}

/** What happened, what was kept, what to do. Where something is read, nothing is said of what was kept. */
export function FaultNote({ error, retry }: FaultNoteProps): ReactNode {
  const language = useLanguage();
  const { t } = language;
  const problem = error instanceof ApiProblem ? error.problem : null;
  return (
    <div className="fault" role="alert">
      <strong>{retry === undefined ? t.fault.refused : t.fault.title}</strong>
      <p>
        {faultText(error, language)} {retry === undefined && t.fault.kept}
      </p>
      {problem?.remedy !== undefined && !isTranslated(error, language) && (
        <p>{fill(t.fault.remedy, { remedy: problem.remedy })}</p>
      )}
      {furtherErrors(problem).map(({ detail, pointer }) => (
        <p key={`${pointer} ${detail}`}>
          {pointer === undefined ? '' : `${pointer}: `}
          {detail}
        </p>
      ))}
      {retry !== undefined && (
        <button type="button" className="button" onClick={retry}>
          {t.common.retry}
        </button>
      )}
    </div>
  );
}

/** What is wrong beside what the note has said already. */
function furtherErrors(problem: ApiProblem['problem'] | null): NonNullable<ApiProblem['problem']['errors']> {
  return (problem?.errors ?? []).filter(({ detail }) => detail !== problem?.detail);
}
