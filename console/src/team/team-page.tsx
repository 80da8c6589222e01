import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import type { CasePage, ListedCase } from '../api/cases.ts';
import { ask } from '../api/client.ts';
import { pathOf } from '../api/path-of.ts';
import { type Report, usePeriods, useReport } from '../api/pages.ts';
import { Bars } from '../charts/bars.tsx';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { named, useLanguage } from '../language/language.tsx';
import { sumOfMoney } from '../language/money.ts';
import { fill } from '../language/text.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { MonthChoice, useMonth } from '../parts/month-choice.tsx';
import { useMayAsk } from '../shell/me.ts';
import { AuditPanel } from './audit-panel.tsx';

const route = getRouteApi('/team');
const DAY_MS = 86_400_000;
const AGES = [3, 7, 14, 28] as const;
const MOST_CASES = 1000;

/** The lead's page: who has what, how old it is, how often each condition turns out to be wrong, who decided what. */
export function TeamPage(): ReactNode {
  const { t, f } = useLanguage();
  const navigate = useNavigate();
  const { month } = route.useSearch();
  const period = useMonth(month);
  const periods = usePeriods();
  const report = useReport(period);
  const mayAudit = useMayAsk('audit:read');
  const open = useQuery({
    queryKey: ['open-cases'],
    queryFn: ({ signal }) =>
      ask<CasePage>(pathOf('/v1/cases', { filter: 'state:open', limit: MOST_CASES }), { signal }),
  });
  useEffect(() => {
    document.title = `${t.team.title} · ${t.appTitle}`;
  }, [t]);
  const fault = report.error ?? open.error ?? (period === undefined ? periods.error : null);
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t.team.title}</h1>
        {period !== undefined && (
          <MonthChoice period={period} choose={(chosen) => void navigate({ to: '/team', search: { month: chosen } })} />
        )}
      </header>
      {fault !== null && (
        <FaultNote
          error={fault}
          retry={() => void Promise.all([periods.refetch(), report.refetch(), open.refetch()])}
        />
      )}
      <div className="halves">
        {open.data !== undefined && <Workload page={open.data} />}
        {open.data !== undefined && <Ages cases={open.data.cases} />}
      </div>
      {typeof open.data?.next === 'string' && (
        <p className="hint">{fill(t.team.firstOnly, { count: f.count(open.data.cases.length) })}</p>
      )}
      {report.data !== undefined && (
        <>
          <Conditions report={report.data} />
          <Decisions report={report.data} />
        </>
      )}
      {mayAudit && <AuditPanel />}
    </div>
  );
}

function Workload({ page }: { readonly page: CasePage }): ReactNode {
  const { t, f } = useLanguage();
  const people = [...Map.groupBy(page.cases, ({ assignee }) => assignee ?? '')].toSorted(
    (a, b) => b[1].length - a[1].length,
  );
  return (
    <section className="panel">
      <h2>{t.team.workload}</h2>
      <Bars
        title={t.team.workload}
        bars={people.map(([name, cases]) => ({
          key: name,
          label: (
            <Link to="/" search={{ q: `state:open assignee:${name === '' ? 'none' : quoted(name)}` }}>
              {name === '' ? t.team.nobody : name}
            </Link>
          ),
          value: cases.length,
          text: `${f.plural(t.queue.count, cases.length)}, ${f.money(sumOfMoney(cases.map(({ atStake }) => atStake)), page.currency)}`,
        }))}
      />
    </section>
  );
}

function quoted(name: string): string {
  return /\s/.test(name) ? `"${name}"` : name;
}

function Ages({ cases }: { readonly cases: readonly ListedCase[] }): ReactNode {
  const { t, f } = useLanguage();
  const [now] = useState(() => Date.now());
  const ages = cases.map(({ since }) => (since === null ? 0 : (now - Date.parse(since)) / DAY_MS));
  const last = AGES.at(-1) ?? 0;
  const bars = AGES.map((days, index) => ({
    key: String(days),
    label: fill(t.team.ageUnder, { days: f.count(days) }),
    value: ages.filter((age) => age < days && age >= (AGES[index - 1] ?? 0)).length,
  }));
  const over = {
    key: 'over',
    label: fill(t.team.ageOver, { days: f.count(last) }),
    value: ages.filter((age) => age >= last).length,
  };
  return (
    <section className="panel">
      <h2>{t.team.age}</h2>
      <Bars
        title={t.team.age}
        bars={[...bars, over].map((bar) => ({ ...bar, text: f.count(bar.value), tone: 'stake' as const }))}
      />
    </section>
  );
}

