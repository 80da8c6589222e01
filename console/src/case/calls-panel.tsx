import { Link, getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import type { CasePattern } from '../api/cases.ts';
import { phoneText } from '../language/format.ts';
import { type Language, named, useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { type CallsFilter, callsOf, readCallsFilter } from './calls-filter.ts';
import { CallsTable } from './calls-table.tsx';

const route = getRouteApi('/cases/$line/$period');

export interface CallsPanelProps {
  readonly pattern: CasePattern;
  readonly currency: string;
  /** As the address has it. */
  readonly filter: string | undefined;
}

/** The rows behind every figure and every mark. */
export function CallsPanel({ pattern, currency, filter: text }: CallsPanelProps): ReactNode {
  const language = useLanguage();
  const { t, f } = language;
  const params = route.useParams();
  const { q } = route.useSearch();
  const panel = useRef<HTMLElement | null>(null);
  const filter = readCallsFilter(text);
  const calls = callsOf(pattern.calls, filter);
  useEffect(() => {
    if (text !== undefined) panel.current?.scrollIntoView({ block: 'start' });
  }, [text]);
  return (
    <section className="panel calls" id="calls" ref={panel} aria-labelledby="calls-title">
      <header className="panel-head">
        <h2 id="calls-title">{titleOf(filter, language)}</h2>
        <p className="hint" role="status">
          {f.plural(t.verdict.calls, calls.length)}
          {pattern.calls.length < pattern.callsInMonth &&
            ` · ${fill(t.case.timelineCut, { shown: f.count(pattern.calls.length), count: f.count(pattern.callsInMonth) })}`}
        </p>
        {filter.by !== 'all' && (
          <Link
            to="/cases/$line/$period"
            params={params}
            search={q === undefined ? {} : { q }}
            hash="calls"
            className="quiet"
          >
            {t.case.showAll}
          </Link>
        )}
      </header>
      <CallsTable key={text ?? ''} calls={calls} currency={currency} timeZone={pattern.timeZone} />
    </section>
  );
}

function titleOf({ by, value }: CallsFilter, { t, f }: Language): string {
  switch (by) {
    case 'all':
      return t.case.callsAll;
    case 'day':
      return fill(t.case.callsOfDay, { day: f.longDay(value) });
    case 'number':
      return fill(t.case.callsOfNumber, { number: phoneText(value) });
    case 'range': {
      const [from = '', to = ''] = value.split('-');
      return fill(t.case.callsOfRange, { from: phoneText(from), to: phoneText(to) });
    }
    case 'at-once':
      return t.case.callsAtOnce;
    case 'shortest':
      return t.case.callsShortest;
    case 'coverage':
      return named(t.case.callsOfCoverage, value);
    case 'to':
      return fill(t.case.callsOfDestination, { destination: value });
    case 'hour': {
      const [weekday = '0', hour = '0'] = value.split('-');
      return fill(t.case.callsOfHour, { weekday: f.weekday(Number(weekday), 'long'), hour });
    }
    default:
      return by satisfies never;
  }
}
