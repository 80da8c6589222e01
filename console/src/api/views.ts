import { type QueryClient, useQuery } from '@tanstack/react-query';
import type { NewViewBody, SavedViews } from '../../../api/index.ts';
import { preference, setPreference } from '../shell/preferences.ts';
import { ApiProblem, ask, askOnce } from './client.ts';

export type SavedView = SavedViews['views'][number];

const VIEWS = ['views'];
const LONGEST_NAME = 60;

/** One's own views, and those that the team shares. */
export function useSavedViews() {
  return useQuery({
    queryKey: VIEWS,
    queryFn: async ({ signal }) => (await ask<SavedViews>('/v1/views', { signal })).views,
    staleTime: 60_000,
  });
}

/** Keeps a view in the place of the own one of that name. */
export async function saveView(queries: QueryClient, view: NewViewBody): Promise<void> {
  await askOnce<SavedView>('/v1/views', view);
  await queries.invalidateQueries({ queryKey: VIEWS });
}

/** Forgets a view. One that is gone already is forgotten, too. */
export async function dropView(queries: QueryClient, { no }: SavedView): Promise<void> {
  try {
    await ask(`/v1/views/${no}`, { method: 'DELETE' });
  } catch (error) {
    if (!(error instanceof ApiProblem && error.problem.status === 404)) throw error;
  }
  await queries.invalidateQueries({ queryKey: VIEWS });
}

/** A view that a browser kept before the ledger kept any, and why the API did not take it. */
export interface NotTaken {
  readonly name: string;
  readonly why: Error;
}

/**
 * Has the ledger keep what this browser kept before. What cannot be sent now stays in the browser, for the next time.
 * Returns the views that the API refused.
 */
export async function takeBrowsersViews(queries: QueryClient, kept: readonly SavedView[]): Promise<NotTaken[]> {
  const own = readViews(preference('views'));
  if (own.length === 0) return [];
  // Taken out first: another tab must not send them, too.
  setPreference('views', '[]');
  const refused: NotTaken[] = [];
  const names = new Set(kept.filter(({ isOwn }) => isOwn).map(({ name }) => name));
  for (const [at, { name, filter }] of own.entries()) {
    if (kept.some((view) => view.isOwn && view.filter === filter)) continue;
    const free = freeName(name, names);
    names.add(free);
    try {
      await askOnce<SavedView>('/v1/views', { name: free, filter });
    } catch (error) {
      if (!(error instanceof ApiProblem)) {
        setPreference('views', JSON.stringify(own.slice(at)));
        break;
      }
      refused.push({ name, why: error });
    }
  }
  await queries.invalidateQueries({ queryKey: VIEWS });
  return refused;
}

/** A name that no own view has: with a number behind it where another has it. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  const short = name.trim().slice(0, LONGEST_NAME - 4);
  let free = short;
  for (let no = 2; taken.has(free); no++) free = `${short} ${no}`;
  return free;
}

function readViews(kept: string): { readonly name: string; readonly filter: string }[] {
  try {
    const read: unknown = JSON.parse(kept);
    if (!Array.isArray(read)) return [];
    return (read as { name?: unknown; filter?: unknown }[]).flatMap((view) =>
      typeof view?.name === 'string' && typeof view.filter === 'string'
        ? [{ name: view.name, filter: view.filter }]
        : [],
    );
  } catch {
    return [];
  }
}
