import { useNavigate } from '@tanstack/react-router';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import type { CasePattern } from '../api/cases.ts';
import { ChartFrame } from '../charts/chart-frame.tsx';
import { daysIn } from '../charts/scale.ts';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { CoverageMark } from '../parts/coverage-mark.tsx';
import { useWidth } from '../parts/use-width.ts';
import { CallsTable } from './calls-table.tsx';

const HEIGHT = 168;
const LEFT = 36;
const RIGHT = 8;
const TOP = 6;
const BOTTOM = 20;
const route = getRouteApi('/cases/$line/$period');

type Call = CasePattern['calls'][number];

/** Every call a mark: the day across, the hour down; its shape says how it is covered. */
export function Timeline({
  pattern,
  currency,
}: {
  readonly pattern: CasePattern;
  readonly currency: string;
}): ReactNode {
  const { t, f } = useLanguage();
  const { calls, callsInMonth } = pattern;
  const present = ['included', 'metered', 'free'].filter((coverage) =>
    calls.some((call) => call.coverage === coverage),
  );
  return (
    <ChartFrame
      className="timeline"
      title={t.case.timeline}
      description={fill(t.case.timelineDescription, { calls: f.count(callsInMonth) })}
      renderChart={({ labelledBy }) => <Marks pattern={pattern} labelledBy={labelledBy} />}
      legend={
        <>
          {present.map((coverage) => (
            <CoverageMark key={coverage} coverage={coverage} />
          ))}
          {calls.some(({ isForwarded }) => isForwarded) && (
            <span className="key key-forwarded">{t.case.forwarded}</span>
          )}
          {calls.some(({ isForeign }) => isForeign) && <span className="key key-foreign">{t.case.foreign}</span>}
          {calls.length < callsInMonth && (
            <span>{fill(t.case.timelineCut, { shown: f.count(calls.length), count: f.count(callsInMonth) })}</span>
          )}
        </>
      }
      table={<CallsTable calls={calls} currency={currency} timeZone={pattern.timeZone} />}
    />
  );
}

function Marks({ pattern, labelledBy }: { readonly pattern: CasePattern; readonly labelledBy: string }): ReactNode {
  const { f } = useLanguage();
  const [ref, width] = useWidth(900);
  const search = route.useSearch();
  const params = route.useParams();
  const navigate = useNavigate();
  const last = daysIn(pattern.period);
  const x = (day: number, minute: number): number => LEFT + ((day - 1 + minute / 1440) / last) * (width - LEFT - RIGHT);
  const y = (minute: number): number => TOP + (minute / 1440) * (HEIGHT - TOP - BOTTOM);
  const marks = useMemo(() => pattern.calls.map((call) => ({ call, day: Number(call.day.slice(8)) })), [pattern]);
  const showDay = (day: string): void => {
    const { q } = search;
    void navigate({
      to: '/cases/$line/$period',
      params,
      search: { ...(q === undefined ? {} : { q }), calls: `day:${day}` },
      hash: 'calls',
    });
  };
  return (
    <div ref={ref} className="canvas">
      {/* A pointer's short cut: the table twin and the list of calls are the keyboard's way. */}
      <svg
        role="img"
        aria-labelledby={labelledBy}
        width={width}
        height={HEIGHT}
        viewBox={`0 0 ${width} ${HEIGHT}`}
        className="plot"
      >
        <rect x={LEFT} y={y(22 * 60)} width={width - LEFT - RIGHT} height={y(1440) - y(22 * 60)} className="night" />
        <rect x={LEFT} y={y(0)} width={width - LEFT - RIGHT} height={y(7 * 60) - y(0)} className="night" />
        {[0, 6, 12, 18, 24].map((hour) => (
          <g key={hour}>
            <line x1={LEFT} x2={width - RIGHT} y1={y(hour * 60)} y2={y(hour * 60)} className="grid" />
            <text x={LEFT - 6} y={y(hour * 60) + 4} className="tick" textAnchor="end">
              {hour} h
            </text>
          </g>
        ))}
        {Array.from({ length: last }, (_, index) => index + 1).map((day) => (
          <text key={day} x={x(day, 720)} y={HEIGHT - 5} className="tick" textAnchor="middle">
            {day % 2 === 1 || width > 700 ? day : ''}
          </text>
        ))}
        {marks.map(({ call, day }) => (
          <Mark
            key={`${call.callId} ${call.startedAt}`}
            call={call}
            x={x(day, call.minute)}
            y={y(call.minute)}
            title={`${f.timeOf(call.startedAt, pattern.timeZone)} · ${call.destination}`}
            show={() => showDay(call.day)}
          />
        ))}
      </svg>
    </div>
  );
}

interface MarkProps {
  readonly call: Call;
  readonly x: number;
  readonly y: number;
  readonly title: string;
  readonly show: () => void;
}

function Mark({ call, x, y, title, show }: MarkProps): ReactNode {
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions
    <g className={`call call-${call.coverage}`} onClick={show}>
      <title>{title}</title>
      {call.isForeign ? (
        <path d={`M${x} ${y - 4.5}l4.5 4.5-4.5 4.5-4.5-4.5z`} />
      ) : call.coverage === 'free' ? (
        <path d={`M${x - 2.5} ${y - 2.5}l5 5m0-5l-5 5`} />
      ) : (
        <circle cx={x} cy={y} r={call.coverage === 'metered' ? 2.6 : 2.4} />
      )}
      {call.isForwarded && <circle cx={x} cy={y} r="5" className="ring" />}
    </g>
  );
}
