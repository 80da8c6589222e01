import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { useCount } from '../api/cases.ts';
import { FIRST_FILTER, OPEN_CASES } from '../api/queue-path.ts';
import { type SavedView, dropView, saveView, takeBrowsersViews, useSavedViews } from '../api/views.ts';
import { faultText } from '../language/fault-text.ts';
import { useLanguage } from '../language/language.tsx';
import { fill, visibleText } from '../language/text.ts';
import { useMay } from '../shell/me.ts';
import { tellDone } from '../shell/undo-bar.tsx';
import { NewView } from './new-view.tsx';

export interface ViewsProps {
  readonly filter: string;
  readonly apply: (filter: string) => void;
  /** Whether the queue itself is there: what it takes to count comes after it. */
  readonly mayCount: boolean;
}

/** Filters with names: those that everybody has, those that the team shares, and one's own. */
export function Views({ filter, apply, mayCount }: ViewsProps): ReactNode {
  const { t, code } = useLanguage();
  const [isNaming, setIsNaming] = useState(false);
  const { data = [] } = useTakenAlong();
  const saved = data.toSorted((a, b) => a.name.localeCompare(b.name, code));
  const fixed = [
    { name: t.views.open, filter: FIRST_FILTER },
    { name: t.views.money, filter: `${FIRST_FILTER} money:>10` },
    { name: t.views.dialler, filter: `${FIRST_FILTER} condition:distinct-numbers` },
    { name: t.views.behaviour, filter: `${FIRST_FILTER} condition:conversational-use` },
    { name: t.views.mine, filter: `${FIRST_FILTER} assignee:me` },
    { name: t.views.snoozed, filter: `${OPEN_CASES} snoozed:yes` },
    { name: t.views.decided, filter: 'state:decided' },
  ];
  const chosen = saved.filter((view) => view.filter === filter);
  const isKept = chosen.length > 0 || fixed.some((view) => view.filter === filter);
  return (
    <nav className="views" aria-label={t.views.title}>
      {fixed.map((view) => (
        <View key={view.filter} {...view} current={filter} apply={apply} mayCount={mayCount} />
      ))}
      {saved.map((view) => (
        <View
          key={view.no}
          name={view.name}
          filter={view.filter}
          sharedBy={view.isShared ? view.owner : null}
          current={filter}
          apply={apply}
          mayCount={mayCount}
        />
      ))}
      {chosen.map((view) => (
        <ViewActs key={view.no} view={view} isOne={chosen.length === 1} />
      ))}
      {!isKept && !isNaming && (
        <button type="button" className="view keep" onClick={() => setIsNaming(true)}>
          + {t.views.save}
        </button>
      )}
      {isNaming && <NewView filter={filter} close={() => setIsNaming(false)} />}
    </nav>
  );
}

/** The saved views; those that this browser kept before the ledger kept any are taken along first. */
function useTakenAlong(): ReturnType<typeof useSavedViews> {
  const language = useLanguage();
  const queries = useQueryClient();
  const asked = useSavedViews();
  const kept = asked.data;
  useEffect(() => {
    if (kept === undefined) return;
    void takeBrowsersViews(queries, kept).then((refused) => {
      const [first] = refused;
      if (first === undefined) return;
      const text = fill(language.t.views.notTaken, { name: first.name, why: faultText(first.why, language) });
      tellDone({ text, isFault: true, undo: null });
    });
  }, [kept, queries, language]);
  return asked;
}

interface ViewProps extends ViewsProps {
  readonly name: string;
  readonly current: string;
  readonly sharedBy?: string | null;
}

function View({ name, filter, current, sharedBy = null, apply, mayCount }: ViewProps): ReactNode {
  const { t } = useLanguage();
  return (
    <button
      type="button"
      className="view"
      aria-current={filter === current ? 'true' : undefined}
      title={sharedBy === null ? undefined : fill(t.views.sharedBy, { name: sharedBy })}
      onClick={() => apply(filter)}
    >
      <bdi>{visibleText(name)}</bdi>
      {sharedBy !== null && (
        <>
          <span aria-hidden="true" className="view-shared">
            ⧉
          </span>
          <span className="unseen"> ({t.views.shared})</span>
        </>
      )}
      <ViewCount filter={filter} mayCount={mayCount} />
    </button>
  );
}

function ViewCount({ filter, mayCount }: { readonly filter: string; readonly mayCount: boolean }): ReactNode {
  const { f } = useLanguage();
  const { data } = useCount(filter, mayCount);
  return <span className="count">{data === undefined ? '' : f.count(data.cases)}</span>;
}

/** What can be done with a view that is open: share it, or forget it. */
function ViewActs({ view, isOne }: { readonly view: SavedView; readonly isOne: boolean }): ReactNode {
  const language = useLanguage();
  const { t } = language;
  const queries = useQueryClient();
  const mayShare = useMay('cases:decide');
  const acting = useMutation({
    mutationFn: (act: () => Promise<void>) => act(),
    onError: (error) => tellDone({ text: faultText(error, language), isFault: true, undo: null }),
  });
  const { name, filter, isShared, isOwn } = view;
  const mark = isOne ? '' : ` · ${name}`;
  return (
    <>
      {isOwn && mayShare && (
        <button
          type="button"
          className="view keep"
          disabled={acting.isPending}
          onClick={() => acting.mutate(() => saveView(queries, { name, filter, isShared: !isShared }))}
        >
          {isShared ? t.views.unshare : t.views.share}
          {mark}
        </button>
      )}
      {(isOwn || mayShare) && (
        <button
          type="button"
          className="view keep"
          disabled={acting.isPending}
          onClick={() => acting.mutate(() => dropView(queries, view))}
        >
          − {t.views.drop}
          {mark}
        </button>
      )}
    </>
  );
}
