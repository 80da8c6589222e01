import { type ReactNode, useId } from 'react';
import { firstPeriod, usePeriods } from '../api/pages.ts';
import { useLanguage } from '../language/language.tsx';

export interface MonthChoiceProps {
  readonly period: string;
  readonly choose: (period: string) => void;
}

/** The months that have calls, and the one that is shown: the ledger may know nothing of it. */
export function MonthChoice({ period, choose }: MonthChoiceProps): ReactNode {
  const { t, f } = useLanguage();
  const id = useId();
  const { data } = usePeriods();
  const withCalls = (data?.periods ?? []).filter(({ hasEntries }) => hasEntries).map((each) => each.period);
  const months = [...new Set([...withCalls, period])].toSorted();
  return (
    <div className="month-choice">
      <label htmlFor={id}>{t.report.month}</label>
      <select id={id} value={period} onChange={(event) => choose(event.target.value)}>
        {months.map((month) => (
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
