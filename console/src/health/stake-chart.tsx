import type { ReactNode } from 'react';
import { ChartFrame } from '../charts/chart-frame.tsx';
import { Plot } from '../charts/plot.tsx';
import { roundSteps } from '../charts/scale.ts';
import { useLanguage } from '../language/language.tsx';
import { useWidth } from '../parts/use-width.ts';
import type { Seen } from './day.ts';

const HEIGHT = 176;
const LEFT = 48;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 20;
const HOUR_MS = 3_600_000;

export interface StakeChartProps {
  readonly seen: readonly Seen[];
  readonly currency: string;
  readonly timeZone: string;
}

/** Money at stake over the last 24 hours, as this browser saw it. */
export function StakeChart({ seen, currency, timeZone }: StakeChartProps): ReactNode {
  const { t, f } = useLanguage();
  const time = (at: number): string => f.timeOf(new Date(at).toISOString(), timeZone);
  return (
    <ChartFrame
      title={t.health.day}
      description={t.health.dayHint}
      legend={<span>{t.health.dayHint}</span>}
      renderChart={({ labelledBy }) => <Curve seen={seen} time={time} name={labelledBy} />}
      table={
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t.case.hour}</th>
              <th scope="col" className="number">
                {t.nav.cases}
              </th>
              <th scope="col" className="number">
                {t.queue.columns.atStake}
              </th>
            </tr>
          </thead>
          <tbody>
            {seen.map(({ at, cases, atStake }) => (
              <tr key={at}>
                <th scope="row">{time(at)}</th>
                <td className="number">{f.count(cases)}</td>
                <td className="number">{f.money(atStake, currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      }
    />
  );
}

interface CurveProps {
  readonly seen: readonly Seen[];
  readonly time: (at: number) => string;
  readonly name: string;
}

function Curve({ seen, time, name }: CurveProps): ReactNode {
  const [ref, width] = useWidth(900);
  const last = seen.at(-1)?.at ?? 0;
  const from = Math.min(seen[0]?.at ?? 0, last - HOUR_MS);
  // Only the height of the curve is a float: the table has what is exact.
  const heights = seen.map(({ atStake }) => Number(atStake));
  const steps = roundSteps(Math.max(...heights, 1), 4);
  const top = steps.at(-1) ?? 1;
  const x = (at: number): number => LEFT + ((at - from) / (last - from)) * (width - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
  const path = seen.map(
    ({ at }, index) => `${index === 0 ? 'M' : 'H'}${x(at)}${index === 0 ? ' ' : 'V'}${y(heights[index]!)}`,
  );
  return (
    <div ref={ref} className="canvas">
      <Plot labelledBy={name} width={width} height={HEIGHT} left={LEFT} right={width - RIGHT} steps={steps} y={y}>
        {[from, (from + last) / 2, last].map((at, index) => (
          <text key={at} x={x(at)} y={HEIGHT - 5} className="tick" textAnchor={index === 2 ? 'end' : 'middle'}>
            {time(at)}
          </text>
        ))}
        <path className="curve curve-stake" d={path.join('')} />
        <circle cx={x(last)} cy={y(heights.at(-1) ?? 0)} r="3.5" className="curve-end" />
      </Plot>
    </div>
  );
}
