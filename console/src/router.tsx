import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { CasePage } from './case/case-page.tsx';
import { QueuePage } from './queue/queue-page.tsx';
import { NotFound } from './shell/not-found.tsx';
import { Shell } from './shell/shell.tsx';

/** What an address of the queue says: everything that makes a view, so that a link shows the same. */
export interface QueueSearch {
  /** The filter. */
  readonly q?: string;
}

/** What an address of a case says. */
export interface CaseSearch extends QueueSearch {
  /** Which calls are listed: `day:2026-11-03`, `hour:2-14`, `number:+33…`, `coverage:metered`, `to:Spain`. */
  readonly calls?: string;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

function queueSearch({ q }: Readonly<Record<string, unknown>>): QueueSearch {
  const text = textOf(q);
  return text === undefined ? {} : { q: text };
}

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const queue = createRoute({ getParentRoute: () => root, path: '/', component: QueuePage, validateSearch: queueSearch });

const aCase = createRoute({
  getParentRoute: () => root,
  path: '/cases/$line/$period',
  component: CasePage,
  validateSearch: (search: Readonly<Record<string, unknown>>): CaseSearch => {
    const calls = textOf(search['calls']);
    return { ...queueSearch(search), ...(calls === undefined ? {} : { calls }) };
  },
});

export const router = createRouter({ routeTree: root.addChildren([queue, aCase]), defaultPreload: false });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
