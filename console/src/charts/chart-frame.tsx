import { type ReactNode, useId, useState } from 'react';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';

export interface ChartFrameProps {
  readonly title: string;
  /** What the chart shows, for who does not see it. */
  readonly description: string;
  readonly renderChart: (ids: { readonly labelledBy: string }) => ReactNode;
  /** The same figures as a table. */
  readonly table: ReactNode;
  /** Beside the title: what is shown. */
  readonly controls?: ReactNode;
  readonly legend?: ReactNode;
  readonly className?: string;
  /** What links within the page lead to. */
  readonly anchor?: string;
}

/** A chart with its twin: the same figures as a table, at the press of a button. */
export function ChartFrame(props: ChartFrameProps): ReactNode {
  const { title, description, renderChart, table, controls, legend, className = '', anchor } = props;
  const { t } = useLanguage();
  const [isTable, setIsTable] = useState(false);
  const id = useId();
  const say = isTable ? t.common.showChart : t.common.showTable;
  return (
    <section id={anchor} className={`panel chart ${className}`} aria-labelledby={`${id}-title`}>
      <header className="panel-head">
        <h2 id={`${id}-title`}>{title}</h2>
        <div className="panel-controls">
          {controls}
          <button
            type="button"
            className="quiet"
            aria-label={fill(say, { title })}
            onClick={() => setIsTable(!isTable)}
          >
            {isTable ? t.common.chart : t.common.table}
          </button>
        </div>
      </header>
      <p id={`${id}-text`} className="unseen">
        {description}
      </p>
      {isTable ? (
        // A region that scrolls must be within reach of the keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="twin" role="region" aria-label={title} tabIndex={0}>
          {table}
        </div>
      ) : (
        <>
          {renderChart({ labelledBy: `${id}-title ${id}-text` })}
          {legend !== undefined && <div className="legend">{legend}</div>}
        </>
      )}
    </section>
  );
}
