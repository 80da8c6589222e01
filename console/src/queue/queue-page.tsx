import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { type ListedCase, caseKey, readAhead, useCases, useCasesNow } from '../api/cases.ts';
import { BulkDialog } from '../case/bulk-dialog.tsx';
import { DecideDialog } from '../case/decide-dialog.tsx';
import type { DecisionKind } from '../case/decisions.ts';
import { useLanguage } from '../language/language.tsx';
import { sumOfMoney } from '../language/money.ts';
import { fill } from '../language/text.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { useKeys } from '../parts/keys.ts';
import { useMay } from '../shell/me.ts';
import { CaseTable } from './case-table.tsx';
import { EmptyQueue } from './empty-queue.tsx';
import { FilterBox } from './filter-box.tsx';
import { select, setCursor, toggleSelected, useCursor, useSelection } from './selection.ts';
import { FIRST_FILTER, Views } from './views.tsx';

const route = getRouteApi('/');

/** The queue: what costs money first. */
export function QueuePage(): ReactNode {
  const { t, f } = useLanguage();
  const { q: filter = FIRST_FILTER } = route.useSearch();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const asked = useCases(filter);
  const selected = useSelection();
  const cursor = useCursor();
  const mayDecide = useMay('cases:decide');
  const [decision, setDecision] = useState<DecisionKind | null>(null);
  const cases = asked.data?.pages.flatMap((page) => page.cases) ?? [];
  const found = cases.findIndex((each) => caseKey(each) === cursor);
  const at = found < 0 && cases.length > 0 ? 0 : found;
  const current = cases[at];
  const chosen = cases.filter((each) => selected.has(caseKey(each)));
  const page = asked.data?.pages.at(-1);

  useEffect(() => {
    document.title = `${t.queue.title} · ${t.appTitle}`;
  }, [t]);
  const line = current?.line;
  const period = current?.period;
  useEffect(() => {
    if (line !== undefined && period !== undefined) readAhead(queries, { line, period });
  }, [queries, line, period]);

  const apply = (next: string): void => void navigate({ to: '/', search: next === '' ? {} : { q: next } });
  const move = (step: number): void => {
    const next = cases[Math.max(0, Math.min(cases.length - 1, at + step))];
    if (next !== undefined) setCursor(caseKey(next));
  };
  const decide = (kind: DecisionKind): void => {
    if (mayDecide && (current !== undefined || chosen.length > 0)) setDecision(kind);
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => {
      if (current === undefined) return;
      const { line: id, period: month } = current;
      void navigate({ to: '/cases/$line/$period', params: { line: id, period: month }, search: { q: filter } });
    },
    x: () => (current === undefined ? undefined : toggleSelected(caseKey(current))),
    Escape: () => select([]),
    c: () => decide('confirm'),
    d: () => decide('dismiss'),
    r: () => decide('reinstate'),
  });

  return (
    <div className="page queue-page">
      <h1 className="unseen">{t.queue.title}</h1>
      <div className="queue-head">
        <Views filter={filter} apply={apply} />
        <FilterBox value={filter} apply={apply} />
      </div>
      <div className="queue-bar">
        {page !== undefined && (
          <p className="queue-count">
            <strong>
              {page.next === null
                ? f.plural(t.queue.count, cases.length)
                : fill(t.queue.countMore, { count: f.count(cases.length) })}
            </strong>
            <span>{fill(t.queue.atStakeSum, { money: f.money(sumOfMoney(cases.map(stakeOf)), page.currency) })}</span>
          </p>
        )}
        <News filter={filter} shown={cases} show={() => void asked.refetch()} />
        {chosen.length > 0 && (
          <div className="bulk-bar">
            <span>{f.plural(t.queue.selected, chosen.length)}</span>
            {mayDecide &&
              (['confirm', 'dismiss', 'reinstate'] as const).map((kind) => (
                <button key={kind} type="button" className="button small" onClick={() => setDecision(kind)}>
                  {t.decision[kind]}
                </button>
              ))}
            <button type="button" className="quiet" onClick={() => select(cases.map(caseKey))}>
              {fill(t.queue.selectAll, { count: f.count(cases.length) })}
            </button>
            <button type="button" className="quiet" onClick={() => select([])}>
              {t.queue.clearSelection}
            </button>
          </div>
        )}
      </div>
      {asked.error !== null && <FaultNote error={asked.error} retry={() => void asked.refetch()} />}
      {asked.isPending && <p className="loading">{t.common.loading}</p>}
      {page !== undefined && cases.length === 0 && <EmptyQueue filter={filter} clear={() => apply('')} />}
      {page !== undefined && cases.length > 0 && (
        <CaseTable
          cases={cases}
          page={page}
          filter={filter}
          at={at}
          more={asked.hasNextPage && !asked.isFetching ? () => void asked.fetchNextPage() : null}
        />
      )}
      {decision !== null && chosen.length > 0 && page !== undefined && (
        <BulkDialog decision={decision} cases={chosen} currency={page.currency} close={() => setDecision(null)} />
      )}
      {decision !== null && chosen.length === 0 && current !== undefined && (
        <DecideDialog
          id={current}
          decision={decision}
          close={() => setDecision(null)}
          decided={() => setCursor(nextKey(cases, at))}
        />
      )}
    </div>
  );
}

function stakeOf({ atStake }: ListedCase): string {
  return atStake;
}

/** The case that comes up when the one at `at` leaves. */
function nextKey(cases: readonly ListedCase[], at: number): string | null {
  const next = cases[at + 1] ?? cases[at - 1];
  return next === undefined ? null : caseKey(next);
}

interface NewsProps {
  readonly filter: string;
  readonly shown: readonly ListedCase[];
  readonly show: () => void;
}

/** Cases that came since the queue was read: said, and put in when they are asked for. */
function News({ filter, shown, show }: NewsProps): ReactNode {
  const { t, f } = useLanguage();
  const now = useCasesNow(filter);
  const keys = new Set(shown.map(caseKey));
  const count = now.data === undefined || shown.length === 0 ? 0 : newOnes(now.data.cases, keys);
  return (
    <div className="news" role="status">
      {count > 0 && (
        <>
          {f.plural(t.queue.news, count)}
          <button type="button" className="quiet" onClick={show}>
            {t.queue.showNews}
          </button>
        </>
      )}
    </div>
  );
}

function newOnes(cases: readonly ListedCase[], known: ReadonlySet<string>): number {
  return cases.filter((each) => !known.has(caseKey(each))).length;
}
