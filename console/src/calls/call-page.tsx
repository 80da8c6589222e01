import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { ask } from '../api/client.ts';
import { pathOf } from '../api/path-of.ts';
import { phoneText } from '../language/format.ts';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { named, useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { CoverageMark } from '../parts/coverage-mark.tsx';
import { FaultNote } from '../parts/fault-note.tsx';
import type { ExplainedCall, ExplainedCalls } from './explained-call.ts';

const route = getRouteApi('/calls/$call');

/** A call explained: step by step from its record to its charge, with every entry. */
export function CallPage(): ReactNode {
  const { t } = useLanguage();
  const { call } = route.useParams();
  const { account } = route.useSearch();
  const asked = useQuery({
    queryKey: ['call', call, account ?? null],
    queryFn: ({ signal }) =>
      ask<ExplainedCalls>(pathOf(`/v1/calls/${encodeURIComponent(call)}`, { account }), { signal }),
  });
  useEffect(() => {
    document.title = `${fill(t.call.title, { call })} · ${t.appTitle}`;
  }, [t, call]);
  const found = asked.data;
  return (
    <div className="page">
      <header className="page-head">
        <h1>{fill(t.call.title, { call })}</h1>
      </header>
      {asked.error !== null && <FaultNote error={asked.error} retry={() => void asked.refetch()} />}
      {asked.isPending && <p className="loading">{t.common.loading}</p>}
      {found?.calls.length === 0 && <p className="lead">{t.call.none}</p>}
      {found?.calls.map((each) => (
        <OneCall key={`${each.account} ${each.period}`} each={each} timeZone={found.timeZone} />
      ))}
      {found !== undefined && <OtherRecords records={found.quarantine} />}
      {found !== undefined && found.legs.length > 0 && (
        <section className="panel">
          <h2>{t.call.legs}</h2>
          {found.legs.map((leg) => (
            <pre key={JSON.stringify(leg).slice(0, 200)}>{JSON.stringify(leg, null, 2)}</pre>
          ))}
        </section>
      )}
    </div>
  );
}

/** What waits may change the charge; what is settled, replaced by a later record for example, changes nothing. */
function OtherRecords({ records }: { readonly records: ExplainedCalls['quarantine'] }): ReactNode {
  const { t } = useLanguage();
  const isWaiting = ({ state }: (typeof records)[number]): boolean => state === 'waiting';
  const lists = [
    { title: t.call.waiting, of: records.filter(isWaiting) },
    { title: t.call.settled, of: records.filter((record) => !isWaiting(record)) },
  ];
  return lists
    .filter(({ of }) => of.length > 0)
    .map(({ title, of }) => (
      <section className="panel" key={title}>
        <h2>{title}</h2>
        <ul>
          {of.map((record) => (
            <li key={record.no}>
              {isWaiting(record) ? (
                <Link to="/quarantine" search={{ reason: record.reason }}>
                  {named(t.reasons, record.reason)}
                </Link>
              ) : (
                `${named(t.reasons, record.reason)}${record.state === 'written-off' ? ` (${t.settled['written-off']})` : ''}`
              )}
              : {record.detail}
            </li>
          ))}
        </ul>
      </section>
    ));
}

function OneCall({ each, timeZone }: { readonly each: ExplainedCall; readonly timeZone: string }): ReactNode {
  const { t, f, code } = useLanguage();
  const { number, price, hold, currency } = each;
  const prefix = each.prefixes.find(({ wins }) => wins)?.prefix;
  return (
    <>
      <section className="panel">
        <h2>{t.call.steps}</h2>
        <ol className="steps">
          <Step name={t.call.record}>
            {f.instant(each.startedAt, timeZone)}, {f.duration(Math.ceil(each.durationMs / 1000))},{' '}
            <code>{each.switch}</code>
            <details>
              <summary>{t.call.record}</summary>
              <pre>{JSON.stringify(each.record, null, 2)}</pre>
            </details>
          </Step>
          <Step name={t.call.owner}>
            <Link to="/lines/$line/$period" params={{ line: each.line, period: each.period }}>
              {each.line}
            </Link>{' '}
            <span className="hint">
              {each.account}
              {code === 'en' && `, ${each.owner}`}
            </span>
          </Step>
          <Step name={t.call.number}>
            {fill(t.call.dialled, { dialled: number.dialled, number: phoneText(number.called ?? '') })}
          </Step>
          <Step name={t.call.destination}>
            {each.destination}{' '}
            {prefix !== undefined && <span className="hint">{fill(t.call.prefix, { prefix: `+${prefix}` })}</span>}
          </Step>
          {price !== null && (
            <Step name={t.call.price}>
              {fill(t.call.priced, {
                deck: price.deck.split('@', 1)[0] ?? price.deck,
                key: price.key,
                billed: f.duration(price.billedSeconds),
                seconds: f.duration(price.seconds),
                price: f.money(price.stretches[0]?.pricePerMinute ?? '0', currency),
              })}{' '}
              = <strong>{f.money(price.charge, currency)}</strong>
            </Step>
          )}
          <Step name={t.call.coverage}>
            {each.coverage !== null && <CoverageMark coverage={each.coverage} />}{' '}
            {hold === null
              ? fill(t.call.because, { reason: named({ ...t.call.reasons, ...t.condition }, each.reason) })
              : fill(t.call.held, { condition: named(t.condition, hold.condition), month: f.month(hold.period) })}
          </Step>
          <Step name={t.call.charge}>
            <strong className="charged">{f.money(each.charge, currency)}</strong>
          </Step>
        </ol>
      </section>
      <section className="panel">
        <h2>{t.call.entries}</h2>
        <ScrollBox label={t.call.entries}>
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{t.call.position}</th>
                <th scope="col">{t.call.kind}</th>
                <th scope="col">{t.call.coverage}</th>
                <th scope="col">{t.call.reason}</th>
                <th scope="col">{t.call.billed}</th>
                <th scope="col">{t.call.deck}</th>
                <th scope="col" className="number">
                  {t.call.charge}
                </th>
              </tr>
            </thead>
            <tbody>
              {each.entries.map((entry) => (
                <tr key={entry.position}>
                  <td>
                    <code className="id">{entry.position}</code>
                  </td>
                  <td>{named(t.call.kinds, entry.kind)}</td>
                  <td>
                    {entry.coverageBefore !== null && (
                      <>
                        <CoverageMark coverage={entry.coverageBefore} /> →{' '}
                      </>
                    )}
                    {entry.coverage !== null && <CoverageMark coverage={entry.coverage} />}
                  </td>
                  <td>{named({ ...t.call.reasons, ...t.condition }, entry.reason)}</td>
                  <td>{f.month(entry.billedPeriod)}</td>
                  <td>
                    <code className="id">{entry.rateDeck}</code>
                  </td>
                  <td className="number">{f.signedMoney(entry.charge, currency)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      </section>
    </>
  );
}

function Step({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <li>
      <span className="step-name">{name}</span>
      <div>{children}</div>
    </li>
  );
}
