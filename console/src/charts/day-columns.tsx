import type { ReactNode } from 'react';
import { useLanguage } from '../language/language.tsx';
import { useWidth } from '../parts/use-width.ts';
import { ChartFrame } from './chart-frame.tsx';
import { Plot } from './plot.tsx';
import { daysIn, roundSteps } from './scale.ts';

export interface DayColumnsProps {
  readonly title: string;
  readonly period: string;
  readonly days: readonly { readonly day: string; readonly charge: string; readonly calls: number }[];
  readonly currency: string;
}

const HEIGHT = 272;
const LEFT = 48;
const BOTTOM = 20;
const TOP = 10;

/** Money by the day of a month. */
export function DayColumns({ title, period, days, currency }: DayColumnsProps): ReactNode {
  const { t, f } = useLanguage();
  return (
    <ChartFrame
      title={title}
      description={`${f.month(period)}`}
      renderChart={({ labelledBy }) => <Columns days={days} period={period} currency={currency} name={labelledBy} />}
      table={
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t.case.day}</th>
              <th scope="col" className="number">
                {t.case.calls}
              </th>
              <th scope="col" className="number">
                {t.case.charge}
              </th>
            </tr>
          </thead>
          <tbody>
            {days.map(({ day, calls, charge }) => (
              <tr key={day}>
                <th scope="row">{f.longDay(day)}</th>
                <td className="number">{f.count(calls)}</td>
                <td className="number">{f.money(charge, currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      }
    />
  );
}

interface ColumnsProps extends Omit<DayColumnsProps, 'title'> {
  readonly name: string;
}

function Columns({ days, period, currency, name }: ColumnsProps): ReactNode {
  const { f } = useLanguage();
  const [ref, width] = useWidth(600);
  const last = daysIn(period);
  // Only the height of a column is a float: what is written beside it is exact.
  const heights = days.map(({ charge }) => Number(charge));
  const steps = roundSteps(Math.max(...heights, 1), 4);
  const top = steps.at(-1) ?? 1;
  const step = (width - LEFT) / last;
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
  return (
    <div ref={ref} className="canvas">
      <Plot labelledBy={name} width={width} height={HEIGHT} left={LEFT} right={width} steps={steps} y={y}>
        {days.map(({ day, charge }, index) => {
          const at = Number(day.slice(8));
          const value = heights[index] ?? 0;
          return (
            <rect
              key={day}
              x={LEFT + (at - 1) * step + 1.5}
              y={y(Math.max(0, value))}
              width={Math.max(1, step - 3)}
              height={Math.max(0, y(0) - y(Math.max(0, value)))}
              className="column"
              rx="1.5"
            >
              <title>{`${f.longDay(day)} : ${f.money(charge, currency)}`}</title>
            </rect>
          );
        })}
        {[1, 8, 15, 22, last].map((day) => (
          <text key={day} x={LEFT + (day - 0.5) * step} y={HEIGHT - 5} className="tick" textAnchor="middle">
            {day}
          </text>
        ))}
      </Plot>
    </div>
  );
}
