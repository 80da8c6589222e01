import { useQueryClient } from '@tanstack/react-query';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useDeferredValue, useEffect, useMemo, useState } from 'react';
import {
  type CaseId,
  type ListedCase,
  caseKey,
  isSameCase,
  casePath,
  readAhead,
  useCase,
  useCases,
  usePattern,
} from '../api/cases.ts';
import { ExportMenu } from '../export/export-menu.tsx';
import { useLanguage } from '../language/language.tsx';
import { fill, visibleText } from '../language/text.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { focusContent } from '../parts/focus-content.ts';
import { useKeys } from '../parts/keys.ts';
import { useIsPrinting } from '../parts/use-printing.ts';
import { StateChip } from '../parts/state-chip.tsx';
import { setCursor } from '../queue/selection.ts';
import { FIRST_FILTER } from '../api/queue-path.ts';
import { useMay } from '../shell/me.ts';
import { Icon } from '../shell/icons.tsx';
import { ActDialog, type ActKind } from './act-dialog.tsx';
import { CallsOf } from './calls-link.tsx';
import { CallsPanel } from './calls-panel.tsx';
import { CostsOnPaper } from './costs-on-paper.tsx';
import { DecideForm } from './decide-form.tsx';
import type { DecisionKind } from './decisions.ts';
import { DestinationsPanel } from './destinations-panel.tsx';
import { DevicesPanel } from './devices-panel.tsx';
import { GrowthChart } from './growth-chart.tsx';
import { HeatMap } from './heat-map.tsx';
import { HistoryPanel } from './history-panel.tsx';
import { OthersHere } from './others-here.tsx';
import { NumbersPanel } from './numbers-panel.tsx';
import { Timeline } from './timeline.tsx';
import { useTypedAhead } from './typed-ahead.ts';
import { Verdict } from './verdict.tsx';

const route = getRouteApi('/cases/$line/$period');
/** So many cases before the end of what was read of a queue, more of it is read. */
const NEAR_END = 20;
const ACTS: readonly ActKind[] = ['assign', 'note', 'snooze'];

/** One case: what there is to know before it is decided on, and the decision. */
export function CasePage(): ReactNode {
  const id = route.useParams();
  // Another case is another page: nothing that was typed for one is left on the other.
  return <OneCase key={caseKey(id)} id={id} />;
}

