import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import type { QuarantinePage as Page, Replayed } from '../../../api/index.ts';
import { ask, askOnce } from '../api/client.ts';
import { pathOf } from '../api/path-of.ts';
import { faultText } from '../language/fault-text.ts';
import { named, useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { useMay } from '../shell/me.ts';
import { tellDone } from '../shell/undo-bar.tsx';
import { AcceptForm } from './accept-form.tsx';
import { ProvisionForm } from './provision-form.tsx';
import { leadingDigit } from './number-guesses.ts';
import { type Choice, Records } from './records-table.tsx';
import { NumberForm } from './repair-form.tsx';
import { RepairsPanel } from './repairs-panel.tsx';
import { WriteOffForm } from './write-off-form.tsx';
import { GROUP_ORDER, groupOf, type WaitingGroup, waitingGroup } from './reason-groups.ts';

const route = getRouteApi('/quarantine');
const PAGE = 100;

/** What could not be rated: by what mends it, then by reason; the records of a reason; and another try. */
export function QuarantinePage(): ReactNode {
  const { t, f } = useLanguage();
  const { reason, state: listed } = route.useSearch();
  const choice = useChoice(`${reason} ${listed}`);
  const mayWrite = useMay('quarantine:write');
  const asked = useInfiniteQuery({
    queryKey: ['quarantine', reason ?? null, listed ?? null],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      ask<Page>(pathOf('/v1/quarantine', { reason, state: listed, limit: PAGE, after: pageParam }), { signal }),
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
  const isWrittenOff = listed === 'written-off';
  const isShown = (count: Page['counts'][number]): boolean =>
    count.reason === reason && (count.state === 'written-off') === isWrittenOff;
  const group = reason === undefined || isWrittenOff ? null : waitingGroup(reason);
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
                      <Reason count={count} isChosen={isShown(count)} isSettled={each === 'settled'} />
                      {isShown(count) && each !== 'settled' && (
                        <a className="skip" href="#records-title">
                          {t.quarantine.toRecords}
                        </a>
                      )}
                    </li>
                  ))}
                </ul>
              </section>
            ))}
          </nav>
          <section className="panel" aria-labelledby="records-title">
            <header className="panel-head">
              <h2 id="records-title" tabIndex={-1}>
                {reason === undefined ? t.quarantine.records : named(t.reasons, reason)}
              </h2>
              {reason !== undefined && reason !== 'conflict' && !isWrittenOff && records.length > 0 && (
                <ReplayButton reason={reason} />
              )}
            </header>
            {asked.isPlaceholderData && <p className="loading">{t.common.loading}</p>}
            {group !== null && reason !== undefined && records.length > 0 && (
              <Advice group={group} reason={reason} records={records} counts={counts} />
            )}
            {reason !== undefined && mayWrite && records.length > 0 && (
              <WriteOff
                key={`${reason} ${listed}`}
                records={records}
                choice={choice}
                isWrittenOff={isWrittenOff}
                isAdvised={group === 'no-telephone-number'}
              />
            )}
            {records.length > 0 && (
              <Records records={records} choice={reason !== undefined && mayWrite ? choice : null} />
            )}
            {records.length === 0 && !asked.isPlaceholderData && (
              <p className="hint">{isWrittenOff ? t.quarantine.writeOff.none : t.quarantine.noneOfReason}</p>
            )}
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

/** Which records are chosen, of the reason that is shown. */
function useChoice(of: string): Choice {
  const [chosen, setChosen] = useState<{ readonly of: string; readonly nos: ReadonlySet<number> }>({ of, nos: NONE });
  const nos = chosen.of === of ? chosen.nos : NONE;
  const toggle = (no: number): void =>
    setChosen({ of, nos: nos.has(no) ? new Set([...nos].filter((each) => each !== no)) : new Set([...nos, no]) });
  return { chosen: nos, toggle };
}

const NONE: ReadonlySet<number> = new Set();

interface WriteOffProps {
  readonly records: Page['records'];
  readonly choice: Choice;
  readonly isWrittenOff: boolean;
  /** Whether nothing else can be done. */
  readonly isAdvised: boolean;
}

/** The end of what nothing mends; out of the way, since most is mended. */
function WriteOff({ records, choice: { chosen }, isWrittenOff, isAdvised }: WriteOffProps): ReactNode {
  const { t } = useLanguage();
  const form = <WriteOffForm records={records} chosen={chosen} isWrittenOff={isWrittenOff} />;
  if (isWrittenOff) return <div className="advice">{form}</div>;
  return (
    <details className="write-off" open={isAdvised}>
      <summary>{t.quarantine.writeOff.open}</summary>
      <p className="hint">{t.quarantine.writeOff.hint}</p>
      {form}
    </details>
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
      search={isChosen ? {} : { reason: count.reason, ...(count.state === 'written-off' ? WRITTEN_OFF : {}) }}
      className="reason-row"
      aria-current={isChosen ? 'true' : undefined}
    >
      {text}
    </Link>
  );
}

const WRITTEN_OFF = { state: 'written-off' } as const;

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
  readonly group: WaitingGroup;
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
      {group === 'line' && mayProvision && <ProvisionForm reason={reason} records={records} before={counts} />}
      {reason === 'start-implausible' && mayAccept && <AcceptForm records={records} />}
      {group === 'line' && !mayProvision && (
        <details>
          <summary>{t.quarantine.copyLines}</summary>
          <pre>{['line,account,from', ...lines.map((line) => `${line},…,…`)].join('\n')}</pre>
        </details>
      )}
    </div>
  );
}
