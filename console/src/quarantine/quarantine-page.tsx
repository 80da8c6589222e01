import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import type { QuarantinePage as Page, Replayed } from '../../../api/index.ts';
import { ask, askOnce, pathOf } from '../api/client.ts';
import { faultText } from '../language/fault-text.ts';
import { named, useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { useMay, useZone } from '../shell/me.ts';
import { tellDone } from '../shell/undo-bar.tsx';
import { AcceptForm } from './accept-form.tsx';
import { ProvisionForm } from './provision-form.tsx';
import { leadingDigit } from './number-guesses.ts';
import { NumberForm } from './repair-form.tsx';
import { RepairsPanel } from './repairs-panel.tsx';
import { GROUP_ORDER, type ReasonGroup, groupOf } from './reason-groups.ts';

const route = getRouteApi('/quarantine');
const PAGE = 100;

/** What could not be rated: by what mends it, then by reason; the records of a reason; and another try. */
export function QuarantinePage(): ReactNode {
  const { t, f } = useLanguage();
  const { reason } = route.useSearch();
  const asked = useInfiniteQuery({
    queryKey: ['quarantine', reason ?? null],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      ask<Page>(pathOf('/v1/quarantine', { reason, limit: PAGE, after: pageParam }), { signal }),
    getNextPageParam: ({ next }) => next,
    // The list of reasons stays, and with it the focus, while the records of another are read.
    placeholderData: keepPreviousData,
  });
  useEffect(() => {
    document.title = `${t.quarantine.title} · ${t.appTitle}`;
  }, [t]);
  const counts = asked.data?.pages[0]?.counts ?? [];
  const waiting = counts.filter(({ state }) => state === 'waiting').reduce((sum, { records }) => sum + records, 0);
  const groups = Map.groupBy(counts, ({ reason: of, state }) => groupOf(of, state));
  const records = asked.isPlaceholderData ? [] : (asked.data?.pages.flatMap((page) => page.records) ?? []);
  const group = reason === undefined ? null : groupOf(reason, 'waiting');
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t.quarantine.title}</h1>
        {asked.data !== undefined && (
          <p className="lead">
            {waiting === 0 ? t.quarantine.empty : fill(t.quarantine.lead, { count: f.count(waiting) })}
          </p>
        )}
      </header>
      {asked.error !== null && <FaultNote error={asked.error} retry={() => void asked.refetch()} />}
      {asked.isPending && <p className="loading">{t.common.loading}</p>}
      {asked.data !== undefined && (
        <div className="two-columns">
          <nav className="panel reasons-list" aria-label={t.quarantine.reasons}>
            {GROUP_ORDER.filter((each) => groups.has(each)).map((each) => (
              <section key={each}>
                <h2>{t.group[each]}</h2>
                <ul>
                  {(groups.get(each) ?? []).map((count) => (
                    <li key={`${count.reason} ${count.state}`}>
                      <Reason count={count} isChosen={count.reason === reason} isSettled={each === 'settled'} />
                    </li>
                  ))}
                </ul>
              </section>
            ))}
          </nav>
          <section className="panel" aria-labelledby="records-title">
            <header className="panel-head">
              <h2 id="records-title">{reason === undefined ? t.quarantine.records : named(t.reasons, reason)}</h2>
              {reason !== undefined && reason !== 'conflict' && records.length > 0 && <ReplayButton reason={reason} />}
            </header>
            {asked.isPlaceholderData && <p className="loading">{t.common.loading}</p>}
            {group !== null && reason !== undefined && records.length > 0 && (
              <Advice group={group} reason={reason} records={records} counts={counts} />
            )}
            {records.length > 0 && <Records records={records} />}
            {records.length === 0 && !asked.isPlaceholderData && <p className="hint">{t.quarantine.noneOfReason}</p>}
            {asked.hasNextPage && (
              <button type="button" className="button" onClick={() => void asked.fetchNextPage()}>
                {t.common.more}
              </button>
            )}
          </section>
        </div>
      )}
      <RepairsPanel />
    </div>
  );
}

interface ReasonProps {
  readonly count: Page['counts'][number];
  readonly isChosen: boolean;
  readonly isSettled: boolean;
}

function Reason({ count, isChosen, isSettled }: ReasonProps): ReactNode {
  const { t, f } = useLanguage();
  const text = (
    <>
      <span>
        {named(t.reasons, count.reason)}
        {isSettled && <span className="hint"> · {named(t.settled, count.state)}</span>}
      </span>
      <b>{f.count(count.records)}</b>
    </>
  );
  if (isSettled) return <span className="reason-row">{text}</span>;
  return (
    <Link
      to="/quarantine"
      search={isChosen ? {} : { reason: count.reason }}
      className="reason-row"
      aria-current={isChosen ? 'true' : undefined}
    >
      {text}
    </Link>
  );
}