function Conditions({ report }: { readonly report: Report }): ReactNode {
  const { t, f } = useLanguage();
  const breaches = report.lines.flatMap((line) => line.breaches);
  const conditions = [...Map.groupBy(breaches, ({ condition }) => condition)].toSorted(
    (a, b) => b[1].length - a[1].length,
  );
  const countOf = (own: typeof breaches, status: string): number => own.filter((each) => each.status === status).length;
  return (
    <section className="panel">
      <h2>{t.team.conditions}</h2>
      {conditions.length === 0 ? (
        <p className="hint">{t.team.nothingFound}</p>
      ) : (
        <ScrollBox label={t.team.conditions}>
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{t.team.condition}</th>
                <th scope="col" className="number">
                  {t.team.found}
                </th>
                <th scope="col" className="number">
                  {t.team.undecided}
                </th>
                <th scope="col" className="number">
                  {t.team.confirmed}
                </th>
                <th scope="col" className="number">
                  {t.team.dismissed}
                </th>
                <th scope="col" className="number">
                  {t.team.share}
                </th>
                <th scope="col" className="number">
                  {t.team.money}
                </th>
              </tr>
            </thead>
            <tbody>
              {conditions.map(([condition, own]) => {
                const dismissed = countOf(own, 'dismissed');
                const decided = dismissed + countOf(own, 'confirmed');
                return (
                  <tr key={condition}>
                    <th scope="row">
                      <Link to="/" search={{ q: `state:all condition:${condition} period:${report.period}` }}>
                        {named(t.condition, condition)}
                      </Link>
                    </th>
                    <td className="number">{f.count(own.length)}</td>
                    <td className="number">{f.count(countOf(own, 'undecided'))}</td>
                    <td className="number">{f.count(countOf(own, 'confirmed'))}</td>
                    <td className="number">{f.count(dismissed)}</td>
                    <td className="number">{decided === 0 ? '–' : f.percent(dismissed / decided)}</td>
                    <td className="number">
                      {f.money(sumOfMoney(own.map(({ meteredCharge }) => meteredCharge)), report.currency)}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </ScrollBox>
      )}
    </section>
  );
}

const MOST_DECISIONS = 50;

function Decisions({ report }: { readonly report: Report }): ReactNode {
  const { t, f } = useLanguage();
  const decisions = report.lines
    .flatMap((line) =>
      line.breaches.flatMap((breach) => breach.decisions.map((each) => ({ line, condition: breach.condition, each }))),
    )
    .toSorted((a, b) => (b.each.decidedAt ?? '').localeCompare(a.each.decidedAt ?? ''))
    .slice(0, MOST_DECISIONS);
  return (
    <section className="panel">
      <h2>{t.team.decisions}</h2>
      {decisions.length === 0 && <p className="hint">{t.team.none}</p>}
      {decisions.length > 0 && (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t.team.when}</th>
              <th scope="col">{t.team.who}</th>
              <th scope="col">{t.queue.columns.line}</th>
              <th scope="col">{t.team.what}</th>
              <th scope="col">{t.team.why}</th>
            </tr>
          </thead>
          <tbody>
            {decisions.map(({ line, condition, each }) => (
              <tr key={`${line.line} ${condition} ${each.decidedAt} ${each.kind}`}>
                <td>{each.decidedAt === null ? '' : f.instant(each.decidedAt, report.timeZone)}</td>
                <td>{each.by}</td>
                <td>
                  <Link to="/cases/$line/$period" params={{ line: line.line, period: report.period }}>
                    {line.line}
                  </Link>
                </td>
                <td>
                  {named(t.decision, each.kind)} · {named(t.condition, condition)}
                </td>
                <td>{each.note}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
