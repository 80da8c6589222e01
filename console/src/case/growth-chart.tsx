import type { ReactNode } from 'react';
import type { CasePattern, ShownCase } from '../api/cases.ts';
import { ChartFrame } from '../charts/chart-frame.tsx';
import { Plot } from '../charts/plot.tsx';
import { daysIn, roundSteps, stepPath } from '../charts/scale.ts';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { useWidth } from '../parts/use-width.ts';
import { CallsLink } from './calls-link.tsx';

const HEIGHT = 208;
const LEFT = 34;
const RIGHT = 12;
const TOP = 14;
const BOTTOM = 20;

export interface GrowthChartProps {
  readonly shown: ShownCase;
  readonly pattern: CasePattern | undefined;
}

/** Distinct numbers by day, up to the limit; the line's own months before in grey. */
export function GrowthChart({ shown, pattern }: GrowthChartProps): ReactNode {
  const { t, f } = useLanguage();
  const { days, limits, summary, period } = shown;
  const [limit] = limits;
  const crossing = limit?.crossing ?? null;
  const description = fill(t.case.growthDescription, {
    count: f.count(summary.distinctNumbers),
    limit: limit === undefined ? '' : fill(t.case.limitIs, { limit: f.count(limit.most) }),
    crossing:
      limit === undefined
        ? ''
        : crossing === null
          ? t.case.notCrossed
          : fill(t.case.crossedOn, { at: f.longDay(crossing.day) }),
  });
  const hasEarlier = (pattern?.earlier.length ?? 0) > 0;
  return (
    <ChartFrame
      className="growth"
      title={t.case.growth}
      description={description}
      renderChart={({ labelledBy }) => <Curve shown={shown} pattern={pattern} labelledBy={labelledBy} />}
      legend={
        <>
          <span className="key key-now">{f.month(period)}</span>
          <span className="key key-earlier">{hasEarlier ? t.case.earlier : t.case.noEarlier}</span>
        </>
      }
      table={
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t.case.day}</th>
              <th scope="col" className="number">
                {t.case.calls}
              </th>
              <th scope="col" className="number">
                {t.case.newNumbers}
              </th>
              <th scope="col" className="number">
                {t.case.distinct}
              </th>
            </tr>
          </thead>
          <tbody>
            {days.map(({ day, calls, newNumbers, distinctNumbers }) => (
              <tr key={day}>
                <th scope="row">{f.longDay(day)}</th>
                <td className="number">{f.count(calls)}</td>
                <td className="number">{f.count(newNumbers)}</td>
                <td className="number">{f.count(distinctNumbers)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      }
    />
  );
}

interface CurveProps extends GrowthChartProps {
  readonly labelledBy: string;
}

function Curve({ shown, pattern, labelledBy }: CurveProps): ReactNode {
  const { t, f } = useLanguage();
  const [ref, width] = useWidth(520);
  const { days, limits, period } = shown;
  const [limit] = limits;
  const last = daysIn(period);
  const earlier = pattern?.earlier ?? [];
  const most = Math.max(
    limit?.most ?? 0,
    ...days.map(({ distinctNumbers }) => distinctNumbers),
    ...earlier.flatMap((month) => month.days.map(({ distinctNumbers }) => distinctNumbers)),
  );
  const steps = roundSteps(most * 1.08, 4);
  const top = steps.at(-1) ?? 1;
  const x = (day: number): number => LEFT + ((day - 1) / (last - 1)) * (width - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
  const points = days.map(({ day, distinctNumbers }) => [Number(day.slice(8)), distinctNumbers] as const);
  const now = stepPath(points, points.at(-1)?.[0] ?? 1, x, y);
  const crossing = limit?.crossing ?? null;
  const crossedOn = crossing === null ? null : Number(crossing.day.slice(8));
  const isEarly = crossedOn !== null && crossedOn <= last / 2;
  return (
    <div ref={ref} className="canvas">
      <Plot
        role="group"
        labelledBy={labelledBy}
        width={width}
        height={HEIGHT}
        left={LEFT}
        right={width - RIGHT}
        steps={steps}
        y={y}
      >
        {[1, 8, 15, 22, last].map((day) => (
          <text key={day} x={x(day)} y={HEIGHT - 5} className="tick" textAnchor={day === last ? 'end' : 'middle'}>
            {day}
          </text>
        ))}
        {earlier.map((month) => (
          <path
            key={month.period}
            className="curve-earlier"
            d={stepPath(
              month.days
                // Of a longer month the days that this one does not have are left out.
                .filter(({ day }) => day <= last)
                .map(({ day, distinctNumbers }) => [day, distinctNumbers] as const),
              last,
              x,
              y,
            )}
          />
        ))}
        <path className="curve-area" d={`${now}V${y(0)}Z`} />
        <path className="curve" d={now} />
        {limit !== undefined && (
          <>
            <line x1={LEFT} x2={width - RIGHT} y1={y(limit.most)} y2={y(limit.most)} className="limit" />
            <text
              // Where the crossing does not have its own words.
              x={isEarly ? width - RIGHT : LEFT + 6}
              y={y(limit.most) - 5}
              className="limit-text"
              textAnchor={isEarly ? 'end' : 'start'}
            >
              {fill(t.case.limit, { limit: f.count(limit.most) })}
            </text>
          </>
        )}
        {crossing !== null && crossedOn !== null && limit !== undefined && (
          <>
            <line x1={x(crossedOn)} x2={x(crossedOn)} y1={y(limit.most)} y2={y(0)} className="crossing-line" />
            <circle cx={x(crossedOn)} cy={y(limit.most)} r="5" className="crossing" />
            <text
              // The curve rises to the right: before it and above, or below it, nothing is in the way.
              x={x(crossedOn) + (isEarly ? 9 : -9)}
              y={y(limit.most) + (isEarly ? 17 : -9)}
              className="crossing-text"
              textAnchor={isEarly ? 'start' : 'end'}
            >
              {fill(t.case.crossing, { nth: f.count(limit.most + 1) })}, {f.day(crossing.day)}
            </text>
          </>
        )}
        {days.map(({ day, calls, newNumbers, distinctNumbers }) => (
          <CallsLink
            key={day}
            calls={`day:${day}`}
            className="hit"
            label={`${f.longDay(day)}${t.common.colon}${f.count(distinctNumbers)} (+${f.count(newNumbers)}), ${f.plural(t.verdict.calls, calls)}`}
          >
            <rect
              x={x(Number(day.slice(8))) - (width - LEFT - RIGHT) / last / 2}
              y={TOP}
              width={(width - LEFT - RIGHT) / last}
              height={HEIGHT - BOTTOM - TOP}
            >
              <title>{`${f.longDay(day)}${t.common.colon}${f.count(distinctNumbers)} (+${f.count(newNumbers)})`}</title>
            </rect>
          </CallsLink>
        ))}
      </Plot>
    </div>
  );
}
