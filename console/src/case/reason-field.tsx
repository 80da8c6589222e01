import { type ReactNode, type RefObject, useId } from 'react';
import { useLanguage } from '../language/language.tsx';
import { focusContent } from '../parts/focus-content.ts';
import { fill } from '../language/text.ts';
import type { DecisionKind } from './decisions.ts';

/** Most characters that the API takes. */
const MOST_CHARACTERS = 10_000;

/** Whether a reason can be sent. */
export function isReason(text: string): boolean {
  const { length } = text.trim();
  return length > 0 && length <= MOST_CHARACTERS;
}

export interface ReasonFieldProps {
  readonly decision: DecisionKind;
  readonly value: string;
  readonly change: (value: string) => void;
  /** Whether it was to be sent, and could not be. */
  readonly isMissing: boolean;
  readonly box: RefObject<HTMLTextAreaElement | null>;
}

/** Why it is decided so: a usual reason, and words of one's own. Ctrl and Enter send the form. */
export function ReasonField({ decision, value, change, isMissing, box }: ReasonFieldProps): ReactNode {
  const { t, f } = useLanguage();
  const id = useId();
  const isTooLong = value.trim().length > MOST_CHARACTERS;
  const isFault = isTooLong || (isMissing && value.trim() === '');
  const fault = isTooLong
    ? fill(t.decide.reasonTooLong, { count: f.count(value.trim().length), most: f.count(MOST_CHARACTERS) })
    : t.decide.reasonMissing;
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
          if (event.key === 'Escape') focusContent();
          if (event.key !== 'Enter' || event.shiftKey) return;
          event.preventDefault();
          event.currentTarget.form?.requestSubmit();
        }}
      />
      <p id={`${id}-hint`} className={isFault ? 'field-fault' : 'hint'}>
        {isFault ? fault : t.decide.reasonHint}
      </p>
    </div>
  );
}
