import { Link, getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';

const route = getRouteApi('/cases/$line/$period');

export interface CallsLinkProps {
  /** Which calls: `day:2026-11-03`. */
  readonly calls: string;
  readonly children: ReactNode;
  readonly className?: string;
  readonly label?: string;
}

/** Leads from a figure to the calls that it is made of. */
export function CallsLink({ calls, children, className = 'figure', label }: CallsLinkProps): ReactNode {
  const { line, period } = route.useParams();
  const { q } = route.useSearch();
  return (
    <Link
      to="/cases/$line/$period"
      params={{ line, period }}
      search={{ ...(q === undefined ? {} : { q }), calls }}
      hash="calls"
      className={className}
      {...(label === undefined ? {} : { 'aria-label': label })}
    >
      {children}
    </Link>
  );
}
