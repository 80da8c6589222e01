import { useRouter } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from 'react';

export interface PlainLinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  /** Of a page of the console: `addressOf` makes one. */
  readonly href: string;
  readonly children: ReactNode;
}

/**
 * A link that costs nothing until it is pressed. The router's own links look at each step that the router takes: too
 * many for pages with hundreds of them, one for each mark of a chart.
 */
export function PlainLink({ href, children, ...rest }: PlainLinkProps): ReactNode {
  const router = useRouter();
  const go = (event: MouseEvent): void => {
    const isForBrowser = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (event.defaultPrevented || isForBrowser) return;
    event.preventDefault();
    void router.navigate({ href });
  };
  return (
    <a {...rest} href={href} onClick={go}>
      {children}
    </a>
  );
}

/** The address of a page, as the router writes it. */
export function addressOf(path: string, search: Readonly<Record<string, string | undefined>>, hash = ''): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined) query.set(name, isJson(value) ? JSON.stringify(value) : value);
  }
  const text = query.toString();
  return `${path}${text === '' ? '' : `?${text}`}${hash === '' ? '' : `#${hash}`}`;
}

/** The router reads what is JSON as JSON: a text that looks like it is quoted. */
function isJson(text: string): boolean {
  // Throwing is dear, and a chart has hundreds of links: nearly all texts are told by their first letter.
  if (!/^(?:[\s"[{\d-]|true$|false$|null$)/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The address of a case, opened from a filter. */
export function caseAddress(line: string, period: string, q: string | undefined, calls?: string): string {
  const path = `/cases/${encodeURIComponent(line)}/${period}`;
  return addressOf(path, { q, calls }, calls === undefined ? '' : 'calls');
}
