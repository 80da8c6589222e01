import type { ReactNode } from 'react';

export interface FigureProps {
  readonly label: string;
  readonly children: ReactNode;
  readonly tone?: 'stake' | 'charged' | 'plain';
}

/** One figure with its name. */
export function Figure({ label, children, tone = 'plain' }: FigureProps): ReactNode {
  return (
    <div className={`figure-box tone-${tone}`}>
      <span className="figure-label">{label}</span>
      <strong>{children}</strong>
    </div>
  );
}