function ReplayButton({ reason }: { readonly reason: string }): ReactNode {
  const language = useLanguage();
  const { t, f } = language;
  const queries = useQueryClient();
  const may = useMay('quarantine:write');
  const replaying = useMutation({
    mutationFn: () => askOnce<Replayed>('/v1/quarantine/replay', { reason }),
    onSuccess: ({ tried, rated }) => {
      const text = fill(t.quarantine.replayed, { tried: f.count(tried), rated: f.count(rated) });
      tellDone({ text, isFault: false, undo: null });
      void queries.invalidateQueries();
    },
    onError: (error) => tellDone({ text: faultText(error, language), isFault: true, undo: null }),
  });
  if (!may) return null;
  return (
    <button type="button" className="button" disabled={replaying.isPending} onClick={() => replaying.mutate()}>
      {replaying.isPending ? t.quarantine.replaying : t.quarantine.replay}
    </button>
  );
}

/** Rules of `fairtally rate` and, without the dashes, of topics and of the API. */
const TRUNK_RULES = [`--dial-prefix 'trunk-op:9='`, `--dial-prefix '=+33'        `];

interface AdviceProps {
  readonly group: ReasonGroup;
  readonly reason: string;
  readonly counts: Page['counts'];
  readonly records: Page['records'];
}

/** What mends these records; where it can be done here, by who may, the form; else the file to import. */
function Advice({ group, reason, counts, records }: AdviceProps): ReactNode {
  const { t } = useLanguage();
  const mayProvision = useMay('provisioning:write');
  const mayAccept = useMay('quarantine:write');
  const lines = [...new Set(records.flatMap(({ line }) => line ?? []))].toSorted();
  // A digit before each number looks like a range that is missing, and is none.
  const isBehindDigit = group === 'prefix' && leadingDigit(records.flatMap(({ dialled }) => dialled ?? [])) !== null;
  const told = isBehindDigit ? 'trunk' : group;
  return (
    <div className="advice">
      <p>{t.advice[told]}</p>
      {(group === 'prefix' || group === 'trunk') && mayAccept && (
        <NumberForm key={reason} records={records} isRule={told === 'trunk'} />
      )}
      {told === 'trunk' && (
        <details>
          <summary>{t.quarantine.trunkSource}</summary>
          <pre>{TRUNK_RULES.map((rule, index) => `${rule}   ${t.quarantine.trunkHow[index]}`).join('\n')}</pre>
          <p>{t.quarantine.trunkAgain}</p>
        </details>
      )}
      {group === 'line' && lines.length > 0 && mayProvision && (
        <ProvisionForm reason={reason} records={records} before={counts} />
      )}
      {reason === 'start-implausible' && mayAccept && <AcceptForm records={records} />}
      {group === 'line' && lines.length > 0 && !mayProvision && (
        <details>
          <summary>{t.quarantine.copyLines}</summary>
          <pre>{['line,account,from', ...lines.map((line) => `${line},…,…`)].join('\n')}</pre>
        </details>
      )}
    </div>
  );
}

function Records({ records }: { readonly records: Page['records'] }): ReactNode {
  const { t, f } = useLanguage();
  const timeZone = useZone();
  return (
    <table className="plain records">
      <thead>
        <tr>
          <th scope="col" className="number">
            #
          </th>
          <th scope="col">{t.quarantine.line}</th>
          <th scope="col">{t.quarantine.dialled}</th>
          <th scope="col">{t.case.start}</th>
          <th scope="col">{t.quarantine.record}</th>
        </tr>
      </thead>
      <tbody>
        {records.map((each) => (
          <tr key={each.no}>
            <td className="number quiet-cell">{each.no}</td>
            <td>{each.line ?? '–'}</td>
            <td>
              <code>{each.dialled ?? '–'}</code>
            </td>
            <td className="instant">{each.startedAt === null ? '–' : f.instant(each.startedAt, timeZone)}</td>
            <td>
              {/* The engine's words, in which records are spoken of everywhere. Of what was read the heading says it. */}
              {each.dialled === null && <span lang="en">{each.detail}</span>}
              {each.reason === 'conflict' && each.call !== null && !each.call.includes('*') && (
                <Link to="/calls/$call" params={{ call: each.call }} search={{}}>
                  {fill(t.quarantine.compare, { call: each.call })}
                </Link>
              )}
              <details>
                <summary>
                  {t.quarantine.show} <span className="hint">{each.format}</span>
                </summary>
                {each.dialled !== null && <p lang="en">{each.detail}</p>}
                <pre>{each.record}</pre>
              </details>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
