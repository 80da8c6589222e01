import { type ReactNode, createContext, useContext } from 'react';
import { PlainLink, caseAddress } from '../parts/plain-link.tsx';

/** The case whose calls are meant, and the filter that it was opened from. */
export interface CallsPlace {
  readonly line: string;
  readonly period: string;
  readonly q: string | undefined;
}

const CallsPlaceContext = createContext<CallsPlace | null>(null);

/** Says whose calls the links within lead to. */
export const CallsOf = CallsPlaceContext.Provider;

export interface CallsLinkProps {
  /** Which calls: `day:2026-11-03`. */
  readonly calls: string;
  readonly children: ReactNode;
  readonly className?: string;
  readonly label?: string;
}

/** Leads from a figure to the calls that it is made of. */
export function CallsLink({ calls, children, className = 'figure', label }: CallsLinkProps): ReactNode {
  const place = useContext(CallsPlaceContext);
  if (place === null) throw new Error('Cannot lead to calls: nobody says of which case');
  return (
    <PlainLink
      href={caseAddress(place.line, place.period, place.q, calls)}
      className={className}
      {...(label === undefined ? {} : { 'aria-label': label })}
    >
      {children}
    </PlainLink>
  );
}
