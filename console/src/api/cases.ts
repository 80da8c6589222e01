import { type InfiniteData, type QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { CaseCount, CasePage, CasePattern, ListedCase, ShownCase } from '../../../api/index.ts';
import { noteSeen } from '../health/day.ts';
import { ask } from './client.ts';
import { pathOf } from './path-of.ts';
import { OPEN_CASES, casesPath } from './queue-path.ts';

const NUMBERS = 500;
/** Each reading of cases is on record: not oftener than an analyst needs it. */
const NEWS_EVERY_MS = 60_000;

export type { CasePage, CasePattern, ListedCase, ShownCase };

/** Which case: a line and a month. */
export interface CaseId {
  readonly line: string;
  readonly period: string;
}

export function caseKey({ line, period }: CaseId): string {
  return `${line} ${period}`;
}

export function isSameCase(a: CaseId, b: CaseId): boolean {
  return a.line === b.line && a.period === b.period;
}

/** The queue: cases of a filter by money at stake, page after page. It moves only when it is told to. */
export function useCases(filter: string) {
  return useInfiniteQuery({
    queryKey: ['cases', filter],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => ask<CasePage>(casesPath(filter, undefined, pageParam), { signal }),
    getNextPageParam: ({ next }) => next,
    staleTime: Infinity,
    // Comparing each page with what it was, all of them at each page more, would stop a fast hand.
    structuralSharing: false,
  });
}

/**
 * The beginning of the queue as it is now, read again and again: what is new is announced, not put in.
 * @param first what was just read of it
 */
export function useCasesNow(filter: string, first: CasePage) {
  return useQuery({
    queryKey: ['cases-now', filter],
    queryFn: ({ signal }) => ask<CasePage>(casesPath(filter), { signal }),
    initialData: first,
    staleTime: NEWS_EVERY_MS,
    refetchInterval: NEWS_EVERY_MS,
  });
}

/** Whether there was ever a case. */
export function useHasCases() {
  return useQuery({
    queryKey: ['cases-ever'],
    queryFn: async ({ signal }) => (await ask<CasePage>(casesPath('state:all', 1), { signal })).cases.length > 0,
  });
}

/** How many cases a filter has, and what is at stake on them. @param isWanted not before there is time for it */
export function useCount(filter: string, isWanted = true) {
  return useQuery({
    enabled: isWanted,
    queryKey: ['count', filter],
    queryFn: async ({ signal }) => {
      const count = await ask<CaseCount>(pathOf('/v1/cases/count', { filter }), { signal });
      if (filter === OPEN_CASES) noteSeen(count);
      return count;
    },
    staleTime: NEWS_EVERY_MS,
  });
}

export function useCase({ line, period }: CaseId) {
  return useQuery({
    queryKey: ['case', line, period],
    queryFn: ({ signal }) => ask<ShownCase>(pathOf(`${casePath({ line, period })}`, { numbers: NUMBERS }), { signal }),
  });
}

export function usePattern({ line, period }: CaseId) {
  return useQuery({
    queryKey: ['pattern', line, period],
    queryFn: ({ signal }) => ask<CasePattern>(`${casePath({ line, period })}/pattern`, { signal }),
  });
}

export function casePath({ line, period }: CaseId): string {
  return `/v1/cases/${encodeURIComponent(line)}/${period}`;
}

/** Takes a case out of every queue that is shown. Returns what puts it back. */
export function takeOut(queries: QueryClient, id: CaseId): () => void {
  const key = caseKey(id);
  const before = queries.getQueriesData<InfiniteData<CasePage>>({ queryKey: ['cases'] });
  queries.setQueriesData<InfiniteData<CasePage>>({ queryKey: ['cases'] }, (data) =>
    data === undefined
      ? data
      : {
          ...data,
          pages: data.pages.map((page) => ({ ...page, cases: page.cases.filter((each) => caseKey(each) !== key) })),
        },
  );
  return () => {
    for (const [queryKey, data] of before) queries.setQueryData(queryKey, data);
  };
}

/** Reads the case ahead, so that it is there when it is opened. */
export function readAhead(queries: QueryClient, { line, period }: CaseId): void {
  void queries.prefetchQuery({
    queryKey: ['case', line, period],
    queryFn: ({ signal }) => ask<ShownCase>(pathOf(casePath({ line, period }), { numbers: NUMBERS }), { signal }),
  });
  void queries.prefetchQuery({
    queryKey: ['pattern', line, period],
    queryFn: ({ signal }) => ask<CasePattern>(`${casePath({ line, period })}/pattern`, { signal }),
  });
}
