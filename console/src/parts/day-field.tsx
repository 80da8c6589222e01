import type { ReactNode, RefObject } from 'react';
import { useLanguage } from '../language/language.tsx';

export interface DayFieldProps {
  readonly id: string;
  /** `2026-11-03`, or nothing. */
  readonly value: string;
  readonly change: (value: string) => void;
  readonly isRequired?: boolean;
  /** Whether it was refused. */
  readonly isRefused?: boolean;
  readonly box?: RefObject<HTMLInputElement | null>;
}

/**
 * A day to be chosen. The browser shows it in its own form, `11/03/2026`, whatever the language of the page: which day
 * that is stands beside it in words.
 */
export function DayField({ id, value, change, isRequired = false, isRefused = false, box }: DayFieldProps): ReactNode {
  const { f } = useLanguage();
  return (
    <>
      <input
        ref={box}
        id={id}
        type="date"
        required={isRequired}
        aria-invalid={isRefused}
        value={value}
        aria-describedby={`${id}-day`}
        onChange={(event) => change(event.target.value)}
      />
      <span id={`${id}-day`} className="hint">
        {value === '' ? '' : f.wholeDay(value)}
      </span>
    </>
  );
}