function OneCase({ id }: { readonly id: CaseId }): ReactNode {
  const { t, f } = useLanguage();
  const { q, calls } = route.useSearch();
  const filter = q ?? FIRST_FILTER;
  const place = useMemo(() => ({ line: id.line, period: id.period, q }), [id.line, id.period, q]);
  const asked = useCase(id);
  const pattern = usePattern(id);
  // What was found, what a decision costs and the two charts are painted first; what is below follows at once, and so
  // does what is asked of the server for later: effects of a key press come before its painting.
  const isRestDue = useDeferredValue(true, false);
  const { queue, at, hasMore, go } = useNeighbours(id, filter, isRestDue);
  const [decision, setDecision] = useState<DecisionKind>('confirm');
  const [count, setCount] = useState(0);
  const [act, setAct] = useState<ActKind | null>(null);
  const mayDecide = useMay('cases:decide');
  const seesNumbers = useMay('numbers:read');
  const navigate = useNavigate();
  // Of a case that is not there nothing can be said.
  const mayAct = mayDecide && (asked.data !== undefined || asked.error === null);
  const open = (kind: ActKind): void => {
    if (mayAct) setAct(kind);
  };
  const decide = (kind: DecisionKind): void => {
    if (!mayAct) return;
    setDecision(kind);
    setCount(count + 1);
  };
  /** On to the next case of the queue; from its end to the one before, and from the last to the queue. */
  const leave = (): void => go(at >= 0 && at < queue.length - 1 ? 1 : -1, true);
  useKeys({
    j: () => go(1),
    k: () => go(-1),
    c: () => decide('confirm'),
    d: () => decide('dismiss'),
    r: () => decide('reinstate'),
    a: () => open('assign'),
    n: () => open('note'),
    s: () => open('snooze'),
    Escape: () => void navigate({ to: '/', search: { q: filter } }),
  });
  useEffect(() => {
    document.title = `${fill(t.case.title, { line: id.line })} · ${t.appTitle}`;
    focusContent();
  }, [t, id.line]);

  useTypedAhead(id, count > 0 && asked.isPending);
  const shown = asked.data;
  const [now] = useState(() => Date.now());
  const isSnoozed = typeof shown?.snoozedUntil === 'string' && Date.parse(shown.snoozedUntil) > now;
  // Nothing is found there any more, and nothing was decided: there is nothing to decide.
  const isWithdrawn = shown?.summary.breaches.length === 0 && shown.summary.heldByEarlierMonths.length === 0;
  return (
    <div className="page case-page">
      <header className="case-head">
        <nav className="case-place" aria-label={t.nav.cases}>
          <Link to="/" search={{ q: filter }} className="quiet">
            ← {t.case.back}
          </Link>
          <button type="button" className="quiet" onClick={() => go(-1)} disabled={at <= 0} aria-keyshortcuts="k">
            {t.case.previous} <kbd>k</kbd>
          </button>
          <button
            type="button"
            className="quiet"
            onClick={() => go(1)}
            disabled={at < 0 || at >= queue.length - 1}
            aria-keyshortcuts="j"
          >
            {t.case.next} <kbd>j</kbd>
          </button>
          {at >= 0 && (
            <span className="hint">
              {fill(hasMore ? t.case.placeOfMore : t.case.place, { at: f.count(at + 1), count: f.count(queue.length) })}
            </span>
          )}
        </nav>
        <div className="case-title">
          <h1>{id.line}</h1>
          {shown !== undefined && (
            <>
              <span className="case-customer" title={shown.summary.accountName}>
                <bdi>{visibleText(shown.summary.accountName)}</bdi> <bdi className="hint">{shown.summary.account}</bdi>
              </span>
              {shown.summary.case !== null && <StateChip state={shown.summary.case} />}
            </>
          )}
          <span className="case-month">{f.month(id.period)}</span>
          {typeof shown?.assignee === 'string' && (
            <span className="case-month">{fill(t.case.hasIt, { name: shown.assignee })}</span>
          )}
          {isSnoozed && (
            <span className="case-month">
              {fill(t.case.snoozedUntil, { day: f.dayOf(shown.snoozedUntil ?? '', shown.timeZone) })}
            </span>
          )}
          {mayAct &&
            ACTS.map((kind) => (
              <button key={kind} type="button" className="quiet" onClick={() => setAct(kind)}>
                {t.act.title[kind]} <kbd aria-hidden="true">{kind.slice(0, 1)}</kbd>
              </button>
            ))}
          {shown !== undefined && (
            <ExportMenu
              path={casePath(id)}
              name={`fairtally-${id.line}-${id.period}`}
              timeZone={shown.timeZone}
              isSmall
            />
          )}
          <button
            type="button"
            className="quiet print-button"
            aria-label={t.common.print}
            title={t.common.print}
            onClick={() => print()}
          >
            <Icon name="print" />
          </button>
        </div>
      </header>
      {isRestDue ? <OthersHere id={id} /> : <p className="others-here" />}
      {asked.isPending && <p className="loading">{t.common.loading}</p>}
      {asked.error !== null && <FaultNote error={asked.error} retry={() => void asked.refetch()} />}
      {shown !== undefined && (
        <CallsOf value={place}>
          <div className="case-grid">
            {shown.isStale && (
              <p className="stale" role="status">
                {t.decide.stale}
              </p>
            )}
            <section className="panel verdict-panel" aria-label={t.case.evidence}>
              {isWithdrawn ? (
                <p>
                  {t.case.takenBack}{' '}
                  <Link to="/lines/$line/$period" params={id}>
                    {fill(t.case.toLine, { line: id.line })}
                  </Link>
                </p>
              ) : (
                <Verdict shown={shown} />
              )}
            </section>
            <GrowthChart shown={shown} pattern={pattern.data} />
            {pattern.data === undefined ? <div className="panel heat" /> : <HeatMap pattern={pattern.data} />}
            <div className="side">
              {!isWithdrawn && (
                <aside className="panel decide-panel" aria-label={t.decide.title}>
                  <h2>{t.decide.title}</h2>
                  <DecideForm
                    shown={shown}
                    filter={filter}
                    decision={decision}
                    choose={setDecision}
                    asked={count}
                    decided={leave}
                  />
                </aside>
              )}
              <CostsOnPaper shown={shown} />
              <HistoryPanel shown={shown} />
              {isRestDue && <DevicesPanel shown={shown} />}
            </div>
            {pattern.data === undefined || !isRestDue ? (
              <div className="panel timeline" />
            ) : (
              <Timeline pattern={pattern.data} currency={shown.currency} />
            )}
            {pattern.error !== null && <FaultNote error={pattern.error} retry={() => void pattern.refetch()} />}
            {isRestDue && (
              <>
                <NumbersPanel shown={shown} pattern={pattern.data} />
                <DestinationsPanel shown={shown} />
                {pattern.data !== undefined && (
                  <CallsPanel pattern={pattern.data} currency={shown.currency} filter={calls} />
                )}
              </>
            )}
            <p className="page-foot hint">
              {fill(t.case.timeZone, { zone: shown.timeZone })} {!seesNumbers && t.case.masked}
              <PrintedOn timeZone={shown.timeZone} />
            </p>
          </div>
        </CallsOf>
      )}
      {act !== null && <ActDialog id={id} kind={act} close={() => setAct(null)} snoozed={leave} />}
    </div>
  );
}

