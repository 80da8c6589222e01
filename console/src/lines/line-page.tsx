import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { usePattern } from '../api/cases.ts';
import { Bars } from '../charts/bars.tsx';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { CallsTable } from '../case/calls-table.tsx';
import { FaultNote } from '../parts/fault-note.tsx';
import { LineCard } from './line-card.tsx';
import { MonthChoice } from '../parts/month-choice.tsx';
import { useMe } from '../shell/me.ts';

const route = getRouteApi('/lines/$line/$period');

/** A line over its months, whether it has a case or not. */
export function LinePage(): ReactNode {
  const { t, f } = useLanguage();
  const { line, period } = route.useParams();
  const navigate = useNavigate();
  const asked = usePattern({ line, period });
  useEffect(() => {
    document.title = `${fill(t.linePage.title, { line })} · ${t.appTitle}`;
  }, [t, line]);
  const currency = useMe()?.currency ?? 'EUR';
  const pattern = asked.data;
  const months =
    pattern === undefined
      ? []
      : [
          { period, distinct: pattern.numbersCalled },
          ...pattern.earlier.map((month) => ({
            period: month.period,
            distinct: month.days.at(-1)?.distinctNumbers ?? 0,
          })),
        ];
  return (
    <div className="page">
      <header className="page-head">
        <h1>{fill(t.linePage.title, { line })}</h1>
        {asked.error === null && <LineCard line={line} />}
        <MonthChoice
          period={period}
          choose={(chosen) => void navigate({ to: '/lines/$line/$period', params: { line, period: chosen } })}
        />
        <Link to="/cases/$line/$period" params={{ line, period }} className="button small">
          {t.linePage.openCase}
        </Link>
      </header>
      {asked.error !== null && <FaultNote error={asked.error} retry={() => void asked.refetch()} />}
      {asked.isPending && <p className="loading">{t.common.loading}</p>}
      {pattern !== undefined && (
        <>
          <section className="panel">
            <h2>
              {t.linePage.months} <span className="hint">{t.linePage.distinct}</span>
            </h2>
            <Bars
              title={t.linePage.months}
              bars={months.map((month) => ({
                key: month.period,
                label: (
                  <Link to="/lines/$line/$period" params={{ line, period: month.period }}>
                    {f.month(month.period)}
                  </Link>
                ),
                value: month.distinct,
                text: f.count(month.distinct),
              }))}
            />
          </section>
          <section className="panel">
            <h2>
              {t.case.callsAll} <span className="hint">{f.plural(t.verdict.calls, pattern.callsInMonth)}</span>
            </h2>
            {pattern.callsInMonth === 0 ? (
              <p className="hint">{t.linePage.noCalls}</p>
            ) : (
              <CallsTable calls={pattern.calls} currency={currency} timeZone={pattern.timeZone} />
            )}
          </section>
        </>
      )}
    </div>
  );
}
