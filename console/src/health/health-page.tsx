import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import type { Consumers } from '../../../api/index.ts';
import { useCount } from '../api/cases.ts';
import { OPEN_CASES } from '../api/queue-path.ts';
import { ask } from '../api/client.ts';
import { type SourceCount, useReport } from '../api/pages.ts';
import { Bars } from '../charts/bars.tsx';
import { useLanguage } from '../language/language.tsx';
import { FaultNote } from '../parts/fault-note.tsx';
import { Figure } from '../parts/figure.tsx';
import { useMonth } from '../parts/month-choice.tsx';
import { useMayAsk, useZone } from '../shell/me.ts';
import { perMinute, seenToday } from './day.ts';
import { StakeChart } from './stake-chart.tsx';

const EVERY_MS = 10_000;
/** A report reads the whole month. */
const RECORDS_EVERY_MS = 30_000;

/** Whether all is well: the ledger, what came in and what became of it, who reads the feed. */
export function HealthPage(): ReactNode {
  const { t, f } = useLanguage();
  const period = useMonth(undefined);
  const report = useReport(period, RECORDS_EVERY_MS);
  const came = (report.data?.sources ?? []).reduce((sum, each) => sum + each.records, 0);
  const speed = useSpeed(came, report.dataUpdatedAt);
  const open = useCount(OPEN_CASES);
  const ready = useQuery({
    queryKey: ['ready'],
    queryFn: ({ signal }) => ask<{ readonly status: string }>('/readyz', { signal }),
    refetchInterval: EVERY_MS,
  });
  const mayReadFeed = useMayAsk('usage:read');
  const zone = useZone();
  const consumers = useQuery({
    enabled: mayReadFeed,
    queryKey: ['consumers'],
    queryFn: ({ signal }) => ask<Consumers>('/v1/consumers', { signal }),
    refetchInterval: EVERY_MS,
  });
  useEffect(() => {
    document.title = `${t.health.title} · ${t.appTitle}`;
  }, [t]);
  const waiting = (report.data?.quarantine ?? [])
    .filter(({ state }) => state === 'waiting')
    .reduce((sum, { records }) => sum + records, 0);
  const lags = (consumers.data?.consumers ?? []).flatMap(({ lag }) => lag ?? []);
  const behind = lags.length === 0 ? null : Math.max(...lags);
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t.health.title}</h1>
        <span className={ready.data === undefined ? 'chip chip-confirmed' : 'chip chip-decided'} role="status">
          <span aria-hidden="true">{ready.data === undefined ? '✕' : '✓'}</span>
          {ready.data === undefined ? t.health.notReady : t.health.ready}
        </span>
      </header>
      {report.error !== null && <FaultNote error={report.error} retry={() => void report.refetch()} />}
      <div className="figures">
        <Figure label={t.health.stake} tone="stake">
          {open.data === undefined ? '…' : f.money(open.data.atStake, open.data.currency)}
        </Figure>
        <Figure label={t.health.perMinute}>{speed === null ? '…' : f.count(Math.round(speed))}</Figure>
        <Figure label={t.health.behindMost}>{behind === null ? '–' : f.count(behind)}</Figure>
        <Figure label={t.health.waiting}>{report.data === undefined ? '…' : f.count(waiting)}</Figure>
      </div>
      {open.data !== undefined && <StakeChart seen={seenToday()} currency={open.data.currency} timeZone={zone} />}
      {report.data !== undefined && <Sources sources={report.data.sources} />}
      {mayReadFeed && (
        <section className="panel">
          <h2>{t.health.readers}</h2>
          {(consumers.data?.consumers.length ?? 0) === 0 ? (
            <p className="hint">{t.health.noReaders}</p>
          ) : (
            <table className="plain">
              <thead>
                <tr>
                  <th scope="col">{t.health.reader}</th>
                  <th scope="col">{t.health.readAt}</th>
                  <th scope="col" className="number">
                    {t.health.behind}
                  </th>
                </tr>
              </thead>
              <tbody>
                {consumers.data?.consumers.map((each) => (
                  <tr key={each.name}>
                    <th scope="row">{each.name}</th>
                    <td>{f.instant(each.reportedAt, zone)}</td>
                    <td className="number">{each.lag === null ? '–' : f.count(each.lag)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </section>
      )}
    </div>
  );
}

/** Records a minute between the last two readings of the report; `null`: there was one. */
function useSpeed(records: number, at: number): number | null {
  const [counts, setCounts] = useState({ before: null as Counted | null, now: { at, records } });
  if (at !== counts.now.at) {
    setCounts({ before: counts.now.at === 0 ? null : counts.now, now: { at, records } });
  }
  return perMinute(counts.before, counts.now);
}

interface Counted {
  readonly at: number;
  readonly records: number;
}

const OUTCOMES = ['rated', 'not-a-call', 'duplicate', 'quarantined'] as const;
const TONES = { rated: 'included', 'not-a-call': 'free', duplicate: 'free', quarantined: 'stake' } as const;

/** What became of the records of each source. */
function Sources({ sources }: { readonly sources: readonly SourceCount[] }): ReactNode {
  const { t, f } = useLanguage();
  const names = {
    rated: t.health.rated,
    'not-a-call': t.health.notCalls,
    duplicate: t.health.duplicates,
    quarantined: t.health.quarantined,
  };
  return (
    <section className="panel">
      <h2>{t.health.spread}</h2>
      {[...Map.groupBy(sources, ({ source }) => source)].map(([source, counts]) => (
        <div key={source} className="source">
          <h3>
            <code>{source}</code>
          </h3>
          <Bars
            title={source}
            bars={OUTCOMES.map((outcome) => {
              const own = counts.filter((each) => each.outcome === outcome);
              const records = own.reduce((sum, each) => sum + each.records, 0);
              return {
                key: outcome,
                label: names[outcome],
                value: records,
                text: f.count(records),
                tone: TONES[outcome],
              };
            })}
          />
        </div>
      ))}
    </section>
  );
}
