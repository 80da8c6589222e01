import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { AuditPage } from '../../../api/index.ts';
import { ask } from '../api/client.ts';
import { pathOf } from '../api/path-of.ts';
import { type Catalogue } from '../language/fr.ts';
import { named, useLanguage } from '../language/language.tsx';
import { FaultNote } from '../parts/fault-note.tsx';
import { useZone } from '../shell/me.ts';

const ACTIONS = ['decide', 'change', 'export', 'read'] as const;
const PAGE = 50;

/** Who decided, changed, exported or read what, the latest first. */
export function AuditPanel(): ReactNode {
  const { t, f } = useLanguage();
  const [action, setAction] = useState<string>(ACTIONS[0]);
  const zone = useZone();
  const asked = useInfiniteQuery({
    queryKey: ['audit', action],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      ask<AuditPage>(pathOf('/v1/audit', { action, limit: PAGE, before: pageParam }), { signal }),
    getNextPageParam: ({ next }) => next,
  });
  const records = asked.data?.pages.flatMap((page) => page.records) ?? [];
  return (
    <section className="panel" aria-labelledby="audit-title">
      <header className="panel-head">
        <h2 id="audit-title">{t.team.audit}</h2>
        <select aria-label={t.team.what} value={action} onChange={(event) => setAction(event.target.value)}>
          {ACTIONS.map((each) => (
            <option key={each} value={each}>
              {t.team.action[each]}
            </option>
          ))}
        </select>
      </header>
      {asked.error !== null && <FaultNote error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data !== undefined && records.length === 0 && <p className="hint">{t.team.nothing}</p>}
      {records.length > 0 && (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t.team.when}</th>
              <th scope="col">{t.team.who}</th>
              <th scope="col">{t.team.about}</th>
              <th scope="col">{t.team.why}</th>
            </tr>
          </thead>
          <tbody>
            {records.map(({ no, at, name, route, subject }) => (
              <tr key={no}>
                <td>{f.instant(at, zone)}</td>
                <td>{name}</td>
                <td>
                  {[subject['line'], subject['period'], subject['filter']].filter(isText).join(' ')}{' '}
                  <span title={route}>{deedOf(route, subject, t)}</span>
                </td>
                <td>{isText(subject['note']) && <q>{subject['note']}</q>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {asked.hasNextPage && (
        <button type="button" className="button" onClick={() => void asked.fetchNextPage()}>
          {t.common.more}
        </button>
      )}
    </section>
  );
}

/** What was done, in words; a route that has none is named as it is. */
function deedOf(route: string, subject: AuditPage['records'][number]['subject'], t: Catalogue): string {
  const { decision, kind, assignee } = subject;
  if (isText(decision)) return named(t.decision, decision);
  if (!route.endsWith('/acts') || !isText(kind)) return named(t.team.route, route);
  const value = isText(assignee) ? ` · ${assignee}` : '';
  return `${named(t.act.title, kind)}${value}`;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
