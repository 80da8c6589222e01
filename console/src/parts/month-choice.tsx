import { type ReactNode, useId } from 'react';
import { firstPeriod, usePeriods } from '../api/pages.ts';
import { useLanguage } from '../language/language.tsx';

export interface MonthChoiceProps {
  readonly period: string;
  readonly choose: (period: string) => void;
}

/** The months that have calls. */
export function MonthChoice({ period, choose }: MonthChoiceProps): ReactNode {
  const { t, f } = useLanguage();
  const id = useId();
  const { data } = usePeriods();
  const months = (data?.periods ?? []).filter(({ hasEntries, period: month }) => hasEntries || month === period);
  return (
    <div className="month-choice">
      <label htmlFor={id}>{t.report.month}</label>
      <select id={id} value={period} onChange={(event) => choose(event.target.value)}>
        {months.map(({ period: month }) => (
          <option key={month} value={month}>
            {f.month(month)}
          </option>
        ))}
      </select>
    </div>
  );
}

/** The month of the address, or the one to begin with. */
export function useMonth(asked: string | undefined): string | undefined {
  const { data } = usePeriods();
  return asked ?? firstPeriod(data);
}
