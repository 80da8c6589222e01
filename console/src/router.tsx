import { createRootRoute, createRoute, createRouter, redirect } from '@tanstack/react-router';
import { CallPage } from './calls/call-page.tsx';
import { CasePage } from './case/case-page.tsx';
import { DecksPage } from './decks/decks-page.tsx';
import { HealthPage } from './health/health-page.tsx';
import { LinePage } from './lines/line-page.tsx';
import { QuarantinePage } from './quarantine/quarantine-page.tsx';
import { QueuePage } from './queue/queue-page.tsx';
import { ReportPage } from './report/report-page.tsx';
import { BrokenPage } from './shell/broken-page.tsx';
import { NotFound } from './shell/not-found.tsx';
import { Shell } from './shell/shell.tsx';
import { TeamPage } from './team/team-page.tsx';

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

/** An address that somebody has shortened by its month: that of now. */
const thisMonth = (): string => new Date().toISOString().slice(0, 7);

const cases = createRoute({
  getParentRoute: () => root,
  path: '/cases',
  beforeLoad: () => {
    throw redirect({ to: '/', replace: true });
  },
});

const caseNow = createRoute({
  getParentRoute: () => root,
  path: '/cases/$line',
  beforeLoad: ({ params: { line } }) => {
    throw redirect({ to: '/cases/$line/$period', params: { line, period: thisMonth() }, replace: true });
  },
});

const lineNow = createRoute({
  getParentRoute: () => root,
  path: '/lines/$line',
  beforeLoad: ({ params: { line } }) => {
    throw redirect({ to: '/lines/$line/$period', params: { line, period: thisMonth() }, replace: true });
  },
});

const aLine = createRoute({ getParentRoute: () => root, path: '/lines/$line/$period', component: LinePage });

const aCall = createRoute({
  getParentRoute: () => root,
  path: '/calls/$call',
  component: CallPage,
  validateSearch: (search: Readonly<Record<string, unknown>>) => optional('account', textOf(search['account'])),
});

const quarantine = createRoute({
  getParentRoute: () => root,
  path: '/quarantine',
  component: QuarantinePage,
  validateSearch: (search: Readonly<Record<string, unknown>>) => ({
    ...optional('reason', textOf(search['reason'])),
    ...optional('state', search['state'] === 'written-off' ? search['state'] : undefined),
  }),
});

const monthSearch = (search: Readonly<Record<string, unknown>>) => optional('month', textOf(search['month']));

const report = createRoute({
  getParentRoute: () => root,
  path: '/report',
  component: ReportPage,
  validateSearch: monthSearch,
});

const team = createRoute({
  getParentRoute: () => root,
  path: '/team',
  component: TeamPage,
  validateSearch: monthSearch,
});

const decks = createRoute({ getParentRoute: () => root, path: '/decks', component: DecksPage });
const health = createRoute({ getParentRoute: () => root, path: '/health', component: HealthPage });

/** A field that is there, or is not. */
function optional<Name extends string>(
  name: Name,
  value: string | undefined,
): { readonly [Key in Name]?: string | undefined } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: string | undefined };
}

export const router = createRouter({
  routeTree: root.addChildren([
    queue,
    cases,
    caseNow,
    aCase,
    lineNow,
    aLine,
    aCall,
    quarantine,
    report,
    team,
    decks,
    health,
  ]),
  defaultPreload: false,
  defaultErrorComponent: BrokenPage,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
