import { type ReactNode, type RefObject, useId } from 'react';
import { useLanguage } from '../language/language.tsx';
import type { DecisionKind } from './decisions.ts';

export interface ReasonFieldProps {
  readonly decision: DecisionKind;
  readonly value: string;
  readonly change: (value: string) => void;
  readonly isMissing: boolean;
  readonly box: RefObject<HTMLTextAreaElement | null>;
}

/** Why it is decided so: a usual reason, and words of one's own. Ctrl and Enter send the form. */
export function ReasonField({ decision, value, change, isMissing, box }: ReasonFieldProps): ReactNode {
  const { t } = useLanguage();
  const id = useId();
  const isFault = isMissing && value.trim() === '';
  return (
    <div className="field">
      <label htmlFor={id}>{t.decide.reason}</label>
      <div className="reasons" role="group" aria-label={t.decide.reasonLabel[decision]}>
        {t.decide.reasons[decision].map((reason) => (
          <button
            key={reason}
            type="button"
            className="reason"
            aria-pressed={value === reason}
            onClick={() => {
              change(reason);
              box.current?.focus();
            }}
          >
            {reason}
          </button>
        ))}
      </div>
      <textarea
        id={id}
        ref={box}
        rows={2}
        value={value}
        aria-invalid={isFault}
        aria-describedby={`${id}-hint`}
        onChange={(event) => change(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
          if (event.key !== 'Enter' || event.shiftKey) return;
          event.preventDefault();
          event.currentTarget.form?.requestSubmit();
        }}
      />
      <p id={`${id}-hint`} className={isFault ? 'field-fault' : 'hint'}>
        {isFault ? t.decide.reasonMissing : t.decide.reasonHint}
      </p>
    </div>
  );
}
