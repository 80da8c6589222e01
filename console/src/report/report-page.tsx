import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { type Report, useMoney, usePeriods, useReport } from '../api/pages.ts';
import { Bars } from '../charts/bars.tsx';
import { DayColumns } from '../charts/day-columns.tsx';
import { named, useLanguage } from '../language/language.tsx';
import { sumOfMoney } from '../language/money.ts';
import { fill } from '../language/text.ts';
import { CoverageMark } from '../parts/coverage-mark.tsx';
import { FaultNote } from '../parts/fault-note.tsx';
import { Figure } from '../parts/figure.tsx';
import { MonthChoice, useMonth } from '../parts/month-choice.tsx';
import { StateChip } from '../parts/state-chip.tsx';

const route = getRouteApi('/report');
const COVERAGES = ['included', 'metered', 'free'] as const;
const TONES = { included: 'included', metered: 'charged', free: 'free' } as const;

/** What a month comes to. */
export function ReportPage(): ReactNode {
  const { t, f } = useLanguage();
  const navigate = useNavigate();
  const { month } = route.useSearch();
  const period = useMonth(month);
  const asked = useReport(period);
  const money = useMoney(period);
  const periods = usePeriods();
  const state = periods.data?.periods.find((each) => each.period === period)?.state;
  useEffect(() => {
    document.title = `${t.nav.report} · ${t.appTitle}`;
  }, [t]);
  const report = asked.data;
  // Without a month in the address no report is asked for where the months could not be read.
  const fault = asked.error ?? (period === undefined ? periods.error : null);
  return (
    <div className="page">
      <header className="page-head">
        <h1>{period === undefined ? t.nav.report : fill(t.report.title, { month: f.month(period) })}</h1>
        {state !== undefined && <span className="chip">{named(t.report, state)}</span>}
        {period !== undefined && (
          <MonthChoice
            period={period}
            choose={(chosen) => void navigate({ to: '/report', search: { month: chosen } })}
          />
        )}
      </header>
      {fault !== null && (
        <FaultNote error={fault} retry={() => void Promise.all([periods.refetch(), asked.refetch()])} />
      )}
      {fault === null && asked.isPending && <p className="loading">{t.common.loading}</p>}
      {report !== undefined && (
        <>
          <div className="figures">
            <Figure label={t.report.charged} tone="charged">
              {f.money(report.charge, report.currency)}
            </Figure>
            <Figure label={t.report.atStake} tone="stake">
              {f.money(report.atStake, report.currency)}
            </Figure>
            <Figure label={t.report.calls}>
              {f.count(Object.values(report.coverage).reduce((sum, { calls }) => sum + calls, 0))}
            </Figure>
            <Figure label={t.report.worth}>
              {f.money(
                sumOfMoney(Object.values(report.coverage).map(({ meteredPrice }) => meteredPrice)),
                report.currency,
              )}
            </Figure>
          </div>
          {report.destinations.length === 0 ? (
            <p className="lead">{t.linePage.noCalls}</p>
          ) : (
            <div className="halves">
              {money.data === undefined ? (
                <div className="panel" />
              ) : (
                <DayColumns
                  title={t.report.byDay}
                  period={report.period}
                  days={money.data.days}
                  currency={money.data.currency}
                />
              )}
              <section className="panel">
                <h2>{t.report.byCoverage}</h2>
                <Bars
                  title={t.report.byCoverage}
                  bars={COVERAGES.map((coverage) => ({
                    key: coverage,
                    label: <CoverageMark coverage={coverage} />,
                    value: report.coverage[coverage]?.calls ?? 0,
                    text: f.plural(t.verdict.calls, report.coverage[coverage]?.calls ?? 0),
                    tone: TONES[coverage],
                  }))}
                />
                <h2>{t.report.byDestination}</h2>
                <Bars title={t.report.byDestination} bars={destinationBars(report, f.money)} />
              </section>
            </div>
          )}
          {report.lines.length > 0 && <LinesTable report={report} />}
        </>
      )}
    </div>
  );
}

const MOST_BARS = 8;

function destinationBars(report: Report, money: (text: string, currency: string) => string) {
  return report.destinations
    .filter(({ coverage }) => coverage === 'metered')
    .toSorted((a, b) => Number(b.charge) - Number(a.charge))
    .slice(0, MOST_BARS)
    .map(({ destination, charge }) => ({
      key: destination,
      label: destination,
      value: Number(charge),
      text: money(charge, report.currency),
      tone: 'charged' as const,
    }));
}

function LinesTable({ report }: { readonly report: Report }): ReactNode {
  const { t, f } = useLanguage();
  return (
    <section className="panel">
      <h2>{t.report.lines}</h2>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{t.queue.columns.line}</th>
            <th scope="col">{t.queue.columns.customer}</th>
            <th scope="col">{t.queue.columns.conditions}</th>
            <th scope="col">{t.queue.columns.state}</th>
            <th scope="col" className="number">
              {t.queue.columns.atStake}
            </th>
            <th scope="col" className="number">
              {t.case.charge}
            </th>
          </tr>
        </thead>
        <tbody>
          {report.lines.map((each) => (
            <tr key={each.line}>
              <td>
                <Link to="/cases/$line/$period" params={{ line: each.line, period: report.period }}>
                  {each.line}
                </Link>
              </td>
              <td>{each.accountName}</td>
              <td>{each.breaches.map(({ condition }) => named(t.condition, condition)).join(', ')}</td>
              <td>{each.case !== null && <StateChip state={each.case} />}</td>
              <td className="number">{f.money(each.atStake, report.currency)}</td>
              <td className="number">{f.money(each.meteredCharge, report.currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