/** Of the evidence on paper: when it was printed. */
function PrintedOn({ timeZone }: { readonly timeZone: string }): ReactNode {
  return useIsPrinting() ? <JustNow timeZone={timeZone} /> : null;
}

function JustNow({ timeZone }: { readonly timeZone: string }): ReactNode {
  const { t, f } = useLanguage();
  const [now] = useState(() => new Date().toISOString());
  return ` ${fill(t.case.printedOn, { at: f.instant(now, timeZone) })}.`;
}

interface Neighbours {
  readonly queue: readonly ListedCase[];
  /** Where the case stands in its queue; -1: it is in none. */
  readonly at: number;
  /** Whether the queue goes on beyond what was read of it. */
  readonly hasMore: boolean;
  /** Opens the case so many places on; from the end of a queue that one leaves, the queue itself. */
  readonly go: (step: number, leaves?: boolean) => void;
}

/**
 * The cases before and after this one in the queue that it was opened from, as it was then.
 * @param isPainted whether the next case may be read ahead
 */
function useNeighbours(id: CaseId, filter: string, isPainted: boolean): Neighbours {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const asked = useCases(filter);
  const now = useMemo(() => asked.data?.pages.flatMap((page) => page.cases) ?? [], [asked.data]);
  const isHere = now.some((each) => isSameCase(each, id));
  // A case that was just decided on has left the queue: what was known before tells its place.
  const [before, setBefore] = useState<readonly ListedCase[]>([]);
  if (isHere && now.length !== before.length) setBefore(now);
  const queue = isHere ? now : before;
  const at = queue.findIndex((each) => isSameCase(each, id));
  const { hasNextPage, isFetching, fetchNextPage } = asked;
  const isNearEnd = at >= 0 && at >= queue.length - NEAR_END;
  useEffect(() => {
    if (isNearEnd && hasNextPage && !isFetching) void fetchNextPage();
  }, [isNearEnd, hasNextPage, isFetching, fetchNextPage]);
  const next = queue[at + 1];
  const nextLine = next?.line;
  const nextPeriod = next?.period;
  useEffect(() => {
    if (!isPainted || nextLine === undefined || nextPeriod === undefined) return;
    readAhead(queries, { line: nextLine, period: nextPeriod });
  }, [queries, nextLine, nextPeriod, isPainted]);
  useEffect(() => setCursor(caseKey(id)), [id]);
  const go = (step: number, leaves = false): void => {
    const target = at < 0 ? undefined : queue[at + step];
    if (target === undefined) {
      if (leaves) void navigate({ to: '/', search: { q: filter } });
      return;
    }
    const { line, period } = target;
    void navigate({ to: '/cases/$line/$period', params: { line, period }, search: { q: filter } });
  };
  return { queue, at, hasMore: asked.hasNextPage, go };
}
