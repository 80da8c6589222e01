import { type ReactNode, useState } from 'react';
import type { CasePattern } from '../api/cases.ts';
import { ChartFrame } from '../charts/chart-frame.tsx';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { useWidth } from '../parts/use-width.ts';
import { CallsLink } from './calls-link.tsx';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const DAYS = Array.from({ length: 7 }, (_, day) => day);
const LEFT = 36;
const TOP = 4;
const ROW = 25;
const HEIGHT = TOP + 7 * ROW + 18;

type Mode = 'now' | 'usual' | 'difference';

/** Hours of the week: this month, the line's months before, or what differs. */
export function HeatMap({ pattern }: { readonly pattern: CasePattern }): ReactNode {
  const { t, f } = useLanguage();
  const [mode, setMode] = useState<Mode>('now');
  const cells = cellsOf(pattern, mode);
  const peak = pattern.week.toSorted((a, b) => b.calls - a.calls)[0];
  const modes: readonly (readonly [Mode, string])[] =
    pattern.usualMonths === 0
      ? []
      : [
          ['now', t.case.thisMonth],
          ['usual', t.case.usual],
          ['difference', t.case.difference],
        ];
  return (
    <ChartFrame
      className="heat"
      anchor="hours"
      title={t.case.heat}
      description={fill(t.case.heatDescription, {
        calls: f.count(pattern.callsInMonth),
        peak: peak === undefined ? '' : `${f.weekday(peak.weekday, 'long')} ${peak.hour} h (${f.count(peak.calls)})`,
      })}
      controls={
        modes.length > 0 && (
          <div className="switch" role="group" aria-label={t.case.heatMode}>
            {modes.map(([each, text]) => (
              <button key={each} type="button" aria-pressed={each === mode} onClick={() => setMode(each)}>
                {text}
              </button>
            ))}
          </div>
        )
      }
      renderChart={({ labelledBy }) => <Grid cells={cells} mode={mode} labelledBy={labelledBy} />}
      table={
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t.case.hour}</th>
              {DAYS.map((day) => (
                <th key={day} scope="col" className="number">
                  {f.weekday(day, 'short')}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {HOURS.map((hour) => (
              <tr key={hour}>
                <th scope="row">{hour} h</th>
                {DAYS.map((day) => (
                  <td key={day} className="number">
                    {f.count(cells[day * 24 + hour] ?? 0)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      }
    />
  );
}

/** Calls of each hour of the week: 7 times 24, Monday first. */
function cellsOf({ week, usualWeek, usualMonths }: CasePattern, mode: Mode): number[] {
  const now = spread(week);
  const usual = spread(usualWeek).map((calls) => Math.round((calls / Math.max(1, usualMonths)) * 10) / 10);
  if (mode === 'now') return now;
  return mode === 'usual' ? usual : now.map((calls, index) => Math.round((calls - (usual[index] ?? 0)) * 10) / 10);
}

function spread(week: CasePattern['week']): number[] {
  const cells = Array.from({ length: 168 }, () => 0);
  for (const { weekday, hour, calls } of week) cells[weekday * 24 + hour] = calls;
  return cells;
}

interface GridProps {
  readonly cells: readonly number[];
  readonly mode: Mode;
  readonly labelledBy: string;
}

function Grid({ cells, mode, labelledBy }: GridProps): ReactNode {
  const { t, f } = useLanguage();
  const [ref, width] = useWidth(420);
  const step = (width - LEFT) / 24;
  const most = Math.max(1, ...cells.map(Math.abs));
  return (
    <div ref={ref} className="canvas">
      <svg
        role="group"
        aria-labelledby={labelledBy}
        width={width}
        height={HEIGHT}
        viewBox={`0 0 ${width} ${HEIGHT}`}
        className="plot"
      >
        {DAYS.map((day) => (
          <text key={day} x={LEFT - 6} y={TOP + day * ROW + 17} className="tick" textAnchor="end">
            {f.weekday(day, 'short').replace('.', '')}
          </text>
        ))}
        {[0, 6, 12, 18].map((hour) => (
          <text key={hour} x={LEFT + hour * step + 1} y={HEIGHT - 4} className="tick">
            {hour} h
          </text>
        ))}
        <path
          className="cell cell-none"
          d={cells
            .map((_, index) => {
              const at = `${LEFT + (index % 24) * step + 0.5} ${TOP + Math.floor(index / 24) * ROW}`;
              return `M${at}h${step - 1.5}v${ROW - 2}h${1.5 - step}z`;
            })
            .join('')}
        />
        {cells.map((calls, index) => {
          if (calls === 0) return null;
          const weekday = Math.floor(index / 24);
          const hour = index % 24;
          const place = { x: LEFT + hour * step + 0.5, y: TOP + weekday * ROW, width: step - 1.5, height: ROW - 2 };
          const key = `${weekday}-${hour}`;
          const label = `${f.weekday(weekday, 'long')} ${hour} h${t.common.colon}${f.plural(t.verdict.calls, calls)}`;
          const cell = (
            <rect
              {...place}
              className={`cell ${mode === 'difference' && calls < 0 ? 'cell-less' : 'cell-more'}`}
              rx="2"
              style={{ fillOpacity: 0.14 + 0.86 * (Math.abs(calls) / most) }}
            >
              <title>{label}</title>
            </rect>
          );
          return mode === 'usual' ? (
            <g key={key}>{cell}</g>
          ) : (
            <CallsLink key={key} calls={`hour:${key}`} className="hit-cell" label={label}>
              {cell}
            </CallsLink>
          );
        })}
      </svg>
    </div>
  );
}
