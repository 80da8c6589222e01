import type { ReactNode } from 'react';
import { named, useLanguage } from '../language/language.tsx';

/** Coverage by shape as well as by colour: a ring, a disc, a cross. */
export function CoverageMark({ coverage }: { readonly coverage: string }): ReactNode {
  const { t } = useLanguage();
  return (
    <span className={`coverage coverage-${coverage}`}>
      <svg className="mark" width="10" height="10" viewBox="-5 -5 10 10" aria-hidden="true">
        {shapeOf(coverage)}
      </svg>
      {named(t.coverage, coverage)}
    </span>
  );
}

function shapeOf(coverage: string): ReactNode {
  if (coverage === 'metered') return <circle r="4" className="fill" />;
  if (coverage === 'included') return <circle r="3.25" className="ring" />;
  return <path d="M-3-3 3 3M3-3-3 3" className="ring" />;
}
