import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { type CasePage, type ListedCase, caseKey, readAhead, useCases, useCasesNow, useCount } from '../api/cases.ts';
import { pathOf } from '../api/path-of.ts';
import { FIRST_FILTER } from '../api/queue-path.ts';
import { ActDialog, type ActKind } from '../case/act-dialog.tsx';
import { type BulkDecision, BulkDialog, type Chosen } from '../case/bulk-dialog.tsx';
import { DecideDialog } from '../case/decide-dialog.tsx';
import type { DecisionKind } from '../case/decisions.ts';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { ExportMenu } from '../export/export-menu.tsx';
import { FaultNote } from '../parts/fault-note.tsx';
import { focusContent } from '../parts/focus-content.ts';
import { useKeys } from '../parts/keys.ts';
import { useMay } from '../shell/me.ts';
import { CaseTable } from './case-table.tsx';
import { EmptyQueue } from './empty-queue.tsx';
import { FilterBox } from './filter-box.tsx';
import { select, selectWhole, setCursor, toggleSelected, useCursor, useSelection } from './selection.ts';
import { Views } from './views.tsx';

const route = getRouteApi('/');
const BULK: readonly BulkDecision[] = ['confirm', 'dismiss'];

function clear(): void {
  select([]);
}

/** The queue: what costs money first. */
export function QueuePage(): ReactNode {
  const { t, f } = useLanguage();
  const { q: filter = FIRST_FILTER } = route.useSearch();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const asked = useCases(filter);
  const selected = useSelection(filter);
  const cursor = useCursor();
  const mayDecide = useMay('cases:decide');
  const [decision, setDecision] = useState<DecisionKind | null>(null);
  const [bulkDecision, setBulkDecision] = useState<BulkDecision | null>(null);
  const [act, setAct] = useState<ActKind | null>(null);
  const counted = useCount(filter, asked.data !== undefined);
  // Of thousands of rows: read once a page that comes, and not at each step of the keyboard.
  const cases = useMemo(() => asked.data?.pages.flatMap((page) => page.cases) ?? [], [asked.data]);
  const keys = useMemo(() => cases.map(caseKey), [cases]);
  const found = cursor === null ? -1 : keys.indexOf(cursor);
  const at = found < 0 && cases.length > 0 ? 0 : found;
  const current = cases[at];
  const chosen = useMemo(
    () =>
      selected.kind === 'some' && selected.keys.size > 0
        ? cases.filter((_, index) => selected.keys.has(keys[index] ?? ''))
        : [],
    [cases, keys, selected],
  );
  const page = asked.data?.pages.at(-1);
  const first = asked.data?.pages[0];

  useEffect(() => {
    document.title = `${t.queue.title} · ${t.appTitle}`;
  }, [t]);
  // Where the page was opened from is gone: the keys of the queue are heard from here.
  useEffect(focusContent, []);
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
  const bulk: Chosen =
    selected.kind === 'filter'
      ? {
          kind: 'filter',
          filter,
          except: [...selected.except.values()],
          count: Math.max(0, (counted.data?.cases ?? 0) - selected.except.size),
        }
      : { kind: 'cases', cases: chosen, count: chosen.length };
  const decide = (kind: DecisionKind): void => {
    // Before the queue is read there is nothing to decide on, and nothing is to come up later by itself.
    if (!mayDecide || current === undefined) return;
    if (bulk.count === 0) setDecision(kind);
    else if (isBulk(kind)) setBulkDecision(kind);
  };
  const begin = (kind: ActKind): void => {
    if (mayDecide && current !== undefined) setAct(kind);
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
    x: () => (current === undefined ? undefined : toggleSelected(current, filter)),
    Escape: clear,
    c: () => decide('confirm'),
    d: () => decide('dismiss'),
    r: () => decide('reinstate'),
    a: () => begin('assign'),
    n: () => begin('note'),
    s: () => begin('snooze'),
  });

  return (
    <div className="page queue-page">
      <h1 className="unseen">{t.queue.title}</h1>
      <div className="queue-head">
        <Views filter={filter} apply={apply} mayCount={asked.data !== undefined} />
        <FilterBox key={filter} value={filter} apply={apply} />
      </div>
      <div className="queue-bar">
        {counted.data !== undefined && (
          <p className="queue-count">
            <strong>{f.plural(t.queue.count, counted.data.cases)}</strong>
            <span>{fill(t.queue.atStakeSum, { money: f.money(counted.data.atStake, counted.data.currency) })}</span>
          </p>
        )}
        {first !== undefined && (
          <ExportMenu
            path={pathOf('/v1/cases', { filter, charged: 'true' })}
            name="fairtally-cases"
            timeZone={first.timeZone}
          />
        )}
        {first !== undefined && <News filter={filter} first={first} shown={keys} show={() => void asked.refetch()} />}
        {bulk.count > 0 && (
          <div className="bulk-bar">
            <span>{f.plural(t.queue.selected, bulk.count)}</span>
            {mayDecide &&
              BULK.map((kind) => (
                <button key={kind} type="button" className="button small" onClick={() => setBulkDecision(kind)}>
                  {t.decision[kind]} <kbd aria-hidden="true">{kind.slice(0, 1)}</kbd>
                </button>
              ))}
            {counted.data !== undefined && bulk.count < counted.data.cases && (
              <button type="button" className="quiet" onClick={() => selectWhole(filter)}>
                {fill(t.queue.wholeFilter, { count: f.count(counted.data.cases) })}
              </button>
            )}
            <button type="button" className="quiet" onClick={clear}>
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
      {bulkDecision !== null && (
        <BulkDialog decision={bulkDecision} chosen={bulk} close={() => setBulkDecision(null)} />
      )}
      {act !== null && current !== undefined && <ActDialog id={current} kind={act} close={() => setAct(null)} />}
      {decision !== null && current !== undefined && (
        <DecideDialog
          id={current}
          filter={filter}
          decision={decision}
          close={() => setDecision(null)}
          decided={() => setCursor(nextKey(cases, at))}
        />
      )}
    </div>
  );
}

function isBulk(decision: DecisionKind): decision is BulkDecision {
  return decision === 'confirm' || decision === 'dismiss';
}

/** The case that comes up when the one at `at` leaves. */
function nextKey(cases: readonly ListedCase[], at: number): string | null {
  const next = cases[at + 1] ?? cases[at - 1];
  return next === undefined ? null : caseKey(next);
}

interface NewsProps {
  readonly filter: string;
  readonly first: CasePage;
  /** The keys of the cases that are listed. */
  readonly shown: readonly string[];
  readonly show: () => void;
}

/** Cases that came since the queue was read: said, and put in when they are asked for. */
function News({ filter, first, shown, show }: NewsProps): ReactNode {
  const { t, f } = useLanguage();
  const now = useCasesNow(filter, first);
  const listed = useMemo(() => new Set(shown), [shown]);
  const count = shown.length === 0 ? 0 : newOnes(now.data.cases, listed);
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
