import { pathOf } from './path-of.ts';

/** What is to be decided: its count is noted for the day's curve. */
export const OPEN_CASES = 'state:open';
/** What is to be decided now: what was put off comes back on its day. */
export const FIRST_FILTER = `${OPEN_CASES} snoozed:no`;
/** So many cases are read at a time. */
const PAGE = 200;

/** Where cases of a filter are read. @param after the end of the page before */
export function casesPath(filter: string, limit = PAGE, after: string | null = null): string {
  return pathOf('/v1/cases', { filter: filter === '' ? 'state:all' : filter, limit, after });
}
