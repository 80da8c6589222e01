import type { ReactNode } from 'react';
import { useLanguage } from '../language/language.tsx';

export interface PlotProps {
  /** `img`, or `group` where parts of it can be followed. */
  readonly role?: 'img' | 'group';
  readonly labelledBy: string;
  readonly width: number;
  readonly height: number;
  /** Where lines of the grid begin and end. */
  readonly left: number;
  readonly right: number;
  /** The values that have a line, and where a value stands. */
  readonly steps: readonly number[];
  readonly y: (value: number) => number;
  readonly children: ReactNode;
}

/** The plane of a chart, with a line of its grid and a figure for each step. */
export function Plot({
  role = 'img',
  labelledBy,
  width,
  height,
  left,
  right,
  steps,
  y,
  children,
}: PlotProps): ReactNode {
  const { f } = useLanguage();
  return (
    <svg
      role={role}
      aria-labelledby={labelledBy}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      className="plot"
    >
      {steps.map((step) => (
        <g key={step}>
          <line x1={left} x2={right} y1={y(step)} y2={y(step)} className="grid" />
          <text x={left - 6} y={y(step) + 4} className="tick" textAnchor="end">
            {f.count(step)}
          </text>
        </g>
      ))}
      {children}
    </svg>
  );
}
