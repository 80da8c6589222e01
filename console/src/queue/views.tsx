import { type ReactNode, useState } from 'react';
import { OPEN_CASES, useCount } from '../api/cases.ts';
import { useLanguage } from '../language/language.tsx';
import { usePreference } from '../shell/preferences.ts';

interface View {
  readonly name: string;
  readonly filter: string;
}

export const FIRST_FILTER = OPEN_CASES;

/** Filters with names: those that everybody has, and one's own. */
export function Views({
  filter,
  apply,
  mayCount,
}: {
  readonly filter: string;
  readonly apply: (filter: string) => void;
  /** Whether the queue itself is there: what it takes to count comes after it. */
  readonly mayCount: boolean;
}): ReactNode {
  const { t } = useLanguage();
  const [kept, keep] = usePreference('views');
  const [name, setName] = useState<string | null>(null);
  const own = readViews(kept);
  const views: readonly View[] = [
    { name: t.queue.viewOpen, filter: FIRST_FILTER },
    { name: t.queue.viewMoney, filter: 'state:open money:>10' },
    { name: t.queue.viewDialler, filter: 'state:open condition:distinct-numbers' },
    { name: t.queue.viewBehaviour, filter: 'state:open condition:conversational-use' },
    { name: t.queue.viewMine, filter: 'state:open assignee:me' },
    { name: t.queue.viewDecided, filter: 'state:decided' },
    ...own,
  ];
  const chosen = own.find((view) => view.filter === filter);
  const isKept = views.some((view) => view.filter === filter);
  const save = (): void => {
    if (name !== null && name.trim() !== '') keep(JSON.stringify([...own, { name: name.trim(), filter }]));
    setName(null);
  };
  return (
    <nav className="views" aria-label={t.queue.views}>
      {views.map((view) => (
        <button
          key={`${view.name} ${view.filter}`}
          type="button"
          className="view"
          aria-current={view.filter === filter ? 'true' : undefined}
          onClick={() => apply(view.filter)}
        >
          {view.name}
          <ViewCount filter={view.filter} mayCount={mayCount} />
        </button>
      ))}
      {chosen !== undefined && (
        <button
          type="button"
          className="view keep"
          onClick={() => keep(JSON.stringify(own.filter((view) => view !== chosen)))}
        >
          − {t.queue.dropView}
        </button>
      )}
      {!isKept && name === null && (
        <button type="button" className="view keep" onClick={() => setName('')}>
          + {t.queue.saveView}
        </button>
      )}
      {name !== null && (
        <form
          className="view-form"
          onSubmit={(event) => {
            event.preventDefault();
            save();
          }}
        >
          <input
            aria-label={t.queue.viewName}
            placeholder={t.queue.viewName}
            value={name}
            onChange={(event) => setName(event.target.value)}
            onKeyDown={(event) => (event.key === 'Escape' ? setName(null) : undefined)}
          />
        </form>
      )}
    </nav>
  );
}

function ViewCount({ filter, mayCount }: { readonly filter: string; readonly mayCount: boolean }): ReactNode {
  const { f } = useLanguage();
  const { data } = useCount(filter, mayCount);
  return <span className="count">{data === undefined ? '' : f.count(data.cases)}</span>;
}

function readViews(kept: string): View[] {
  try {
    const read: unknown = JSON.parse(kept);
    return Array.isArray(read) ? (read as View[]).filter((view) => typeof view?.filter === 'string') : [];
  } catch {
    return [];
  }
}
